"""How many records a list matches."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from backoffice.admin.lists.query import ListQuery
from backoffice.admin.records.counting import Count, of_bounded
from backoffice.admin.records.keys import goes_as_array, key_attributes, key_for, key_in_row
from backoffice.history import RecordSession

FEW_KEYS = 300
"""Records up to which their keys are as good as the search that found them."""


def count_found(session: RecordSession, query: ListQuery) -> tuple[Count, tuple[Any, ...] | None]:
    """How many records match, to ``COUNT_LIMIT``, and their keys where they are few.

    One statement, and the only one that has to search: what else the page wants is asked of the
    keys, if they are at most ``FEW_KEYS``.
    """
    view = query.view
    some = query.some(*key_attributes(view))
    few: Sequence[Any]
    if goes_as_array(view):
        # All keys stay with the server but for a slice of the array.
        found = some.subquery()
        (column,) = found.c
        keys = func.array_agg(column, type_=ARRAY(column.type))[1 : FEW_KEYS + 1]
        number, few = session.execute(select(func.count(), keys).select_from(found)).one()
    elif session.dialect == "postgresql":
        cte = some.cte()
        counted = select(func.count().label("number")).select_from(cte).subquery()
        first = select(literal(1).label("there"), *cte.c).limit(FEW_KEYS + 1).subquery()
        together = select(*counted.c, *first.c).outerjoin_from(counted, first, true())
        listed = session.execute(together).all()
        number = listed[0][0]
        few = [key_in_row(view, row[2:]) for row in listed if row[1] is not None]
    else:
        is_single = key_for(view).is_single
        few = (
            session.scalars(some).all()
            if is_single
            else [tuple(row) for row in session.execute(some)]
        )
        number = len(few)
    return of_bounded(number), tuple(few or ()) if number <= FEW_KEYS else None


def count_exactly(session: RecordSession, query: ListQuery) -> Count:
    """How many match, however long that takes: run it under a time limit."""
    statement = select(func.count()).select_from(query.view.model).where(query.predicate())
    return Count(session.scalar(statement) or 0)
