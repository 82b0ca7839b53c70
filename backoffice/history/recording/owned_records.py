"""Owned records are written through their owner's field."""

from sqlalchemy.orm import attributes, object_mapper

from backoffice.history.links import _WITHOUT_LOADING, link_relations, relation_of
from backoffice.history.session import RecordSession, UnrecordedWrite
from backoffice.models import Audited


def refuse_direct_writes(session: RecordSession) -> None:
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
    for mapper, name, _table in link_relations():
        relation = relation_of(mapper, name)
        if relation.secondary is not None:
            continue
        touched = [one for one in others if isinstance(one, relation.mapper.class_)]
        if not touched:
            continue
        accounted: set[int] = set()
        for owner in (*session.new, *session.deleted, *session.dirty):
            if isinstance(owner, mapper.class_) and isinstance(owner, Audited):
                history = attributes.get_history(owner, name, _WITHOUT_LOADING)
                accounted |= {id(one) for one in (*history.added, *history.deleted)}
                if owner in session.deleted:
                    accounted |= {id(one) for one in history.unchanged}
        for one in touched:
            if id(one) not in accounted and (one not in session.dirty or session.is_modified(one)):
                raise UnrecordedWrite(
                    f"This would write {object_mapper(one).local_table} past the history: change "
                    f"{mapper.class_.__name__}.{name} instead."
                )
