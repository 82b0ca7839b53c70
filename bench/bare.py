"""The smallest program that shows the lists: what the database and fifty printed rows cost alone.

It sends our page's statements through psycopg2: who is signed in, their saved views, the time
limit, the count and the rows. Each is written by hand, and the first two are prepared as ours are.
There is one template; only what a row needs is linked or escaped, no number is put into words, and
nobody is refused. Words are searched as ``bench.bare_search`` says. The page is compressed as ours
is, where the client accepts it. No back office of this kind can be faster.

Addresses: /?sort=price, /?category=5, /?search=steel, /?search=zinc+bolt&category=5,
/?search=steel&count=exact, /?after=<name>&id=7, /?at=last; with only=rows, only the last two
statements are sent.
"""

import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import sqlalchemy as sa
from jinja2 import Environment
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from psycopg2.pool import ThreadedConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from backoffice.auth.digests import token_digest
from backoffice.config import load_settings
from bench.bare_search import COUNT_LIMIT, PAGE_SIZE, ROWS, TIME_LIMIT, search_items

GZIP_LEVEL, GZIP_FORMAT = 3, 31
"""As ours: the level, and zlib's ``wbits`` for gzip's format."""

PREPARED = """
PREPARE person (text, timestamptz, timestamptz) AS
SELECT s.password_mark, s.created_at, s.last_seen_at, u.id, u.first_name, u.last_name, u.email,
       u.is_superuser, u.password_hash, r.id, r.name, g.identity, g.action, p.data
FROM sessions s JOIN users u ON u.id = s.user_id
LEFT JOIN user_roles m ON m.user_id = u.id LEFT JOIN roles r ON r.id = m.role_id
LEFT JOIN role_grants g ON g.role_id = m.role_id
LEFT JOIN user_preferences p ON p.user_id = u.id
WHERE s.token_hash = $1 AND s.last_seen_at > $2 AND s.created_at > $3 AND u.is_active;
PREPARE named (text, integer) AS
SELECT v.id, v.name, v.query, v.owner_id, v.role_id, u.first_name, u.last_name, r.name
FROM saved_views v LEFT JOIN users u ON u.id = v.owner_id LEFT JOIN roles r ON r.id = v.role_id
WHERE v.identity = $1 AND v.deleted_at IS NULL AND (v.owner_id = $2 OR v.role_id IN
      (SELECT role_id FROM user_roles WHERE user_id = $2))
ORDER BY CASE WHEN v.owner_id = $2 THEN 0 ELSE 1 END, v.name, v.id LIMIT 100
"""
PERSON = "EXECUTE person (%(token)s, now() - interval '12 hours', now() - interval '7 days')"
NAMED = "EXECUTE named ('item', %(person)s)"


class Prepared(Connection):
    """A connection that knows the prepared statements, without a transaction around each."""

    def __init__(self, dsn: str, **options: Any) -> None:
        super().__init__(dsn, **options)
        self.autocommit = True
        with self.cursor() as cursor:
            cursor.execute(PREPARED)


settings = load_settings()
pool = ThreadedConnectionPool(
    # Both limits are the same, so that connections stay open.
    settings.database_pool_size,
    settings.database_pool_size,
    sa.make_url(settings.database)
    .set(drivername="postgresql")
    .render_as_string(hide_password=False),
    connection_factory=Prepared,
    # As in ours: no parallel workers, whose start takes longer than a page, and by an index.
    options="-c max_parallel_workers_per_gather=0 -c enable_seqscan=off",
)

COUNT = "SELECT count(*) FROM (SELECT FROM items {where} LIMIT %(count_limit)s) AS found"
ESTIMATE = "SELECT reltuples::bigint FROM pg_class WHERE oid = 'items'::regclass"

ORDERS = {
    "name": ("items.name, items.id", "items.name DESC, items.id DESC"),
    "price": ("items.price, items.id", "items.price DESC, items.id DESC"),
}
AFTER = (
    "items.name >= %(after)s "
    "AND (items.name > %(after)s OR items.name = %(after)s AND items.id > %(id)s)"
)
CATEGORY = "items.category_id = %(category)s"

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
    """One page of the list. Runs in a worker thread, because it is not a coroutine."""
    asked = request.query_params
    connection = pool.getconn()
    try:
        with connection.cursor() as cursor:
            if asked.get("only") != "rows":
                _ask_who(cursor, request.cookies)
            rows, number = _fetch(cursor, asked)
    finally:
        pool.putconn(connection)
    return _page(TEMPLATE.render(rows=rows, count=f"{number:,}"), request)


def _page(text: str, request: Request) -> HTMLResponse:
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(text)
    body = zlib.compress(text.encode(), GZIP_LEVEL, wbits=GZIP_FORMAT)
    return HTMLResponse(body, headers={"content-encoding": "gzip", "vary": "Accept-Encoding"})


def _ask_who(cursor: Any, cookies: Mapping[str, str]) -> None:
    token, _dot, _signature = cookies["backoffice"].rpartition(".")
    cursor.execute(PERSON, {"token": token_digest(token)})
    person_id = cursor.fetchall()[0][3]
    cursor.execute(NAMED, {"person": person_id})
    cursor.fetchall()


def _fetch(cursor: Any, asked: Mapping[str, str]) -> tuple[list[tuple[Any, ...]], int]:
    """The rows of a page and the number of all rows, as far as they are counted."""
    category = asked.get("category")
    if search := asked.get("search"):
        exact = asked.get("count") == "exact"
        return search_items(cursor, search, int(category) if category else None, exact=exact)
    if asked.get("only") != "rows":
        cursor.execute(TIME_LIMIT)
        cursor.fetchall()
    last = asked.get("at") == "last"
    order = ORDERS[asked.get("sort", "name")][last]
    values: dict[str, Any] = {"limit": PAGE_SIZE + 1, "count_limit": COUNT_LIMIT + 1}
    where = ""
    if category:
        where = f"WHERE {CATEGORY}"
        values["category"] = int(category)
        cursor.execute(COUNT.format(where=where), values)
    else:
        cursor.execute(ESTIMATE)
    ((number,),) = cursor.fetchall()
    if "after" in asked:
        where = f"WHERE {AFTER}"
        values |= {"after": asked["after"], "id": int(asked["id"])}
    cursor.execute(ROWS.format(where=where, order=order), values)
    rows: list[tuple[Any, ...]] = cursor.fetchall()[:PAGE_SIZE]
    return rows[::-1] if last else rows, number


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    # The pool has no queue: no more threads than connections.
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.database_pool_size
    yield
    pool.closeall()


app = Starlette(routes=[Route("/", show)], lifespan=lifespan)
