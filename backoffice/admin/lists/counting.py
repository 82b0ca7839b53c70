"""Counting the records that match a list query."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import any_, func, literal, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.records.counting import COUNT_LIMIT, Count, bounded_count
from backoffice.admin.records.keys import binds_as_array, key_attributes, key_for, key_from_row
from backoffice.history import RecordSession

MOST_MATCHED_KEYS = 300
"""Matching records whose keys are read with their count. Further statements of the page then use
the keys instead of the search."""


def count_matches(session: RecordSession, query: ListQuery) -> tuple[Count, tuple[Any, ...] | None]:
    """The number of matching records, counted to ``COUNT_LIMIT``, and their keys; None for the keys
    if there are more than ``MOST_MATCHED_KEYS``. One statement.
    """
    view = query.view
    matching = query.select_matching(*key_attributes(view))
    keys: Sequence[Any]
    if binds_as_array(view):
        # Only a slice of the array of keys leaves the server.
        subquery = matching.subquery()
        (column,) = subquery.c
        first_keys = func.array_agg(column, type_=ARRAY(column.type))[1 : MOST_MATCHED_KEYS + 1]
        statement = select(func.count(), first_keys).select_from(subquery)
        number, keys = session.connection().execute(statement).one()
    elif session.dialect == "postgresql":
        cte = matching.cte()
        counted = select(func.count().label("number")).select_from(cte).subquery()
        first = select(literal(1).label("there"), *cte.c).limit(MOST_MATCHED_KEYS + 1).subquery()
        statement = select(*counted.c, *first.c).outerjoin_from(counted, first, true())
        rows = session.execute(statement).all()
        number = rows[0][0]
        keys = [key_from_row(view, row[2:]) for row in rows if row[1] is not None]
    else:
        rows = session.execute(matching).all()
        is_single = key_for(view).is_single
        keys = [row[0] if is_single else tuple(row) for row in rows]
        number = len(keys)
    return bounded_count(number), tuple(keys or ()) if number <= MOST_MATCHED_KEYS else None


SAMPLE_ROWS = 20_000
"""About so many rows of a table are read to estimate how many match."""

LEAST_HITS = 20
"""Matches that a sample needs so that an estimate says something: it is then within half."""


def estimate_matches(session: RecordSession, query: ListQuery) -> Count | None:
    """About how many records match, from a sample of the table's pages; None if that is unknown.

    Only PostgreSQL has such samples. One statement, and one more where the table's size is unknown.
    """
    view = query.view
    rows = table_size(view).estimated_rows(session)
    if session.dialect != "postgresql" or rows <= COUNT_LIMIT:
        return None
    table = view.mapper.local_table
    sample = table.tablesample(func.system(min(100.0, 100 * SAMPLE_ROWS / rows)))
    places = select(literal_column("ctid")).select_from(sample).scalar_subquery()
    in_sample = literal_column("ctid") == any_(func.array(places))
    hits = func.count().filter(query.predicate())
    statement = select(func.count(), hits).select_from(view.model).where(in_sample)
    sampled, matching = session.execute(statement).one()
    return Count(rows * matching // sampled, about=True) if matching >= LEAST_HITS else None


def count_exactly(session: RecordSession, query: ListQuery) -> Count:
    """The number of matching records. It may take long, so run it under a time limit."""
    statement = select(func.count()).select_from(query.view.model).where(query.predicate())
    return Count(session.scalar(statement) or 0)
