"""Databases that one test leaves for the next, as it found them.

To copy a database and drop it again takes a tenth of a second on PostgreSQL, a third of one on
MariaDB, which has no templates, and several times that while the disk is busy. To empty the few
tables that a test wrote to takes a fraction. What was changed in any other way is not used again.
"""

import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Connect = Callable[[str], AbstractContextManager[Connection]]
"""Connects to a database by its name, as its administrator, each statement on its own."""

PATIENCE = 5
"""Seconds that emptying a table may wait for somebody who has not let go of it."""


Rows = dict[str, tuple[Any, ...]]
"""By table, what tells that it was written to, such as a checksum and the next key."""


@dataclass(frozen=True)
class State:
    """``schema`` tells how tables, triggers and so on were made."""

    schema: frozenset[tuple[Any, ...]]
    rows: Rows


class Shelf(ABC):
    """Databases made from ``template``, taken and put back by the tests of one process."""

    def __init__(self, template: str, connect: Connect) -> None:
        self.template, self.connect = template, connect
        self.made: State | None = None
        self._names: list[str] = []

    def take(self) -> str | None:
        """The name of a database as the migrations have just made it; None if there is none."""
        return self._names.pop() if self._names else None

    def learn(self, name: str) -> None:
        """Look at a copy of the template, before anybody uses it; the first one tells enough.

        Not at the template itself: PostgreSQL copies none that somebody is connected to.
        """
        if self.made is None:
            with self.connect(name) as connection:
                self.made = self.look_at(connection, name)
                self.remember(connection, self.made)

    def put_back(self, name: str, spared: Set[int] = frozenset()) -> bool:
        """Take the rows of a test out of ``name``, and keep it for the next one.

        ``spared``: the server's numbers of connections that stay open.

        False if it cannot be had as it was: its tables or triggers are others now, or somebody
        holds on to them. Whoever made it drops it then.
        """
        try:
            with self.connect(name) as connection:
                self.part_others(connection, name, spared)
                found = self.look_at(connection, name)
                if self.made is None or found.schema != self.made.schema:
                    return False
                before = self.made.rows
                if written := {table for table in before if found.rows[table] != before[table]}:
                    self.restore(connection, name, written, before)
        except sa.exc.DBAPIError:
            return False
        self._names.append(name)
        return True

    @abstractmethod
    def remember(self, connection: Connection, made: State) -> None:
        """Keep of a fresh copy what restoring takes."""

    @abstractmethod
    def part_others(self, connection: Connection, name: str, spared: Set[int]) -> None:
        """End the other connections that a test has left open, and wait for nobody for long."""

    @abstractmethod
    def look_at(self, connection: Connection, name: str) -> State:
        """How the database is now."""

    @abstractmethod
    def restore(self, connection: Connection, name: str, tables: set[str], before: Rows) -> None:
        """Give these tables the rows and counters again that ``before`` tells of."""


class MariaDBShelf(Shelf):
    def remember(self, connection: Connection, made: State) -> None:
        """Nothing: rows are copied from the template."""

    def part_others(self, connection: Connection, name: str, spared: Set[int]) -> None:
        connection.exec_driver_sql(f"SET foreign_key_checks = 0, lock_wait_timeout = {PATIENCE}")
        others = "SELECT id FROM information_schema.processlist WHERE db = %s"
        for key in connection.exec_driver_sql(
            f"{others} AND id <> connection_id()", (name,)
        ).scalars():
            if key not in spared:
                connection.exec_driver_sql(f"KILL {key}")

    def look_at(self, connection: Connection, name: str) -> State:
        tables = connection.exec_driver_sql(f"SHOW TABLES FROM {name}").scalars().all()
        listed = ", ".join(f"{name}.{table}" for table in tables)
        checksums = connection.exec_driver_sql(f"CHECKSUM TABLE {listed}").all()
        schema: set[tuple[Any, ...]] = set()
        rows: Rows = {}
        for table, (_name, checksum) in zip(tables, checksums, strict=True):
            made = connection.exec_driver_sql(f"SHOW CREATE TABLE {name}.{table}").one()[1]
            counter = _COUNTER.search(made)
            schema.add((table, _COUNTER.sub("", made)))
            rows[table] = (counter and counter[1], checksum)
        for trigger in connection.exec_driver_sql(f"SHOW TRIGGERS FROM {name}"):
            schema.add((trigger.Trigger, trigger.Timing, trigger.Event, trigger.Statement))
        return State(frozenset(schema), rows)

    def restore(self, connection: Connection, name: str, tables: set[str], before: Rows) -> None:
        for table in tables:
            # TRUNCATE fires no trigger, so it empties the history too.
            connection.exec_driver_sql(f"TRUNCATE {name}.{table}")
            if before[table][1]:
                connection.exec_driver_sql(
                    f"INSERT INTO {name}.{table} SELECT * FROM {self.template}.{table}"
                )


_COUNTER = re.compile(r" AUTO_INCREMENT=(\d+)")


class PostgreSQLShelf(Shelf):
    def remember(self, connection: Connection, made: State) -> None:
        """The rows that the migrations made, and which tables are emptied together."""
        self._rows: dict[str, str] = {}
        for table, (rows, *_rest) in made.rows.items():
            if rows is not None:
                text = io.StringIO()
                _cursor(connection).copy_expert(f"COPY {table} TO STDOUT", text)
                self._rows[table] = text.getvalue()
        self._references = [(one, other) for one, other in connection.exec_driver_sql(_REFERENCES)]

    def part_others(self, connection: Connection, name: str, spared: Set[int]) -> None:
        connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE}s'")
        # No trigger fires, not even those that refuse to empty the history.
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(_PART_OTHERS, (list(spared),))

    def look_at(self, connection: Connection, name: str) -> State:
        schema = connection.exec_driver_sql(_SCHEMA).all()
        tables = connection.exec_driver_sql(_TABLES).all()
        # Those that hold rows from the beginning hold few; of the others one row tells enough.
        contents = connection.exec_driver_sql(
            " UNION ALL ".join(
                f"SELECT '{table}', (SELECT md5(string_agg(one::text, chr(10))) "
                f"FROM (SELECT * FROM {table} LIMIT 100) AS one)"
                for table, _analysed, _counter in tables
            )
        )
        rows = {str(row[0]): row[1] for row in contents}
        return State(
            frozenset(tuple(row) for row in schema),
            {table: (rows[table], analysed, counter) for table, analysed, counter in tables},
        )

    def restore(self, connection: Connection, name: str, tables: set[str], before: Rows) -> None:
        grown = set(connection.exec_driver_sql(_GROWN).scalars())
        while below := {one for one, other in self._references if other in grown} - grown:
            grown |= below
        if grown:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(grown)}")
            connection.exec_driver_sql(_FORGET_STATISTICS)
        for table in tables | grown:
            if table not in grown:  # a TRUNCATE makes new files, which costs more than a few rows
                connection.exec_driver_sql(f"DELETE FROM {table}")
            if table in self._rows:
                _cursor(connection).copy_expert(
                    f"COPY {table} FROM STDIN", io.StringIO(self._rows[table])
                )
            counter = before[table][2]
            connection.exec_driver_sql(
                f"SELECT setval(to_regclass('{table}_id_seq'), {counter or 1}, {bool(counter)})"
            )


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


_PART_OTHERS = f"""
    SELECT pg_terminate_backend(pid, {PATIENCE * 1000}) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL (%s::int[])
"""
_REFERENCES = """
    SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND conrelid <> confrelid
"""
_TABLES = """
    SELECT one.relname::text, one.reltuples >= 0,
        pg_sequence_last_value(to_regclass(one.relname || '_id_seq'))
    FROM pg_class AS one
    WHERE one.relnamespace = 'public'::regnamespace AND one.relkind = 'r'
"""
_SCHEMA = """
    SELECT relname::text, relkind::text, array_to_string(reloptions, ',') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT attrelid::regclass::text, attname::text, format('%%s %%s %%s %%s', attnotnull,
        attidentity, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid))
    FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT indexrelid::regclass::text, indisvalid::text, pg_get_indexdef(indexrelid) FROM pg_index
    JOIN pg_class ON indexrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT conname::text, convalidated::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT tgname::text, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL
    SELECT proname::text, '', prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT extname::text, extversion, '' FROM pg_extension
    UNION ALL
    SELECT '', '', setconfig::text FROM pg_db_role_setting
    JOIN pg_database ON setdatabase = pg_database.oid WHERE datname = current_database()
"""
_GROWN = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND (reltuples >= 0 OR pg_relation_size(oid) > 100000)
"""
_FORGET_STATISTICS = """
    DELETE FROM pg_statistic USING pg_class
    WHERE starelid = pg_class.oid AND relnamespace = 'public'::regnamespace
"""
