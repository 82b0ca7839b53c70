"""The statements that insert changesets and changes.

Built once: to build and compare a statement costs each save as much as the database does.
"""

from typing import Any

import sqlalchemy as sa

from backoffice.history.encoding import Values
from backoffice.models.tables import changes, changesets

INSERT_CHANGES = sa.insert(changes)


def insert_changeset(connection: sa.Connection, changeset: Values) -> int:
    """Insert a changeset; returns its id."""
    is_postgresql = connection.dialect.name == "postgresql"
    insert = _INSERT_WITH_TRANSACTION if is_postgresql else _INSERT_CHANGESET
    result = connection.execute(insert, changeset)
    (key,) = result.inserted_primary_key or (None,)
    assert isinstance(key, int)
    return key


def insert_with_change(connection: sa.Connection, changeset: Values, change: Values) -> int:
    """Insert a changeset and its first change; returns the id of the changeset.

    ``change``: the row without ``changeset_id``. PostgreSQL takes both in one statement: a save has
    a round trip less.
    """
    if connection.dialect.name == "postgresql":
        named = {f"{_OF_CHANGE}{name}": value for name, value in change.items()}
        return int(connection.execute(_INSERT_BOTH, changeset | named).scalar_one())
    key = insert_changeset(connection, changeset)
    connection.execute(INSERT_CHANGES, change | {"changeset_id": key})
    return key


_OF_CHANGE = "change_"
"""Before the names of a change's values: the changeset may have some of the same names."""

_TRANSACTION: dict[str, Any] = {
    "transaction": sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger)
}
_INSERT_CHANGESET = sa.insert(changesets)
_INSERT_WITH_TRANSACTION = _INSERT_CHANGESET.values(_TRANSACTION)


def _insert_both() -> sa.sql.dml.ReturningInsert[Any]:
    given: dict[str, Any] = {
        column.name: sa.bindparam(column.name, type_=column.type)
        for column in changesets.columns
        if column.name not in ("id", *_TRANSACTION)
    }
    inserted = _INSERT_CHANGESET.values(given | _TRANSACTION).returning(changesets.c.id)
    changeset = inserted.cte("changeset")
    own = [column for column in changes.columns if column.name not in ("id", "changeset_id")]
    values = [sa.bindparam(_OF_CHANGE + column.name, type_=column.type) for column in own]
    statement = sa.insert(changes).from_select(
        [changes.c.changeset_id, *own], sa.select(changeset.c.id, *values)
    )
    return statement.returning(changes.c.changeset_id)


_INSERT_BOTH = _insert_both()
