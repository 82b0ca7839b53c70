"""The three things an undo does to records, each as SQL over the changes it takes back."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history.audited import (
    columns_of,
    key_column,
    table_of,
)
from backoffice.history.encoding import sql_decode, sql_encode, sql_object
from backoffice.history.obstacles import (
    has_field,
    holds,
    is_record,
    obstacles_to_restore,
    revertible,
)
from backoffice.history.recording import links_of
from backoffice.history.setwise import label_sql
from backoffice.history.unit import RecordSession
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]

CHANGE_COLUMNS = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]

# Restoring what was deleted -------------------------------------------------------------


def restore(session: RecordSession, mapper: Mapper[Any], chosen: Any) -> int:
    """Bring back the deleted records that nothing bars, each with a version above its last.

    They are recorded first, as they were and with the new version, and made from that record.
    """
    dialect, table = session.dialect, table_of(mapper)
    mine = mine_of(chosen, table.name, "delete")
    if session.scalar(sa.select(sa.literal(1)).where(mine).limit(1)) is None:
        return 0
    barred = [condition for _why, condition in obstacles_to_restore(dialect, mapper, 0)]
    mark = latest_change(session)
    record = sa.select(
        sa.literal(session.changeset_id(), sa.BigInteger),
        changes.c.model,
        changes.c.record_id,
        changes.c.label,
        sa.literal("create"),
        sa.null(),
        _raised(dialect, mapper, changes.c.before),
    ).where(mine, *(sa.not_(condition) for condition in barred))
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
        _restore_links(session, mapper, mine)
    return number


def latest_change(session: RecordSession) -> int:
    """The id of the last change that this unit of work recorded; 0 for none."""
    own = changes.c.changeset_id == session.changeset_id()
    return session.scalar(sa.select(sa.func.max(changes.c.id)).where(own)) or 0


def _raised(dialect: str, mapper: Mapper[Any], values: Any) -> Any:
    """A recorded record with its version raised by one."""
    version = sql_decode(dialect, columns_of(mapper)["version"], values, "version") + 1
    for name in mapper.class_.links:  # set, and recorded, when the record is there
        values = _without(dialect, values, name)
    if dialect == "postgresql":
        return values.op("||")(sa.func.jsonb_build_object("version", version))
    return sa.func.json_set(values, "$.version", version)


def _without(dialect: str, values: Any, name: str) -> Any:
    if dialect == "postgresql":
        return values.op("-")(sa.cast(sa.literal(name), sa.Text))
    return sa.func.json_remove(values, f"$.{name}")


def _write(session: RecordSession, statement: Any) -> int:
    rows: int = session.connection().execute(statement).rowcount
    return rows


def mine_of(chosen: Any, model: str, operation: str) -> Any:
    """The chosen changes of one model and operation."""
    return sa.and_(chosen, changes.c.model == model, changes.c.operation == operation)


def _restore_links(session: RecordSession, mapper: Mapper[Any], mine: Any) -> None:
    """Give restored records their many-to-many fields back; few records have any."""
    for name in mapper.class_.links:
        for record_id, before in session.execute(
            sa.select(changes.c.record_id, changes.c.before).where(mine)
        ).all():
            if before.get(name):
                set_links(session, mapper, record_id, name, before[name])


def set_links(
    session: RecordSession, mapper: Mapper[Any], record_id: str, name: str, keys: list[Any]
) -> None:
    """Set a relation to many: to the records of ``keys`` that still exist, or to owned ones."""
    key = key_column(mapper).type.python_type(record_id)
    record = session.get(mapper.class_, key, populate_existing=True)
    if record is None:
        return
    target = mapper.relationships[name].mapper
    if hasattr(target.class_, "from_token"):
        found = [target.class_.from_token(token) for token in keys]
    else:
        found = list(session.scalars(sa.select(target.class_).where(key_column(target).in_(keys))))
    setattr(record, name, found)
    session.flush()


# Setting back what was changed ----------------------------------------------------------


def set_back(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, overwrite: Collection[str] | None
) -> int:
    """Set fields back to what they held before, where they hold what the act put there.

    ``overwrite``: tokens of fields to set back whatever they hold; None for all.
    """
    dialect, table = session.dialect, table_of(mapper)
    mine = mine_of(chosen, table.name, "update")
    if session.scalar(sa.select(sa.literal(1)).where(mine).limit(1)) is None:
        return 0
    fields = _fields_of(session, mapper, mine)
    goes = {
        name: _goes_back(dialect, table.name, column, name, overwrite)
        for name, column in fields.items()
    }
    any_goes = sa.or_(sa.false(), *goes.values())
    mark = latest_change(session)
    new = {name: _new_value(dialect, column, name, goes[name]) for name, column in fields.items()}
    version = {"version": table.c.version}
    before = {name: sql_encode(dialect, column, column) for name, column in fields.items()}
    after = {name: sql_encode(dialect, fields[name], value) for name, value in new.items()}
    _lock(session, mapper, mine)
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
        .select_from(changes)
        .join(table, is_record(dialect, mapper, changes))
        .where(mine, any_goes)
    )
    number = _write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
    if number:
        _apply(session, mapper, fields, mark)
    for name in mapper.class_.links:
        number += _set_links_back(session, mapper, mine, name, overwrite)
    return number


def _fields_of(session: RecordSession, mapper: Mapper[Any], mine: Any) -> dict[str, Any]:
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


def _lock(session: RecordSession, mapper: Mapper[Any], mine: Any) -> None:
    """Lock the records of these changes, without fetching them."""
    if session.dialect == "sqlite":  # whoever writes has locked the whole of it
        return
    key = key_column(mapper)
    locked = sa.select(key)
    if session.dialect in MYSQL:
        locked = locked.join(changes, is_record(session.dialect, mapper, changes)).where(mine)
    else:
        key_type = sa.Integer if isinstance(key.type, sa.Integer) else key.type
        keys = sa.select(sa.cast(changes.c.record_id, key_type)).where(mine)
        locked = locked.where(key.in_(keys))
    locked = locked.with_for_update(of=None if session.dialect in MYSQL else table_of(mapper))
    session.execute(sa.select(sa.func.count()).select_from(locked.subquery()))


def _goes_back(
    dialect: str,
    model: str,
    column: sa.Column[Any],
    name: str,
    overwrite: Collection[str] | None,
) -> Any:
    """The condition that a change has the field and the live row may take it back."""
    has = has_field(dialect, changes.c.after, name)
    differs = sa.not_(holds(dialect, column, changes.c.before, name))
    if overwrite is None:
        return sa.and_(has, differs)
    ids = [
        record_id
        for one_model, record_id, one_name in (token.split(":", 2) for token in overwrite)
        if one_model == model and one_name == name
    ]
    unchanged = holds(dialect, column, changes.c.after, name)
    allowed = sa.or_(unchanged, changes.c.record_id.in_(ids)) if ids else unchanged
    return sa.and_(has, differs, allowed)


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
        is_record(dialect, mapper, own),
        # The same the other way round, so that whichever table comes first finds an index.
        own.c.record_id == sa.cast(key_column(mapper), sa.String(64)),
    )
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


def _set_links_back(
    session: RecordSession,
    mapper: Mapper[Any],
    mine: Any,
    name: str,
    overwrite: Collection[str] | None,
) -> int:
    """Set a many-to-many field back, record by record: few have any."""
    number = 0
    condition = has_field(session.dialect, changes.c.after, name)
    rows = session.execute(
        sa.select(changes.c.record_id, changes.c.before, changes.c.after).where(mine, condition)
    ).all()
    for record_id, before, after in rows:
        key = key_column(mapper).type.python_type(record_id)
        record = session.get(mapper.class_, key, populate_existing=True)
        if record is None:
            continue
        now = links_of(getattr(record, name))
        token = f"{table_of(mapper).name}:{record_id}:{name}"
        if now == after[name] or overwrite is None or token in overwrite:
            set_links(session, mapper, record_id, name, before[name])
            number += 1
    return number
