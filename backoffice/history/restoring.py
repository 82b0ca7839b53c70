"""The three things an undo does to records, each as SQL over the changes it takes back."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history import relinking, setwise
from backoffice.history.audited import columns_of, key_column, key_of, table_of
from backoffice.history.encoding import sql_decode, sql_encode, sql_object
from backoffice.history.obstacles import (
    has_field,
    holds,
    is_record,
    none_of,
    obstacles_to_field,
    obstacles_to_remove,
    obstacles_to_restore,
    revertible,
    with_live,
)
from backoffice.history.setwise import label_sql, latest_change
from backoffice.history.unit import RecordSession
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]

CHANGE_COLUMNS = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]


def mine_of(chosen: Any, mapper: Mapper[Any], operation: str) -> Any:
    """The chosen changes of one model and operation."""
    return sa.and_(
        chosen, changes.c.model == table_of(mapper).name, changes.c.operation == operation
    )


def _is_any(session: RecordSession, mapper: Mapper[Any], *conditions: Any) -> bool:
    found = sa.select(sa.literal(1)).select_from(with_live(mapper)).where(*conditions).limit(1)
    return session.scalar(found) is not None


def _write(session: RecordSession, statement: Any) -> int:
    rows: int = session.connection().execute(statement).rowcount
    return rows


# Restoring what was deleted -------------------------------------------------------------


def restore(session: RecordSession, mapper: Mapper[Any], chosen: Any) -> int:
    """Bring back the deleted records that nothing bars, each with a version above its last.

    They are recorded first, as they were and with the new version, and made from that record.
    """
    dialect, table = session.dialect, table_of(mapper)
    mine = mine_of(chosen, mapper, "delete")
    if not _is_any(session, mapper, mine):
        return 0
    free = none_of(obstacles_to_restore(dialect, mapper, None))
    if not _is_any(session, mapper, mine, free):
        return 0
    mark = latest_change(session)
    after = _with_version(dialect, changes.c.before, _next_version(dialect, mapper))
    for name in mapper.class_.links:  # links to what is gone do not come back
        after = relinking.with_links(
            session, mapper, name, after, relinking.find(session, mapper, mine, free)
        )
    record = (
        sa.select(
            sa.literal(session.changeset_id(), sa.BigInteger),
            changes.c.model,
            changes.c.record_id,
            changes.c.label,
            sa.literal("create"),
            sa.null(),
            after,
        )
        .select_from(with_live(mapper))
        .where(mine, free)
    )
    number = _write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
    if number:
        own = sa.and_(
            changes.c.changeset_id == session.changeset_id(),
            changes.c.id > mark,
            changes.c.model == table.name,
            changes.c.operation == "create",
        )
        columns = columns_of(mapper)
        values = [
            sql_decode(dialect, column, changes.c.after, name) for name, column in columns.items()
        ]
        names = [column.name for column in columns.values()]
        _write(session, sa.insert(table).from_select(names, sa.select(*values).where(own)))
        for name in mapper.class_.links:
            for record_id, kept in session.execute(
                sa.select(changes.c.record_id, changes.c.after).where(own)
            ).all():
                relinking.insert_links(session, mapper, name, record_id, kept[name])
    return number


def _next_version(dialect: str, mapper: Mapper[Any]) -> Any:
    """One above the greatest version that a deleted record ever had."""
    ends = changes.alias("ends")
    version = sql_decode(dialect, columns_of(mapper)["version"], ends.c.before, "version")
    greatest = sa.select(sa.func.max(version)).where(
        ends.c.model == changes.c.model,
        ends.c.record_id == changes.c.record_id,
        ends.c.operation == "delete",
    )
    return greatest.correlate(changes).scalar_subquery() + 1


def _with_version(dialect: str, values: Any, version: Any) -> Any:
    if dialect == "postgresql":
        return values.op("||")(sa.func.jsonb_build_object("version", version))
    return sa.func.json_set(values, "$.version", version)


# Setting back what was changed ----------------------------------------------------------


def set_back(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, overwrite: Collection[str] | None
) -> int:
    """Set fields back to what they held before, where they hold what the act put there.

    ``overwrite``: tokens of fields to set back whatever they hold; None for all. Returns how many
    records that changed.
    """
    dialect, table = session.dialect, table_of(mapper)
    mine = mine_of(chosen, mapper, "update")
    if not _is_any(session, mapper, mine):
        return 0
    lock(session, mapper, mine)
    fields = fields_of(session, mapper, mine)
    goes = {name: goes_back(dialect, mapper, name, overwrite, None) for name in fields}
    any_goes = sa.or_(sa.false(), *goes.values())
    number = 0
    linked = relinking.link_reversals(session, mapper, mine, overwrite, None)
    if linked:
        ids = [row.record_id for row in relinking.find(session, mapper, mine, any_goes)]
        number += len({record_id for record_id, *_ in linked} - set(ids))
    if _is_any(session, mapper, mine, any_goes):
        mark = latest_change(session)
        new = {
            name: _new_value(dialect, column, name, goes[name]) for name, column in fields.items()
        }
        version = {"version": table.c.version}
        before = {name: sql_encode(dialect, column, column) for name, column in fields.items()}
        after = {name: sql_encode(dialect, fields[name], value) for name, value in new.items()}
        record = (
            sa.select(
                sa.literal(session.changeset_id(), sa.BigInteger),
                sa.literal(table.name),
                changes.c.record_id,
                label_sql(mapper, table),
                sa.literal("update"),
                _only(dialect, sql_object(dialect, before | version), goes),
                _only(dialect, sql_object(dialect, after | {"version": table.c.version + 1}), goes),
            )
            .select_from(with_live(mapper))
            .where(mine, key_column(mapper).is_not(None), any_goes)
        )
        number += _write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
        _apply(session, mapper, fields, mark)
    for record_id, name, keys in linked:
        relinking.set_links(session, mapper, record_id, name, keys)
    return number


def fields_of(session: RecordSession, mapper: Mapper[Any], mine: Any) -> dict[str, Any]:
    """The fields that any of these updates changed: one statement, and shorter ones after it."""
    fields = revertible(mapper)
    found = session.execute(
        sa.select(
            *(
                sa.func.max(sa.case((has_field(session.dialect, changes.c.after, name), 1)))
                for name in fields
            )
        ).where(mine)
    ).one()
    return {name: fields[name] for name, held in zip(fields, found, strict=True) if held}


def lock(session: RecordSession, mapper: Mapper[Any], mine: Any) -> None:
    """Lock the records of these changes, without fetching them: what is asked next holds."""
    if session.dialect == "sqlite":  # whoever writes has locked the whole of it
        return
    locked = sa.select(key_column(mapper))
    if session.dialect in MYSQL:
        locked = locked.join(changes, is_record(mapper, changes)).where(mine).with_for_update()
    else:
        keys = sa.select(key_of(mapper, changes)).where(mine)
        locked = locked.where(key_column(mapper).in_(keys)).with_for_update(of=table_of(mapper))
    session.execute(sa.select(sa.func.count()).select_from(locked.subquery()))


def differs_from_before(dialect: str, mapper: Mapper[Any], name: str) -> Any:
    """Whether a change has the field, and the live record does not hold what it was before."""
    column = columns_of(mapper)[name]
    has = has_field(dialect, changes.c.after, name)
    return sa.and_(has, sa.not_(holds(dialect, column, column, changes.c.before, name)))


def is_barred(dialect: str, mapper: Mapper[Any], name: str, changeset_id: int | None) -> Any:
    """Whether a field cannot go back, whoever chooses that it should."""
    return sa.not_(none_of(obstacles_to_field(dialect, mapper, name, changeset_id)))


def goes_back(
    dialect: str,
    mapper: Mapper[Any],
    name: str,
    overwrite: Collection[str] | None,
    changeset_id: int | None,
) -> Any:
    """The condition that a change has the field and the live row may take it back."""
    differs = differs_from_before(dialect, mapper, name)
    free = sa.not_(is_barred(dialect, mapper, name, changeset_id))
    if overwrite is None:
        return sa.and_(differs, free)
    column = columns_of(mapper)[name]
    model = table_of(mapper).name
    ids = []
    for token in overwrite:  # a record's key may hold a colon; tables and fields do not
        one_model, _, rest = token.partition(":")
        record_id, _, one_name = rest.rpartition(":")
        if (one_model, one_name) == (model, name):
            ids.append(record_id)
    allowed = holds(dialect, column, column, changes.c.after, name)
    if ids:
        allowed = sa.or_(allowed, changes.c.record_id.in_(ids))
    return sa.and_(differs, allowed, free)


def _new_value(dialect: str, column: sa.Column[Any], name: str, goes: Any) -> Any:
    old = sql_decode(dialect, column, changes.c.before, name)
    return sa.type_coerce(sa.case((goes, old), else_=column), column.type)


def _only(dialect: str, values: Any, goes: dict[str, Any]) -> Any:
    """An object without the fields that do not go back."""
    for name, condition in goes.items():
        if dialect == "postgresql":
            removed = sa.cast(sa.case((condition, ""), else_=name), sa.Text)
            values = values.op("-")(removed)
        else:
            path = sa.case((condition, "$.none_of_these"), else_=f"$.{name}")
            values = sa.func.json_remove(values, path)
    return values


def _apply(
    session: RecordSession, mapper: Mapper[Any], fields: dict[str, sa.Column[Any]], mark: int
) -> None:
    """Give the rows recorded after ``mark`` the values recorded as their new ones."""
    dialect, table = session.dialect, table_of(mapper)
    own = changes.alias("own")
    this = sa.and_(
        own.c.changeset_id == session.changeset_id(),
        own.c.id > mark,
        own.c.model == table.name,
        own.c.operation == "update",
        is_record(mapper, own),
    )
    if dialect != "postgresql":  # the same the other way round: whichever comes first has an index
        this = sa.and_(this, own.c.record_id == sa.cast(key_column(mapper), sa.String(64)))
    values: dict[Any, Any] = {
        column: sa.case(
            (
                has_field(dialect, own.c.after, name),
                sql_decode(dialect, column, own.c.after, name),
            ),
            else_=column,
        )
        for name, column in fields.items()
    }
    values[table.c.version] = table.c.version + 1
    _write(session, sa.update(table).where(this).values(values))


# Removing what was created --------------------------------------------------------------


def remove(session: RecordSession, mapper: Mapper[Any], chosen: Any, *, edited: bool) -> int:
    """Delete what the act created and nobody changed since; if ``edited``, what was changed too."""
    mine = mine_of(chosen, mapper, "create")
    if not _is_any(session, mapper, mine):
        return 0
    lock(session, mapper, mine)
    free = none_of(obstacles_to_remove(session.dialect, mapper, None, edited=edited))
    if mapper.class_.links:
        number = 0
        for row in relinking.find(session, mapper, mine, free):
            record = relinking.record_of(session, mapper, row.record_id)
            if edited or not relinking.links_changed(record, row):
                session.delete(record)
                number += 1
        session.flush()
        return number
    keys = sa.select(key_of(mapper, changes)).select_from(with_live(mapper)).where(mine, free)
    return setwise.delete_rows(session, mapper, key_column(mapper).in_(keys))
