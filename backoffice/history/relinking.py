"""Links of the records that an undo touches, record by record: few records have any."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapper

from backoffice.history.audited import key_column, key_of, table_of
from backoffice.history.links import links_of, relation_of
from backoffice.history.obstacles import has_field, with_live
from backoffice.history.unit import RecordSession
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]


def find(session: RecordSession, mapper: Mapper[Any], *conditions: Any) -> list[Any]:
    """The changes, with their live records, that meet the conditions: for few."""
    statement = sa.select(changes).select_from(with_live(mapper)).where(*conditions)
    return list(session.execute(statement.order_by(changes.c.id)))


def with_links(
    session: RecordSession, mapper: Mapper[Any], name: str, values: Any, rows: list[Any]
) -> Any:
    """Recorded values whose link field holds what can be linked; few records have any."""
    texts = {}
    for row in rows:
        texts[row.id] = linkable(session, mapper, name, row.before.get(name) or [])
    if session.dialect == "postgresql":
        kept = sa.case(
            *(
                (changes.c.id == id_, sa.literal({name: keys}, JSONB()))
                for id_, keys in texts.items()
            ),
            else_=sa.literal({name: []}, JSONB()),
        )
        return values.op("||")(kept)
    kept = sa.case(
        *((changes.c.id == id_, sa.literal(keys, sa.JSON())) for id_, keys in texts.items()),
        else_=sa.literal([], sa.JSON()),
    )
    return sa.func.json_set(values, f"$.{name}", sa.func.json_extract(kept, "$"))


def linkable(
    session: RecordSession,
    mapper: Mapper[Any],
    name: str,
    keys: list[Any],
    changeset_id: int | None = None,
) -> list[Any]:
    """Of the kept values of a link field those that still can be: links to what exists.

    ``changeset_id``: count what comes back when that changeset is undone.
    """
    target = relation_of(mapper, name).mapper
    if hasattr(target.class_, "from_token") or not keys:
        return keys
    key = key_column(target)
    found = set(session.connection().scalars(sa.select(key).where(key.in_(keys))))
    if changeset_id is not None:
        found |= set(
            session.connection().scalars(
                sa.select(key_of(target, changes)).where(
                    changes.c.changeset_id == changeset_id,
                    changes.c.model == table_of(target).name,
                    changes.c.operation == "delete",
                    key_of(target, changes).in_(keys),
                )
            )
        )
    return sorted(found)


def insert_links(
    session: RecordSession, mapper: Mapper[Any], name: str, record_id: str, keys: list[Any]
) -> None:
    """Link a restored record again; its creation has recorded that already."""
    relation = relation_of(mapper, name)
    target = relation.mapper
    ((_, own),) = relation.synchronize_pairs
    assert isinstance(own, sa.Column)
    mine = {own.key: key_column(mapper).type.python_type(record_id)}
    table: Any = target.local_table
    if relation.secondary is not None:
        table = relation.secondary
        ((_, other),) = relation.secondary_synchronize_pairs or []
        assert isinstance(other, sa.Column)
        rows = [{**mine, other.key: key} for key in keys]
    else:
        made = [target.class_.from_token(token) for token in keys]
        rows = [{**mine, **sa.inspect(one).dict} for one in made]
    if rows:
        session.connection().execute(sa.insert(table), rows)


def link_changes(
    session: RecordSession, mapper: Mapper[Any], mine: Any, changeset_id: int | None
) -> list[Any]:
    """(change, field, what it holds now, what it is to hold) of each changed link field.

    What it holds now is None where the record is gone. ``changeset_id`` as for ``linkable``.
    """
    found = []
    for name in mapper.class_.links:
        for row in find(session, mapper, mine, has_field(session.dialect, changes.c.after, name)):
            record = record_of(session, mapper, row.record_id)
            now = None if record is None else links_of(getattr(record, name))
            found.append(
                (row, name, now, linkable(session, mapper, name, row.before[name], changeset_id))
            )
    return found


def link_reversals(
    session: RecordSession,
    mapper: Mapper[Any],
    mine: Any,
    overwrite: Collection[str] | None,
    changeset_id: int | None,
) -> list[tuple[str, str, list[Any]]]:
    """(record id, field, what it is to hold) of the link fields that go back."""
    return [
        (row.record_id, name, wanted)
        for row, name, now, wanted in link_changes(session, mapper, mine, changeset_id)
        if now is not None and now != wanted
        if overwrite is None
        or now == row.after[name]
        or f"{row.model}:{row.record_id}:{name}" in overwrite
    ]


def record_of(session: RecordSession, mapper: Mapper[Any], record_id: str) -> Any:
    key = key_column(mapper).type.python_type(record_id)
    return session.get(mapper.class_, key, populate_existing=True)


def set_links(
    session: RecordSession, mapper: Mapper[Any], record_id: str, name: str, keys: list[Any]
) -> None:
    """Set a relation to many: to the records of ``keys``, or to owned ones made from tokens."""
    record = record_of(session, mapper, record_id)
    target = relation_of(mapper, name).mapper
    if hasattr(target.class_, "from_token"):
        kept = {str(one): one for one in getattr(record, name)}
        found = [kept.get(token) or target.class_.from_token(token) for token in keys]
    else:
        found = list(session.scalars(sa.select(target.class_).where(key_column(target).in_(keys))))
    setattr(record, name, found)
    session.flush()


def links_changed(record: Any, row: Any) -> bool:
    """Whether a record's links are others than when a change created it."""
    return any(links_of(getattr(record, name)) != row.after.get(name) for name in record.links)
