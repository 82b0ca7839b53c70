"""Writing items by the million: the database's own way in, a row at a time through memory."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from backoffice.db.limits import lift_limit
from backoffice.history import RecordSession

Row = tuple[int, str, str, int, int]
"""Category's id, name, description, price in hundredths, quantity."""

COLUMNS = "category_id, name, description, price, quantity"


def insert_items(session: RecordSession, rows: Iterator[Row], *, skip_existing: bool) -> int:
    """Insert ``rows`` in the session's transaction; returns how many were.

    ``skip_existing``: leave out the rows whose name is taken; otherwise that is an error.
    """
    connection = session.connection()
    insert = _WAYS[connection.dialect.name]
    return insert(connection, rows, skip_existing)


def _postgresql(connection: sa.Connection, rows: Iterator[Row], skip_existing: bool) -> int:
    # The timeout is meant for pages; this statement may well take minutes.
    lift_limit(connection)
    target = "items"
    if skip_existing:
        target = "demo_items"
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE demo_items (category_id integer, name text, description text, "
            "price numeric(12, 2), quantity integer) ON COMMIT DROP"
        )
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} ({COLUMNS}) FROM STDIN", CopyText(rows), 1 << 16)
        count: int = cursor.rowcount
    if skip_existing:
        inserted = connection.exec_driver_sql(
            f"INSERT INTO items ({COLUMNS}) SELECT {COLUMNS} FROM demo_items "  # noqa: S608 - constant
            "ON CONFLICT (name) DO NOTHING"
        )
        count = inserted.rowcount
    # Estimated counts and plans come from the statistics, which nobody else gathers for a while.
    connection.exec_driver_sql("ANALYZE categories, items")
    return count


def _sqlite(connection: sa.Connection, rows: Iterator[Row], skip_existing: bool) -> int:
    driver: Any = connection.connection.driver_connection
    skip = " ON CONFLICT (name) DO NOTHING" if skip_existing else ""
    cursor = driver.executemany(
        f"INSERT INTO items ({COLUMNS}) VALUES (?, ?, ?, ?, ?){skip}",  # noqa: S608 - constant
        (
            (category_id, name, description, cents / 100, quantity)
            for category_id, name, description, cents, quantity in rows
        ),
    )
    count: int = max(0, cursor.rowcount)
    connection.exec_driver_sql("ANALYZE")
    return count


def _mysql(connection: sa.Connection, rows: Iterator[Row], skip_existing: bool) -> int:
    driver: Any = connection.connection.driver_connection
    # IGNORE forgives more than taken names, but nothing else can be wrong with these rows; and
    # ON DUPLICATE KEY would count the rows that it left alone.
    ignore = "IGNORE " if skip_existing else ""
    with driver.cursor() as cursor:
        # PyMySQL sends as many rows in one statement as fit in a megabyte.
        count = cursor.executemany(
            f"INSERT {ignore}INTO items ({COLUMNS}) VALUES (%s, %s, %s, %s, %s)",  # noqa: S608
            (
                (category_id, name, description, f"{cents // 100}.{cents % 100:02}", quantity)
                for category_id, name, description, cents, quantity in rows
            ),
        )
    return int(count or 0)


_WAYS: dict[str, Callable[[sa.Connection, Iterator[Row], bool], int]] = {
    "postgresql": _postgresql,
    "sqlite": _sqlite,
    "mysql": _mysql,
    "mariadb": _mysql,
}


class CopyText(io.TextIOBase):
    """What COPY reads, made while it reads."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._lines = (
            f"{category_id}\t{_escape(name)}\t{_escape(description)}\t"
            f"{cents // 100}.{cents % 100:02}\t{quantity}\n"
            for category_id, name, description, cents, quantity in rows
        )
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        """At most ``size`` characters, or all."""
        wanted = float("inf") if size is None or size < 0 else size
        pieces, length = [self._rest], len(self._rest)
        while length < wanted and (line := next(self._lines, "")):
            pieces.append(line)
            length += len(line)
        text = "".join(pieces)
        if length <= wanted:
            self._rest = ""
            return text
        self._rest = text[int(wanted) :]
        return text[: int(wanted)]


_SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _escape(text: str) -> str:
    # Nearly every text is plain, and finding that out is ten times quicker than translating it.
    return text if text.isprintable() and "\\" not in text else text.translate(_SPECIAL)
