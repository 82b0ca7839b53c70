"""Relations to many that are fields of their owner: a user's roles, a role's grants."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, PassiveFlag, RelationshipProperty, attributes, object_mapper

from backoffice.history.act import UnrecordedWrite
from backoffice.history.audited import audited_mappers
from backoffice.models import Audited

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession


_WAITING = PassiveFlag.PASSIVE_NO_INITIALIZE | PassiveFlag.INCLUDE_PENDING_MUTATIONS
"""Without loading, but with links made from the other side, which wait for the list to load."""


def links_of(related: Any) -> list[Any]:
    """A relation to many as the history keeps it: keys, or owned records' tokens, in order."""
    return sorted(
        str(one)
        if hasattr(one, "from_token")
        else object_mapper(one).primary_key_from_instance(one)[0]
        for one in related
    )


def of_field(record: Any, name: str) -> list[Any]:
    """A link field as the history keeps it."""
    return links_of(getattr(record, name))


def of_record(record: Any) -> dict[str, Any]:
    """All link fields of a record by name."""
    return {name: of_field(record, name) for name in record.links}


def before(record: Any) -> dict[str, Any]:
    """The link fields that a flush will change, as they are stored now."""
    found = {}
    for name in record.links:
        if attributes.get_history(record, name, _WAITING).has_changes():
            history = attributes.get_history(record, name, PassiveFlag.PASSIVE_OFF)
            found[name] = links_of([*history.unchanged, *history.deleted])
    return found


def link_tables() -> set[str]:
    """The tables that hold links, which are written through their owners alone."""
    return {table.description for _mapper, _name, table in _relations()}


def linked(mapper: Mapper[Any]) -> bool:
    """Whether deleting a record of ``mapper`` writes links, its own or others' to it."""
    return bool(mapper.class_.links) or any(
        relation_of(owner, name).mapper is mapper for owner, name, _table in _relations()
    )


def relation_of(mapper: Mapper[Any], name: str) -> RelationshipProperty[Any]:
    """The relation behind a link field."""
    return mapper.relationships[name]


def _relations() -> Iterator[tuple[Mapper[Any], str, Any]]:
    for mapper in audited_mappers().values():
        for name in mapper.class_.links:
            relation = relation_of(mapper, name)
            table = relation.secondary
            yield mapper, name, relation.mapper.local_table if table is None else table


def take_from_owners(session: "RecordSession", record: Any) -> None:
    """Before a record is deleted, take it from the fields of those that link to it.

    So that each of those is recorded as changed, and an undo knows to put it back. An owner that
    goes as well is left alone: it is recorded as it was.
    """
    for mapper, name, _table in _relations():
        relation = relation_of(mapper, name)
        if relation.secondary is None:  # owned records go with their owner
            continue
        if not isinstance(record, relation.mapper.class_):
            continue
        attribute = getattr(mapper.class_, name)
        owners = sa.select(mapper.class_).where(attribute.contains(record))
        for owner in session.scalars(owners):
            if owner not in session.deleted and record in getattr(owner, name):
                getattr(owner, name).remove(record)


def refuse_stray(session: "RecordSession") -> None:
    """Owned records are written through their owner's field, whose change is recorded.

    Raises:
        UnrecordedWrite: one was added, changed or deleted by itself.
    """
    others = [
        one
        for one in (*session.new, *session.deleted, *session.dirty)
        if not isinstance(one, Audited)
    ]
    if not others:
        return
    for mapper, name, _table in _relations():
        relation = relation_of(mapper, name)
        if relation.secondary is not None:
            continue
        touched = [one for one in others if isinstance(one, relation.mapper.class_)]
        if not touched:
            continue
        accounted: set[int] = set()
        for owner in (*session.new, *session.deleted, *session.dirty):
            if isinstance(owner, mapper.class_) and isinstance(owner, Audited):
                history = attributes.get_history(owner, name, _WAITING)
                accounted |= {id(one) for one in (*history.added, *history.deleted)}
                if owner in session.deleted:
                    accounted |= {id(one) for one in history.unchanged}
        for one in touched:
            if id(one) not in accounted and (one not in session.dirty or session.is_modified(one)):
                raise UnrecordedWrite(
                    f"This would write {object_mapper(one).local_table} past the history: change "
                    f"{mapper.class_.__name__}.{name} instead."
                )
