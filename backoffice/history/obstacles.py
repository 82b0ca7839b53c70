"""Why a change cannot be taken back: conditions in SQL over the changes and the live records.

Each is asked of ``with_live``: the changes, each joined with the record as it is now, if it is.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history.audited import audited_mappers, columns_of, key_column, key_of, table_of
from backoffice.history.encoding import is_secret, sql_decode
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]

Obstacle = tuple[str, Any]
"""Why a change cannot be taken back, and the condition that tells it."""


def with_live(mapper: Mapper[Any]) -> Any:
    """The changes with the record of each, NULL where there is none."""
    return changes.outerjoin(table_of(mapper), is_record(mapper, changes))


def is_record(mapper: Mapper[Any], source: Any) -> Any:
    """The condition that a live row is the record of a change."""
    return key_column(mapper) == key_of(mapper, source)


def revertible(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The fields that an undo sets back: all but the key, the version and secrets."""
    key = key_column(mapper)
    return {
        name: column
        for name, column in columns_of(mapper).items()
        if column is not key and name != "version" and not is_secret(column)
    }


def has_field(dialect: str, values: Any, name: str) -> Any:
    """Whether a change's values hold the field ``name`` (NULL or not)."""
    if dialect == "postgresql":
        return sa.func.jsonb_exists(values, name)
    if dialect in MYSQL:
        return sa.func.json_contains_path(values, "one", f"$.{name}") == 1
    return sa.func.json_type(values, f"$.{name}").is_not(None)


def holds(dialect: str, column: Any, of: sa.Column[Any], values: Any, name: str) -> Any:
    """Whether a column, a live row's ``of``, holds what a change says of the field ``name``."""
    return column.is_not_distinct_from(sql_decode(dialect, of, values, name))


def none_of(obstacles: Iterable[Obstacle]) -> Any:
    """The condition that nothing stands in the way."""
    return sa.not_(sa.or_(sa.false(), *(condition for _why, condition in obstacles)))


# Restoring ------------------------------------------------------------------------------


def obstacles_to_restore(
    dialect: str, mapper: Mapper[Any], changeset_id: int | None
) -> list[Obstacle]:
    """Why deleted records cannot come back: they did, a name is taken, a parent is gone.

    ``changeset_id``: the changeset that is to be undone as a whole, so that what else it did is no
    obstacle; None to ask what holds at this very moment.
    """
    found = [("it exists again", key_column(mapper).is_not(None))]
    for columns in _unique(mapper):
        wanted = {
            name: sql_decode(dialect, column, changes.c.before, name)
            for name, column in columns.items()
        }
        found.append((_taken(columns), _is_taken(dialect, mapper, columns, wanted, changeset_id)))
    for name, key in _foreign_keys(mapper):
        wanted_key = sql_decode(dialect, key.parent, changes.c.before, name)
        gone = _is_gone(key, wanted_key)
        parent = audited_mappers().get(key.column.table.name)
        if parent is not None and changeset_id is not None:
            gone = sa.and_(gone, ~_comes_back(dialect, parent, changeset_id, wanted_key))
        found.append((_gone(name), gone))
    return found


def _comes_back(dialect: str, parent: Mapper[Any], changeset_id: int, wanted: Any) -> Any:
    """Whether the parent was deleted by the same changeset, and no name of it is taken."""
    its = changes.alias("its")
    free = [
        ~_is_taken(
            dialect,
            parent,
            columns,
            {
                name: sql_decode(dialect, column, its.c.before, name)
                for name, column in columns.items()
            },
            changeset_id,
            its,
        )
        for columns in _unique(parent)
    ]
    mine = sa.and_(
        its.c.changeset_id == changeset_id,
        its.c.model == table_of(parent).name,
        its.c.operation == "delete",
        its.c.record_id == sa.cast(wanted, sa.String(64)),
    )
    return sa.exists().where(mine, *free).correlate(changes)


# Setting back ---------------------------------------------------------------------------


def obstacles_to_set_back(mapper: Mapper[Any]) -> list[Obstacle]:
    """Why updates cannot be taken back: the record is gone."""
    return [("it was deleted meanwhile", key_column(mapper).is_(None))]


def obstacles_to_field(
    dialect: str, mapper: Mapper[Any], field: str, changeset_id: int | None
) -> list[Obstacle]:
    """Why one field of an update cannot go back. ``changeset_id`` as for ``obstacles_to_restore``.

    A unique value may be somebody else's by now, a parent gone.
    """
    found = []
    for columns in _unique(mapper):
        if field in columns:
            wanted = {
                name: sa.case(
                    (
                        has_field(dialect, changes.c.before, name),
                        sql_decode(dialect, column, changes.c.before, name),
                    ),
                    else_=column,
                )
                if len(columns) > 1
                else sql_decode(dialect, column, changes.c.before, name)
                for name, column in columns.items()
            }
            taken = _is_taken(dialect, mapper, columns, wanted, changeset_id)
            found.append((_taken(columns), taken))
    for name, key in _foreign_keys(mapper):
        if name == field:
            wanted_key = sql_decode(dialect, key.parent, changes.c.before, name)
            gone = _is_gone(key, wanted_key)
            parent = audited_mappers().get(key.column.table.name)
            if parent is not None and changeset_id is not None:
                gone = sa.and_(gone, ~_comes_back(dialect, parent, changeset_id, wanted_key))
            found.append((_gone(name), gone))
    return found


# Removing -------------------------------------------------------------------------------


def obstacles_to_remove(
    dialect: str, mapper: Mapper[Any], changeset_id: int | None, *, edited: bool = False
) -> list[Obstacle]:
    """Why created records stay: they are gone already, were changed, or got records below them.

    ``changeset_id`` as for ``obstacles_to_restore``; ``edited``: those that were changed go too.
    """
    obstacles: list[Obstacle] = [("it was deleted meanwhile", key_column(mapper).is_(None))]
    if not edited:
        same = _as_created(dialect, mapper, table_of(mapper), changes)
        obstacles.append(("it was changed since", sa.not_(same)))
    for child_mapper in audited_mappers().values():
        for _name, key in _foreign_keys(child_mapper):
            if key.column is not key_column(mapper):
                continue
            child = table_of(child_mapper).alias("child")
            below = child.c[key.parent.name] == key_column(mapper)
            if changeset_id is not None:
                goes = _put_there(dialect, child_mapper, child, changeset_id, [_name])
                below = sa.and_(below, ~goes)
            others = sa.exists().where(below).correlate(table_of(mapper))
            what = table_of(child_mapper).name.replace("_", " ")
            obstacles.append((f"it has {what} that were added since", others))
    return obstacles


def _as_created(dialect: str, mapper: Mapper[Any], row: Any, source: Any) -> Any:
    """Whether a row is as a change that created it says."""
    return sa.and_(
        sa.true(),
        *(
            holds(dialect, row.c[column.name], column, source.c.after, name)
            for name, column in revertible(mapper).items()
        ),
    )


# What they have in common ---------------------------------------------------------------


def _unique(mapper: Mapper[Any]) -> Iterator[dict[str, sa.Column[Any]]]:
    """The columns, by field, that are unique together, the key aside."""
    names = {column: name for name, column in columns_of(mapper).items()}
    table = table_of(mapper)
    rules: list[Any] = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    rules += [index for index in table.indexes if index.unique]
    for rule in sorted(rules, key=lambda one: str(one.name)):
        yield {names[column]: column for column in rule.columns}


def _foreign_keys(mapper: Mapper[Any]) -> Iterator[tuple[str, sa.ForeignKey]]:
    names = {column: name for name, column in columns_of(mapper).items()}
    for key in sorted(table_of(mapper).foreign_keys, key=lambda key: key.parent.key):
        yield names[key.parent], key


def _taken(columns: Iterable[str]) -> str:
    names = " and ".join(name.replace("_", " ") for name in columns)
    return f"its {names} was taken meanwhile"


def _gone(name: str) -> str:
    return f"its {name.removesuffix('_id').replace('_', ' ')} is gone"


def _is_taken(
    dialect: str,
    mapper: Mapper[Any],
    columns: dict[str, sa.Column[Any]],
    wanted: dict[str, Any],
    changeset_id: int | None,
    source: Any = changes,
) -> Any:
    """Whether another record holds the wanted values, which the undo will not make it drop."""
    other = table_of(mapper).alias("other")
    conditions = [other.c[column.name] == wanted[name] for name, column in columns.items()]
    conditions.append(other.c[key_column(mapper).name] != key_of(mapper, source))
    if changeset_id is not None:
        conditions.append(~_put_there(dialect, mapper, other, changeset_id, columns))
    return sa.exists().where(*conditions).correlate(source, table_of(mapper))


def _is_gone(key: sa.ForeignKey, wanted: Any) -> Any:
    parent = key.column.table.alias("parent")
    there = sa.exists().where(parent.c[key.column.name] == wanted)
    return sa.and_(wanted.is_not(None), ~there.correlate(changes))


def _put_there(
    dialect: str, mapper: Mapper[Any], row: Any, changeset_id: int, fields: Iterable[str]
) -> Any:
    """Whether a row is there, or holds these fields, by the changeset: its undo takes it back."""
    key = row.c[key_column(mapper).name]

    def did(operation: str) -> Any:
        """Asked for each operation by itself: so an index leads straight to the record."""
        its = changes.alias(f"{operation}d")
        what = (
            _as_created(dialect, mapper, row, its)
            if operation == "create"
            else sa.and_(*(has_field(dialect, its.c.after, name) for name in fields))
        )
        found = sa.exists().where(
            its.c.changeset_id == changeset_id,
            its.c.model == table_of(mapper).name,
            its.c.operation == operation,
            its.c.record_id == sa.cast(key, sa.String(64)),
            what,
        )
        return found.correlate(row)

    return sa.or_(did("create"), did("update"))
