"""Writing items by the million: by the database's own bulk load, streamed row by row."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa

from backoffice.db.resilience.time_limits import lift_limit
from backoffice.history import RecordSession

Row = tuple[int, str, str, int, int]
"""Category's id, name, description, price in hundredths, quantity."""

COLUMNS = "category_id, name, description, price, quantity"

AT_ONCE = 5_000
"""Rows whose names MariaDB is asked for at once."""


@dataclass(frozen=True, slots=True)
class Made:
    """How many items were made, and their ids as ranges, both ends included.

    ``keys`` is None if a server gives ids in steps, so that each would be a range.
    """

    number: int = 0
    keys: list[tuple[int, int]] | None = field(default_factory=list)


def insert_items(
    session: RecordSession, rows: Iterator[Row], most: int, *, skip_existing: bool
) -> Made:
    """Insert ``rows``, at most ``most``, in the session's transaction.

    ``skip_existing``: leave out the rows whose name is taken; otherwise that is an error. Other
    programs may insert items at the same time: theirs are never among what was made.
    """
    first = next(rows, None)
    if first is None:
        return Made()
    connection = session.connection()
    insert = _WAYS[connection.dialect.name]
    return insert(connection, islice(chain([first], rows), most), most, skip_existing)


def _postgresql(
    connection: sa.Connection, rows: Iterator[Row], most: int, skip_existing: bool
) -> Made:
    # The timeout is meant for pages; this statement may well take minutes.
    lift_limit(connection)
    copy = _postgresql_skipping if skip_existing else _postgresql_copy
    made = copy(connection, rows, most)
    # Estimated counts and plans come from the statistics, which nobody else gathers for a while.
    connection.exec_driver_sql("ANALYZE categories, items")
    return made


_AS_RANGES = "SELECT min(id), max(id) FROM ({}) AS one GROUP BY id - place ORDER BY 1"
"""Numbers that follow one another are as far from their places as each other."""


def _postgresql_copy(connection: sa.Connection, rows: Iterator[Row], most: int) -> Made:
    # COPY does not tell which ids it gave: so they are taken from the sequence beforehand, which
    # gives none of them to anybody else. Those that are left over stay unused.
    numbers = (
        "SELECT id, row_number() OVER (ORDER BY id) AS place FROM (SELECT "
        "nextval(pg_get_serial_sequence('items', 'id')) AS id FROM generate_series(1, %s)) AS own"
    )
    found = connection.exec_driver_sql(_AS_RANGES.format(numbers), (most,))
    taken = [(row[0], row[1]) for row in found]
    ids = chain.from_iterable(range(first, last + 1) for first, last in taken)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        text = CopyText(rows, ids)
        cursor.copy_expert(f"COPY items (id, {COLUMNS}) FROM STDIN", text, 1 << 16)
        number: int = cursor.rowcount
    return Made(number, _first(taken, number))


def _first(ranges: list[tuple[int, int]], number: int) -> list[tuple[int, int]]:
    """The ranges of the first so many."""
    found = []
    for first, last in ranges:
        if number <= 0:
            break
        last = min(last, first + number - 1)
        found.append((first, last))
        number -= last - first + 1
    return found


def _postgresql_skipping(connection: sa.Connection, rows: Iterator[Row], most: int) -> Made:
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE demo_items (category_id integer, name text, description text, "
        "price numeric(12, 2), quantity integer) ON COMMIT DROP"
    )
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.copy_expert(f"COPY demo_items ({COLUMNS}) FROM STDIN", CopyText(rows), 1 << 16)
    # A row that a conflict leaves out has used up an id by then; what is seen to be taken has not.
    insert = (
        f"INSERT INTO items ({COLUMNS}) SELECT {COLUMNS} FROM demo_items AS one "  # noqa: S608 - constant
        "WHERE NOT EXISTS (SELECT FROM items WHERE items.name = one.name) "
        "ON CONFLICT (name) DO NOTHING RETURNING id"
    )
    numbers = "SELECT id, row_number() OVER (ORDER BY id) AS place FROM made"
    found = connection.exec_driver_sql(f"WITH made AS ({insert}) {_AS_RANGES.format(numbers)}")
    keys = [(row[0], row[1]) for row in found]
    return Made(sum(last - first + 1 for first, last in keys), keys)


def _sqlite(connection: sa.Connection, rows: Iterator[Row], most: int, skip_existing: bool) -> Made:
    # Nobody else writes in this transaction: what comes above the last id is ours.
    before = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM items").scalar_one()
    driver: Any = connection.connection.driver_connection
    values = "VALUES (?1, ?2, ?3, ?4, ?5)"
    if skip_existing:  # a row that a conflict leaves out would have used up an id
        values = "SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM items WHERE name = ?2)"
    cursor = driver.executemany(
        f"INSERT INTO items ({COLUMNS}) {values}",
        (
            (category_id, name, description, cents / 100, quantity)
            for category_id, name, description, cents, quantity in rows
        ),
    )
    number = max(0, cursor.rowcount)
    keys = []
    if number:
        lowest = "SELECT min(id), max(id) FROM items WHERE id > ?"
        first, last = connection.exec_driver_sql(lowest, (before,)).one()
        assert last - first + 1 == number, "SQLite gave ids with gaps to one writer"
        keys = [(first, last)]
    connection.exec_driver_sql("ANALYZE")
    return Made(number, keys)


def _mysql(connection: sa.Connection, rows: Iterator[Row], most: int, skip_existing: bool) -> Made:
    insert = _MySQLInsert(connection)
    if not skip_existing:
        insert.insert(rows)
    while skip_existing and (some := list(islice(rows, AT_ONCE))):
        insert.insert_new({row[1]: row for row in reversed(some)})
    insert.cursor.close()
    return Made(insert.number, insert.keys)


class _MySQLInsert:
    """Inserts by statements of a megabyte, and notes which ids each of them was given.

    A statement whose number of rows is known is given its ids in one piece (InnoDB, whatever
    ``innodb_autoinc_lock_mode``), and the first of them is told. With IGNORE it would not be so.
    """

    def __init__(self, connection: sa.Connection) -> None:
        from pymysql.cursors import Cursor  # type: ignore[import-untyped]

        self.number = 0
        self.keys: list[tuple[int, int]] | None = []
        self.connection = connection
        step = connection.exec_driver_sql("SELECT @@auto_increment_increment").scalar_one()
        if step != 1:  # a cluster whose servers take turns: each row would be a range
            self.keys = None
        own = self

        class Noting(Cursor):  # type: ignore[misc]
            def execute(self, query: Any, args: Any = None) -> int:
                number: int = super().execute(query, args)
                own.note(self.lastrowid, number)
                return number

        self.driver: Any = connection.connection.driver_connection
        self.cursor = Noting(self.driver)

    def note(self, first: int, number: int) -> None:
        """A statement has inserted so many rows."""
        self.number += number
        if self.keys is None:
            return
        if self.keys and self.keys[-1][1] == first - 1:
            self.keys[-1] = (self.keys[-1][0], first + number - 1)
        else:
            self.keys.append((first, first + number - 1))

    def insert(self, rows: Iterator[Row]) -> None:
        """Insert rows whose names are free."""
        self.cursor.executemany(
            f"INSERT INTO items ({COLUMNS}) VALUES (%s, %s, %s, %s, %s)",  # noqa: S608 - constant
            (
                (category_id, name, description, f"{cents // 100}.{cents % 100:02}", quantity)
                for category_id, name, description, cents, quantity in rows
            ),
        )

    def insert_new(self, rows: dict[str, Row]) -> None:
        """Insert the rows whose names are free, also where others take some at this moment."""
        lock = ""
        while new := self._new(rows, lock):
            try:
                self.insert(iter(new))
            except self.driver.IntegrityError:
                # Somebody took a name since this transaction began: look at what is there now.
                if lock and len(self._new(rows, lock)) == len(new):
                    raise
                lock = " LOCK IN SHARE MODE"
            else:
                return

    def _new(self, rows: dict[str, Row], lock: str) -> list[Row]:
        places = ", ".join(["%s"] * len(rows))
        statement = f"SELECT name FROM items WHERE name IN ({places}){lock}"  # noqa: S608 - marks
        taken = set(self.connection.exec_driver_sql(statement, tuple(rows)).scalars())
        return [row for name, row in rows.items() if name not in taken]


_WAYS: dict[str, Callable[[sa.Connection, Iterator[Row], int, bool], Made]] = {
    "postgresql": _postgresql,
    "sqlite": _sqlite,
    "mysql": _mysql,
    "mariadb": _mysql,
}


class CopyText(io.TextIOBase):
    """What COPY reads, made while it reads; with ``ids``, each row begins with the next of them."""

    def __init__(self, rows: Iterator[Row], ids: Iterator[int] | None = None) -> None:
        self._lines = (
            f"{category_id}\t{_escape(name)}\t{_escape(description)}\t"
            f"{cents // 100}.{cents % 100:02}\t{quantity}\n"
            for category_id, name, description, cents, quantity in rows
        )
        if ids is not None:
            self._lines = (f"{key}\t{line}" for line, key in zip(self._lines, ids, strict=False))
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
