"""Comparing the records with their history in a line."""

from collections.abc import Collection

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import RecordSession, unit_of_work
from backoffice.history.comparison.records import Comparison


class _SomeTables(Comparison):
    """The comparison of some tables, where the others are known to be empty."""

    def __init__(self, session: RecordSession, tables: Collection[str]) -> None:
        super().__init__(session)
        self.tables = tables

    def _tables(self) -> list[str]:
        return sorted(self.tables)


def compare(database: Database, tables: Collection[str] | None = None) -> Comparison:
    """The comparison, done to its end. ``tables``: those to look at; None for all."""
    with unit_of_work(database) as session:
        comparison = Comparison(session) if tables is None else _SomeTables(session, tables)
        for _ in comparison.steps():
            pass
    return comparison


def difference(database: Database) -> str:
    """What is first found to differ; "" if nothing does."""
    return compare(database).first_difference


def by_plain_sql(database: Database, statement: str, **values: object) -> None:
    """What some other program does, past the history."""
    with database.writer.begin() as connection:
        connection.execute(sa.text(statement), values)
