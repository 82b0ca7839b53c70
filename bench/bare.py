"""The smallest program that shows the lists: what the database and fifty printed rows cost alone.

Statements written by hand, psycopg2, one template. Nobody signs in, nothing is linked or escaped
but what a row needs, no number is said in words. It is what no back office can be faster than.

Addresses: /?sort=price, /?category=5, /?search=steel, /?after=<name>&id=7, /?at=last.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import sqlalchemy as sa
from jinja2 import Environment
from psycopg2.pool import ThreadedConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from backoffice.config import load_settings

PAGE_SIZE = 50
COUNT_LIMIT = 10_000
FEW = 300
"""Rows up to which the count brings their keys along, so that they are searched for once."""

settings = load_settings()
pool = ThreadedConnectionPool(
    # Both the same, so that connections stay open.
    settings.database_pool_size,
    settings.database_pool_size,
    sa.make_url(settings.database)
    .set(drivername="postgresql")
    .render_as_string(hide_password=False),
    # As ours asks: no processes to help, whose start takes longer than a page, and by an index.
    options="-c max_parallel_workers_per_gather=0 -c enable_seqscan=off",
)

ROWS = (
    "SELECT items.id, items.name, items.description, items.price, items.quantity, "
    "categories.id, categories.name "
    "FROM items JOIN categories ON categories.id = items.category_id "
    "{where} ORDER BY {order} LIMIT %(limit)s"
)
COUNT = (
    "SELECT count(*), (array_agg(id))[1:%(few)s] "
    "FROM (SELECT items.id FROM items {where} LIMIT %(count_limit)s) AS found"
)
ESTIMATE = "SELECT reltuples::bigint FROM pg_class WHERE oid = 'items'::regclass"

ORDERS = {
    "name": ("items.name, items.id", "items.name DESC, items.id DESC"),
    "price": ("items.price, items.id", "items.price DESC, items.id DESC"),
}
KEYS = "items.id = ANY(%(keys)s)"
AFTER = (
    "items.name >= %(after)s "
    "AND (items.name > %(after)s OR items.name = %(after)s AND items.id > %(id)s)"
)
CATEGORY = "items.category_id = %(category)s"
FOUND = "SELECT id FROM categories WHERE name ILIKE %(pattern)s"
SEARCH = "items.name ILIKE %(pattern)s OR items.description ILIKE %(pattern)s"
SEARCH_BOTH = f"{SEARCH} OR items.category_id = ANY(%(found)s)"

TEMPLATE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="en"><head><title>Items</title></head><body><h1>Items</h1><p>{{ count }}</p>
<table>
<tr><th>Name<th>Category<th>Price<th>Quantity<th>Description</tr>
{% for id, name, description, price, quantity, category_id, category in rows %}
<tr><td><a href="/item/edit/{{ id }}">{{ name }}</a>
<td><a href="/category/details/{{ category_id }}">{{ category }}</a>
<td>{{ "{:,}".format(price) }}<td>{{ "{:,}".format(quantity) }}<td>{{ description }}</tr>
{% endfor %}
</table></body></html>"""
)


def show(request: Request) -> HTMLResponse:
    """One page of the list. Runs in a worker thread, as it is no coroutine."""
    asked = request.query_params
    connection = pool.getconn()
    try:
        connection.autocommit = True  # no round trips for BEGIN and ROLLBACK
        with connection.cursor() as cursor:
            rows, number = _fetch(cursor, asked)
    finally:
        pool.putconn(connection)
    return HTMLResponse(TEMPLATE.render(rows=rows, count=f"{number:,}"))


def _fetch(cursor: Any, asked: Mapping[str, str]) -> tuple[list[tuple[Any, ...]], int]:
    """The rows of a page and how many there are in all, as far as they are counted."""
    last = asked.get("at") == "last"
    order = ORDERS[asked.get("sort", "name")][last]
    values: dict[str, Any] = {
        "limit": PAGE_SIZE + 1,
        "count_limit": COUNT_LIMIT + 1,
        "few": FEW + 1,
    }
    conditions = []
    if category := asked.get("category"):
        conditions.append(CATEGORY)
        values["category"] = int(category)
    if search := asked.get("search"):
        values["pattern"] = f"%{search}%"
        cursor.execute(FOUND, values)
        values["found"] = [key for (key,) in cursor.fetchall()]
        conditions.append(SEARCH_BOTH if values["found"] else SEARCH)
    if conditions:
        cursor.execute(COUNT.format(where=_where(conditions)), values)
        ((number, values["keys"]),) = cursor.fetchall()
        if not number:
            return [], 0
        if number <= FEW:
            conditions = [KEYS]
    else:
        cursor.execute(ESTIMATE)
        ((number,),) = cursor.fetchall()
    if "after" in asked:
        conditions.append(AFTER)
        values |= {"after": asked["after"], "id": int(asked["id"])}
    cursor.execute(ROWS.format(where=_where(conditions), order=order), values)
    rows: list[tuple[Any, ...]] = cursor.fetchall()[:PAGE_SIZE]
    return rows[::-1] if last else rows, number


def _where(conditions: list[str]) -> str:
    return "WHERE " + " AND ".join(f"({one})" for one in conditions) if conditions else ""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    # The pool has no queue: no more threads than connections.
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.database_pool_size
    yield
    pool.closeall()


app = Starlette(routes=[Route("/", show)], lifespan=lifespan)
