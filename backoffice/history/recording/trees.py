"""Records that are deleted together with one that they belong to, by way of their own table."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, object_mapper

from backoffice.history.references import Reference, dependents
from backoffice.history.session import RecordSession
from backoffice.models import Audited


def leave_to_their_roots(session: RecordSession) -> None:
    """Before a flush: let go of records that go anyway, with one above them that it deletes.

    The session would delete the two in any order; what is below the one is gone then already. Where
    a relation between them tells it the order, and none is left out in between, it may.
    """
    by_base: dict[Mapper[Any], list[Any]] = {}
    for record in session.deleted:
        if isinstance(record, Audited):
            by_base.setdefault(object_mapper(record).base_mapper, []).append(record)
    for base, records in by_base.items():
        ways = [
            dependent.reference
            for dependent in dependents(base)
            if dependent.mapper is base and not dependent.set_null
        ]
        if not ways or len(records) < 2:
            continue
        for record in records:
            for way in ways:
                steps = _steps_to_one_of(session, way, record, records)
                if steps > 1 or (steps == 1 and not _is_related(base, way)):
                    session.expunge(record)
                    break


def _steps_to_one_of(
    session: RecordSession, way: Reference, record: Any, records: list[Any]
) -> int:
    """How far above a record the next of ``records`` is; 0 if none is."""
    goals = {_referred(way, other) for other in records if other is not record}
    for number, above in enumerate(_above(session, way, sa.inspect(record).dict), start=1):
        if above in goals:
            return number
    return 0


def _referred(way: Reference, record: Any) -> tuple[Any, ...]:
    mapper = object_mapper(record)
    known = sa.inspect(record).dict
    return tuple(known.get(mapper.get_property_by_column(column).key) for column in way.referred)


def _above(
    session: RecordSession, way: Reference, values: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """What a record refers to, what that refers to, and so on; one statement for each but the
    first."""
    seen: set[tuple[Any, ...]] = set()
    above = tuple(values.get(name) for name in way.columns)
    asked = sa.select(*way.columns.values())
    while None not in above and above not in seen:
        seen.add(above)
        yield above
        is_it = (column == value for column, value in zip(way.referred, above, strict=True))
        row = session.connection().execute(asked.where(*is_it)).first()
        above = (None,) if row is None else tuple(row)


def _is_related(base: Mapper[Any], way: Reference) -> bool:
    """Whether a relation of the model says which record belongs to which."""
    wanted = {frozenset((own, referred)) for own, referred in _pairs(way)}
    return any(
        wanted == {frozenset(pair) for pair in relation.synchronize_pairs}
        for relation in base.relationships
        if relation.secondary is None and not relation.viewonly
    )


def _pairs(way: Reference) -> Iterator[tuple[Any, Any]]:
    yield from zip(way.columns.values(), way.referred, strict=True)
