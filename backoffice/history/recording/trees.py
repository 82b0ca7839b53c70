"""Trees: records that refer to records of their own table, deleted together in one flush."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, object_mapper

from backoffice.history.references import Reference, dependents
from backoffice.history.session import RecordSession
from backoffice.models import Audited


def expunge_cascaded_rows(session: RecordSession) -> None:
    """Before a flush: expunge deleted records that the delete of an ancestor cascades to.

    The session may delete the two in any order, and would miss a row that is gone already. If they
    are parent and child and a relationship tells it the order, it deletes them itself.
    """
    by_base: dict[Mapper[Any], list[Any]] = {}
    for record in session.deleted:
        if isinstance(record, Audited):
            by_base.setdefault(object_mapper(record).base_mapper, []).append(record)
    for base, records in by_base.items():
        references = [
            dependent.reference
            for dependent in dependents(base)
            if dependent.mapper is base and not dependent.set_null
        ]
        if not references or len(records) < 2:
            continue
        for record in records:
            for reference in references:
                distance = _distance_to_ancestor(session, reference, record, records)
                if distance > 1 or (distance == 1 and not _has_relationship(base, reference)):
                    session.expunge(record)
                    break


def _distance_to_ancestor(
    session: RecordSession, reference: Reference, record: Any, records: list[Any]
) -> int:
    """How many levels above a record its nearest ancestor among ``records`` is; 0 if none is."""
    goals = {_referred_values(reference, other) for other in records if other is not record}
    ancestors = _ancestors(session, reference, sa.inspect(record).dict)
    for distance, ancestor in enumerate(ancestors, start=1):
        if ancestor in goals:
            return distance
    return 0


def _referred_values(reference: Reference, record: Any) -> tuple[Any, ...]:
    """A record's values of the columns that children refer to."""
    mapper = object_mapper(record)
    known = sa.inspect(record).dict
    names = (mapper.get_property_by_column(column).key for column in reference.referred)
    return tuple(known.get(name) for name in names)


def _ancestors(
    session: RecordSession, reference: Reference, values: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """The values that a record refers to, then its parent's, and so on; a statement for each."""
    seen: set[tuple[Any, ...]] = set()
    parent = tuple(values.get(name) for name in reference.columns)
    select = sa.select(*reference.columns.values())
    while None not in parent and parent not in seen:
        seen.add(parent)
        yield parent
        pairs = zip(reference.referred, parent, strict=True)
        is_parent = (column == value for column, value in pairs)
        row = session.connection().execute(select.where(*is_parent)).first()
        parent = (None,) if row is None else tuple(row)


def _has_relationship(base: Mapper[Any], reference: Reference) -> bool:
    """Whether a relationship of the model uses this foreign key."""
    columns = zip(reference.columns.values(), reference.referred, strict=True)
    wanted = {frozenset(pair) for pair in columns}
    return any(
        wanted == {frozenset(pair) for pair in relation.synchronize_pairs}
        for relation in base.relationships
        if relation.secondary is None and not relation.viewonly
    )
