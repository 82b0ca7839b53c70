"""A long history, made fast: a change of price for each item, to search the changes feed."""

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.db.resilience.time_limits import lift_limit

MOST = 1_000_000
"""A database with more items than this gets no such history: writing it would take too long."""

TOGETHER = 1_000
"""Every second change is a changeset by itself; of the others, so many share one."""

CHANGESETS = """
INSERT INTO changesets (id, at, actor, source, reason, request_id, address)
SELECT :first + number, now() - make_interval(secs => :items - number), 'Bench Tester', 'script',
       '', '', ''
FROM generate_series(1, :alone + :shared) AS number
"""
CHANGES = """
INSERT INTO changes (changeset_id, model, record_id, label, operation, before, after)
SELECT :first + CASE WHEN id % 2 = 0 THEN id / 2 ELSE :alone + 1 + id / (2 * :together) END,
       'items', id::text, name, 'update',
       jsonb_build_object('price', (price + 1)::text), jsonb_build_object('price', price::text)
FROM items ORDER BY id
"""
NUMBERING = "SELECT setval(pg_get_serial_sequence('changesets', 'id'), max(id)) FROM changesets"


def write_history(database: Database, items: int) -> None:
    """Write so many changes, of the items 1 to ``items``, which the table ends with.

    The prices are what they were: each change comes after another one, which nobody recorded.
    """
    with database.writer.begin() as connection:
        lift_limit(connection)
        values = {
            "first": connection.scalar(sa.text("SELECT coalesce(max(id), 0) FROM changesets")),
            "items": items,
            "alone": items // 2,
            "shared": -(-items // (2 * TOGETHER)),
            "together": TOGETHER,
        }
        for statement in (CHANGESETS, CHANGES, NUMBERING):
            connection.execute(sa.text(statement), values)


def has_history(database: Database, items: int) -> bool:
    """Whether so many changes were written before."""
    with database.engine.connect() as connection:
        last = connection.scalar(sa.text("SELECT max(id) FROM changes"))
    return last is not None and last >= items
