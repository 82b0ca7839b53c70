"""Searching items with plain SQL, as well as it can be done for this one table.

PostgreSQL's planner says about how many rows match. If they are many, a page's worth of
them comes early in the order of names, and they are read from its index; not forever, since they
may all be at its end. Otherwise all matches are found by the trigram indexes and sorted. A word
that is too short for these indexes is looked for at the beginning of words, where they know it.
"""

from typing import Any

PAGE_SIZE = 50
COUNT_LIMIT = 10_000
FEW = 300
"""Up to so many rows, the count also reads their keys, so that the search runs once."""

INDEXED_LENGTH = 3
WALKED = 20_000
"""Names that are read in order until a page is full."""

COLUMNS = (
    "items.id, items.name, items.description, items.price, items.quantity, "
    "categories.id, categories.name"
)
ROWS = (
    f"SELECT {COLUMNS} FROM items JOIN categories ON categories.id = items.category_id "
    "{where} ORDER BY {order} LIMIT %(limit)s"
)
BY_NAME = "items.name, items.id"
WALK = (
    f"SELECT {COLUMNS} FROM (SELECT * FROM items ORDER BY name, id LIMIT {WALKED}) AS items "
    "JOIN categories ON categories.id = items.category_id "
    "WHERE {match} ORDER BY items.name, items.id LIMIT %(limit)s"
)
SORTED = (
    "WITH items AS MATERIALIZED (SELECT * FROM items WHERE {match}) "
    f"SELECT {COLUMNS} FROM items JOIN categories ON categories.id = items.category_id "
    "ORDER BY items.name, items.id LIMIT %(limit)s"
)
COUNT = (
    "SELECT count(*), (array_agg(id))[1:%(few)s] "
    "FROM (SELECT items.id FROM items WHERE {match} LIMIT %(count_limit)s) AS found"
)
# Both halves are one transaction, as the two of a single message are.
COUNT_MANY = (
    "SET LOCAL enable_seqscan = on; "
    "SELECT count(*) FROM (SELECT FROM items WHERE {match} LIMIT %(count_limit)s) AS found"
)
COUNT_ALL = (
    "SET LOCAL enable_seqscan = on; SET LOCAL max_parallel_workers_per_gather = 2; "
    "SELECT count(*) FROM items WHERE {match}"
)
EXPLAIN = "EXPLAIN (FORMAT JSON) SELECT FROM items WHERE {match}"
KEYS = "WHERE items.id = ANY(%(keys)s)"
TIME_LIMIT = (
    "SELECT set_config('statement_timeout', '5000ms', true), "
    "set_config('max_parallel_workers_per_gather', '0', true), "
    "set_config('enable_seqscan', 'off', true)"
)
CATEGORIES_LIKE = ", ARRAY(SELECT id FROM categories WHERE name ILIKE %(pattern_{place})s)"

Rows = list[tuple[Any, ...]]

_expected: dict[tuple[str, int | None], int] = {}
"""How many rows the planner expects, asked once for each search: its answer hardly changes."""


def search_items(
    cursor: Any, search: str, category_id: int | None, *, exact: bool
) -> tuple[Rows, int]:
    """The first page of the items that hold every word, and their number, at most ``COUNT_LIMIT``
    + 1; all of them if ``exact``. ``category_id``: only that category's; None for all."""
    words = search.split()
    values: dict[str, Any] = {
        "limit": PAGE_SIZE + 1,
        "count_limit": COUNT_LIMIT + 1,
        "few": FEW + 1,
        "category": category_id,
    }
    for place, word in enumerate(words):
        values |= {
            f"pattern_{place}": f"%{word}%",
            f"first_{place}": f"{word}%",
            f"later_{place}": f"% {word}%",
        }
    looked = "".join(CATEGORIES_LIKE.format(place=place) for place in range(len(words)))
    cursor.execute(TIME_LIMIT + looked, values)
    found = cursor.fetchall()[0][3:]
    values |= {f"found_{place}": keys for place, keys in enumerate(found)}
    match = " AND ".join(
        f"({_condition(place, word, bool(found[place]))})" for place, word in enumerate(words)
    )
    if category_id is not None:
        match = f"items.category_id = %(category)s AND {match}"
    if (search, category_id) not in _expected:
        cursor.execute(EXPLAIN.format(match=match), values)
        _expected[search, category_id] = cursor.fetchall()[0][0][0]["Plan"]["Plan Rows"]
    if exact or _expected[search, category_id] > COUNT_LIMIT:
        return _many(cursor, match, values, COUNT_ALL if exact else COUNT_MANY)
    return _few(cursor, match, values)


def _condition(place: int, word: str, in_category: bool) -> str:
    columns = ("items.name", "items.description")
    if len(word) < INDEXED_LENGTH:
        ways: tuple[str, ...] = ("first", "later")
    else:
        ways = ("pattern",)
    parts = [f"{column} ILIKE %({way}_{place})s" for column in columns for way in ways]
    if in_category:
        parts.append(f"items.category_id = ANY(%(found_{place})s)")
    return " OR ".join(parts)


def _few(cursor: Any, match: str, values: dict[str, Any]) -> tuple[Rows, int]:
    cursor.execute(COUNT.format(match=match), values)
    ((number, keys),) = cursor.fetchall()
    if not number:
        return [], 0
    if number <= FEW:
        statement = ROWS.format(where=KEYS, order=BY_NAME)
        cursor.execute(statement, {**values, "keys": keys})
    else:
        cursor.execute(SORTED.format(match=match), values)
    return cursor.fetchall()[:PAGE_SIZE], number


def _many(cursor: Any, match: str, values: dict[str, Any], count: str) -> tuple[Rows, int]:
    cursor.execute(count.format(match=match), values)
    ((number,),) = cursor.fetchall()
    cursor.execute(WALK.format(match=match), values)
    rows: Rows = cursor.fetchall()
    if len(rows) <= PAGE_SIZE and len(rows) < number:
        cursor.execute(SORTED.format(match=match), values)
        rows = cursor.fetchall()
    return rows[:PAGE_SIZE], number
