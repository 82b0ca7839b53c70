"""The rule that owned records, such as a role's grants, are written through their owner's field."""

from sqlalchemy.orm import attributes, object_mapper

from backoffice.history.links import WITHOUT_LOADING, link_relations, relation_of
from backoffice.history.session import RecordSession, UnrecordedWrite
from backoffice.models import Audited


def refuse_direct_writes(session: RecordSession) -> None:
    """Before a flush: check that it writes no owned record unless its owner's field changed.

    The change of the field is recorded; owned records have no history of their own.

    Raises:
        UnrecordedWrite: an owned record was added, changed or deleted directly.
    """
    unaudited = [
        record
        for record in (*session.new, *session.deleted, *session.dirty)
        if not isinstance(record, Audited)
    ]
    if not unaudited:
        return
    for mapper, name, _table in link_relations():
        relation = relation_of(mapper, name)
        if relation.secondary is not None:
            continue
        owned = [record for record in unaudited if isinstance(record, relation.mapper.class_)]
        if not owned:
            continue
        recorded: set[int] = set()
        for owner in (*session.new, *session.deleted, *session.dirty):
            if isinstance(owner, mapper.class_) and isinstance(owner, Audited):
                history = attributes.get_history(owner, name, WITHOUT_LOADING)
                recorded |= {id(record) for record in (*history.added, *history.deleted)}
                if owner in session.deleted:
                    recorded |= {id(record) for record in history.unchanged}
        for record in owned:
            is_written = record not in session.dirty or session.is_modified(record)
            if is_written and id(record) not in recorded:
                table = object_mapper(record).local_table
                raise UnrecordedWrite(
                    f"This would bypass the history of {table}: change "
                    f"{mapper.class_.__name__}.{name} instead."
                )
