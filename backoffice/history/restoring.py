"""The three things an undo does to records, each as SQL over the changes it takes back."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history import relinking, setwise
from backoffice.history.audited import (
    Part,
    all_columns_of,
    history_name,
    keep_others,
    key_fields,
    key_of,
    label_sql,
    parts_of,
    references_of,
    table_of,
    version_column,
    version_field,
)
from backoffice.history.encoding import (
    sql_decode,
    sql_encode,
    sql_has_field,
    sql_object,
    sql_with_field,
    sql_without_field,
)
from backoffice.history.identity import inserting
from backoffice.history.links import all_links_of
from backoffice.history.obstacles import (
    can_be_empty,
    holds,
    is_missing,
    is_record,
    is_row,
    is_there,
    none_of,
    obstacles_to_field,
    obstacles_to_remove,
    obstacles_to_restore,
    obstacles_to_set_back,
    revertible,
    with_live,
)
from backoffice.history.setwise import latest_change
from backoffice.history.unit import RecordSession
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]

CHANGE_COLUMNS = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]


def mine_of(chosen: Any, mapper: Mapper[Any], operation: str) -> Any:
    """The chosen changes of one model and operation."""
    return sa.and_(
        chosen, changes.c.model == history_name(mapper), changes.c.operation == operation
    )


def _is_any(session: RecordSession, source: Any, *conditions: Any) -> bool:
    found = sa.select(sa.literal(1)).select_from(source).where(*conditions).limit(1)
    return session.scalar(found) is not None


def _write(session: RecordSession, statement: Any) -> int:
    rows: int = session.connection().execute(statement).rowcount
    return rows


# Restoring what was deleted -------------------------------------------------------------


def restore(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, *, circle: int | None = None
) -> int:
    """Bring back the deleted records that nothing bars, each with a version above its last.

    They are recorded first, as they were and with the new version, and made from that record.
    ``circle``: the changeset that is undone, if what refers to records that it deleted too may
    come back before them, the reference empty (``circles``).
    """
    dialect = session.dialect
    mine = mine_of(chosen, mapper, "delete")
    if not _is_any(session, changes, mine):  # without the records, which a join would read
        return 0
    free = none_of(obstacles_to_restore(dialect, mapper, None, circle=circle))
    if not _is_any(session, with_live(dialect, mapper), mine, free):
        return 0
    mark = latest_change(session)
    after: Any = changes.c.before
    counted = version_field(mapper)
    if counted is not None:
        after = sql_with_field(dialect, after, counted, _next_version(dialect, mapper, counted))
    for reference in references_of(mapper) if circle is not None else ():
        if can_be_empty(reference):
            missing = is_missing(dialect, reference)
            for name in reference.columns:
                emptied = sql_with_field(dialect, after, name, sa.null())
                after = sa.case((missing, emptied), else_=after)
    links = all_links_of(mapper)
    if links:  # links to what is gone do not come back
        rows = relinking.find(session, mapper, mine, free)
        for name in links:
            after = relinking.with_links(session, mapper, name, after, rows)
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
        .select_from(with_live(dialect, mapper))
        .where(mine, free)
    )
    number = _write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
    if number:
        own = sa.and_(
            changes.c.changeset_id == session.changeset_id(),
            changes.c.id > mark,
            changes.c.model == history_name(mapper),
            changes.c.operation == "create",
        )
        for part in parts_of(mapper):
            _insert(session, part, own)
        if links:
            made = sa.select(changes.c.record_id, changes.c.after).where(own)
            for record_id, kept in session.execute(made).all():
                for name in links:
                    if name in kept:
                        relinking.insert_links(session, mapper, name, record_id, kept[name])
    return number


def _insert(session: RecordSession, part: Part, own: Any) -> None:
    """Make the rows of one table from what was recorded of them."""
    dialect = session.dialect
    base = parts_of(part.mapper)[0]
    fields = dict(part.fields)
    key: dict[str, Any] = {}
    if not part.is_whole:
        names = key_fields(part.mapper)
        key = {
            column.name: sql_decode(dialect, of, changes.c.after, name)
            for column, of, name in zip(part.key.columns, base.key.columns, names, strict=True)
        }
        kind: Any = part.mapper.base_mapper.polymorphic_on
        (name,) = (name for name, column in base.fields.items() if column is kind)
        identities = [one.polymorphic_identity for one in part.mapper.self_and_descendants]
        own = sa.and_(own, sql_decode(dialect, kind, changes.c.after, name).in_(identities))
    values = {
        column.name: sql_decode(dialect, column, changes.c.after, name)
        for name, column in fields.items()
    }
    values |= key
    rows = sa.select(*values.values()).where(own)
    insert = inserting(dialect, part.table)
    _write(session, insert.from_select(list(values), rows, include_defaults=False))


def made_by(session: RecordSession, mapper: Mapper[Any]) -> Any:
    """Whether this unit of work brought back the record of a change."""
    made = changes.alias("made")
    back = sa.exists().where(
        made.c.changeset_id == session.changeset_id(),
        made.c.model == history_name(mapper),
        made.c.operation == "create",
        made.c.record_id == changes.c.record_id,
    )
    return back.correlate(changes)


def _next_version(dialect: str, mapper: Mapper[Any], counted: str) -> Any:
    """One above the greatest version that a deleted record ever had."""
    ends = changes.alias("ends")
    version = sql_decode(dialect, all_columns_of(mapper)[counted], ends.c.before, counted)
    greatest = sa.select(sa.func.max(version)).where(
        ends.c.model == changes.c.model,
        ends.c.record_id == changes.c.record_id,
        ends.c.operation == "delete",
    )
    return greatest.correlate(changes).scalar_subquery() + 1


# Setting back what was changed ----------------------------------------------------------


def set_back(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, overwrite: Collection[str] | None
) -> int:
    """Set fields back to what they held before, where they hold what the act put there.

    ``overwrite``: tokens of fields to set back whatever they hold; None for all. Returns how many
    records that changed.
    """
    dialect = session.dialect
    mine = mine_of(chosen, mapper, "update")
    if not _is_any(session, changes, mine):  # without the records, which a join would read
        return 0
    lock(session, mapper, mine)
    fields = fields_of(session, mapper, mine)
    goes = {name: goes_back(dialect, mapper, name, overwrite, None) for name in fields}
    same = none_of(obstacles_to_set_back(dialect, mapper))
    any_goes = sa.and_(same, sa.or_(sa.false(), *goes.values()))
    number = 0
    linked = relinking.link_reversals(session, mapper, mine, overwrite, None)
    if linked:
        ids = [row.record_id for row in relinking.find(session, mapper, mine, any_goes)]
        number += len({record_id for record_id, *_ in linked} - set(ids))
    if _is_any(session, with_live(dialect, mapper), mine, any_goes):
        mark = latest_change(session)
        before = {name: sql_encode(dialect, column, column) for name, column in fields.items()}
        after = {
            name: sql_encode(dialect, column, _new_value(dialect, column, name, goes[name]))
            for name, column in fields.items()
        }
        counted, version = version_field(mapper), version_column(mapper)
        if counted is not None and version is not None:
            before[counted], after[counted] = version, version + 1
        record = (
            sa.select(
                sa.literal(session.changeset_id(), sa.BigInteger),
                sa.literal(history_name(mapper)),
                changes.c.record_id,
                label_sql(mapper),
                sa.literal("update"),
                _only(dialect, sql_object(dialect, before), goes),
                _only(dialect, sql_object(dialect, after), goes),
            )
            .select_from(with_live(dialect, mapper))
            .where(mine, is_there(mapper), any_goes)
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
                sa.func.max(sa.case((sql_has_field(session.dialect, changes.c.after, name), 1)))
                for name in fields
            )
        ).where(mine)
    ).one()
    return {name: fields[name] for name, held in zip(fields, found, strict=True) if held}


def lock(session: RecordSession, mapper: Mapper[Any], mine: Any) -> None:
    """Lock the records of these changes, without fetching them: what is asked next holds."""
    if session.dialect == "sqlite":  # whoever writes has locked the whole of it
        return
    key, table = key_of(mapper), table_of(mapper)
    locked = sa.select(*key.columns)
    if session.dialect in MYSQL:
        this = is_record(session.dialect, mapper, changes)
        both = table.join(changes, this)
        locked = locked.select_from(both).where(mine).with_for_update()
    else:
        wanted = _keys_of(session.dialect, mapper).where(mine)
        locked = locked.where(key.expression().in_(wanted)).with_for_update(of=table)
    session.execute(sa.select(sa.func.count()).select_from(locked.subquery()))


def _keys_of(dialect: str, mapper: Mapper[Any]) -> Any:
    """The keys of the records of changes, as a selection."""
    mine = changes.c.model == history_name(mapper)
    return sa.select(*key_of(mapper).sql_parts(dialect, changes.c.record_id, mine))


def differs_from_before(dialect: str, mapper: Mapper[Any], name: str) -> Any:
    """Whether a change has the field, and the live record does not hold what it was before."""
    column = all_columns_of(mapper)[name]
    has = sql_has_field(dialect, changes.c.after, name)
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
    column = all_columns_of(mapper)[name]
    model = history_name(mapper)
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
        values = sql_without_field(dialect, values, name, sa.not_(condition))
    return values


def _apply(
    session: RecordSession, mapper: Mapper[Any], fields: dict[str, sa.Column[Any]], mark: int
) -> None:
    """Give the rows recorded after ``mark`` the values recorded as their new ones."""
    dialect, version = session.dialect, version_column(mapper)
    own = changes.alias("own")
    for part in parts_of(mapper):
        this = sa.and_(
            own.c.changeset_id == session.changeset_id(),
            own.c.id > mark,
            own.c.model == history_name(mapper),
            own.c.operation == "update",
            is_row(dialect, part, own),
        )
        if dialect != "postgresql":  # the same the other way round: what comes first has an index
            this = sa.and_(this, own.c.record_id == part.key.sql_text(dialect))
        values: dict[Any, Any] = {
            column: sa.case(
                (
                    sql_has_field(dialect, own.c.after, name),
                    sql_decode(dialect, column, own.c.after, name),
                ),
                else_=column,
            )
            for name, column in fields.items()
            if name in part.fields
        }
        if version is not None and part.is_whole:
            values[version] = version + 1
        if values:
            values = keep_others(part, values)
            _write(session, sa.update(part.table).where(this).values(values))


# Removing what was created --------------------------------------------------------------


def remove(session: RecordSession, mapper: Mapper[Any], chosen: Any, *, edited: bool) -> int:
    """Delete what the act created and nobody changed since; if ``edited``, what was changed too."""
    mine = mine_of(chosen, mapper, "create")
    if not _is_any(session, changes, mine):  # without the records, which a join would read
        return 0
    lock(session, mapper, mine)
    free = none_of(obstacles_to_remove(session.dialect, mapper, None, edited=edited))
    if all_links_of(mapper):
        number = 0
        for row in relinking.find(session, mapper, mine, free):
            record = relinking.record_of(session, mapper, row.record_id)
            if edited or not relinking.links_changed(record, row.after):
                session.delete(record)
                number += 1
        session.flush()
        return number
    keys = _keys_of(session.dialect, mapper).select_from(with_live(session.dialect, mapper))
    these = key_of(mapper).expression().in_(keys.where(mine, free))
    return setwise.delete_rows(session, mapper, these)
