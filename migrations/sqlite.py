"""What a migration on SQLite must not lose.

SQLite changes most things about a table by rebuilding it: Alembic's batch mode creates a copy,
moves the rows, drops the old table and renames the copy. On the way this loses:

- with foreign keys on, every row that refers to the table (DROP TABLE deletes the rows first, and
  ON DELETE CASCADE follows): ``without_foreign_keys`` and ``check_foreign_keys``;
- the table's triggers, AUTOINCREMENT and the count of ids given so far, and its indexes on
  expressions: ``KeepingSQLite``, which Alembic uses for every ``op.batch_alter_table`` once this
  module is imported. A migration has nothing to remember.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl
from alembic.operations.batch import ApplyBatchImpl
from alembic.util import CommandError
from sqlalchemy.engine import Connection


def without_foreign_keys(connection: Connection) -> None:
    """Turn foreign keys off, before any transaction begins: inside one the pragma does nothing.

    Raises:
        CommandError: a transaction has begun already.
    """
    # Not through SQLAlchemy, which would begin a transaction for it.
    cursor = connection.connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA foreign_keys")
        (on,) = cursor.fetchone() or (1,)
    finally:
        cursor.close()
    if on:
        raise CommandError("Foreign keys are still on: a transaction began before the migrations.")


def check_foreign_keys(connection: Connection) -> None:
    """Refuse to commit rows that refer to nothing; called before each commit.

    Raises:
        CommandError: there are such rows.
    """
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if not rows:
        return
    counts: dict[tuple[str, str], int] = {}
    for table, _rowid, parent, _key in rows:
        counts[table, parent] = counts.get((table, parent), 0) + 1
    orphans = ", ".join(
        f"{count} of {table} to missing {parent}" for (table, parent), count in counts.items()
    )
    raise CommandError(
        f"This migration was rolled back, because rows would refer to nothing: {orphans}. "
        "List them with PRAGMA foreign_key_check, repair them, then release again."
    )


@dataclass(frozen=True)
class _Kept:
    """What goes with a table when it is dropped.

    ``last_id``: None if the table counts no ids, 0 if it has given none yet.
    """

    statements: tuple[str, ...]
    last_id: int | None


class KeepingSQLite(SQLiteImpl):
    """Alembic's SQLite, with batch rebuilds that keep what they do not mean to change."""

    __dialect__ = "sqlite"
    # The driver begins nothing by itself (see backoffice/db/engine.py), so that DDL is rolled
    # back with its transaction, like everything else.
    transactional_ddl = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept: dict[str, _Kept] = {}

    def prep_table_for_batch(self, batch_impl: ApplyBatchImpl, table: sa.Table) -> None:
        """Take note of what goes with ``table``; called before its copy is created."""
        super().prep_table_for_batch(batch_impl, table)
        assert batch_impl.new_table is not None
        connection = self._connection()
        reflected = {index.name for index in table.indexes}
        created = None
        statements: list[str] = []
        for kind, name, sql in connection.execute(
            sa.text(
                "SELECT type, name, sql FROM sqlite_master"
                " WHERE tbl_name = :table AND sql IS NOT NULL ORDER BY rowid"
            ),
            {"table": table.name},
        ):
            if kind == "table":
                created = sql
            # Alembic creates again the indexes that SQLAlchemy can read; not those on expressions.
            elif kind == "trigger" or (kind == "index" and name not in reflected):
                statements.append(sql)
        last_id = None
        if created is not None and "AUTOINCREMENT" in created.upper():
            batch_impl.new_table.dialect_options["sqlite"]["autoincrement"] = True
            counted = connection.scalar(
                sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table"),
                {"table": table.name},
            )
            last_id = counted or 0
        self._kept[batch_impl.temp_table_name] = _Kept(tuple(statements), last_id)

    def rename_table(
        self,
        old_table_name: str,
        new_table_name: str | sa.quoted_name,
        schema: str | sa.quoted_name | None = None,
    ) -> None:
        """Rename, and where this ends a rebuild put back what was noted."""
        kept = self._kept.pop(old_table_name, None)
        if kept is None:
            super().rename_table(old_table_name, new_table_name, schema=schema)
            return
        connection = self._connection()
        # At this moment no table has the name, and SQLite would refuse to rename anything while a
        # view or another table's trigger mentions it; "legacy" leaves those as they are.
        connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
        try:
            super().rename_table(old_table_name, new_table_name, schema=schema)
        finally:
            connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
        for statement in kept.statements:
            connection.exec_driver_sql(statement)
        if kept.last_id is not None:
            self._count_ids_from(str(new_table_name), kept.last_id)
        self._compile_triggers(str(new_table_name))

    def _connection(self) -> Connection:
        assert self.connection is not None
        return self.connection

    def _count_ids_from(self, table: str, last_id: int) -> None:
        # The copy counted its rows only: the ids of deleted ones would be given again.
        connection = self._connection()
        names = {"table": table, "last_id": last_id}
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), names)
        if last_id:
            connection.execute(
                sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last_id)"), names
            )

    def _compile_triggers(self, table: str) -> None:
        """Have SQLite read the table's triggers: it also creates those that name a lost column.

        Raises:
            CommandError: a trigger no longer fits, and every later write would fail.
        """
        connection = self._connection()
        columns = [column["name"] for column in sa.inspect(connection).get_columns(table)]
        rebuilt = sa.table(table, *(sa.column(name) for name in columns))
        for statement in (
            sa.insert(rebuilt).values({name: sa.null() for name in columns}),
            sa.update(rebuilt).values({column: column for column in rebuilt.columns}),
            sa.delete(rebuilt),
        ):
            try:
                sql = statement.compile(dialect=self.dialect)
                connection.exec_driver_sql(f"EXPLAIN {sql}").close()
            except sa.exc.OperationalError as error:
                raise CommandError(
                    f"A trigger of {table} does not match the rebuilt table ({error.orig}): drop "
                    "it before the change and create it again afterwards, in the same migration."
                ) from error
