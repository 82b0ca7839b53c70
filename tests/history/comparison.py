"""Comparing the records with their history in a line."""

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.history.comparison.records import Comparison


def compare(database: Database) -> Comparison:
    """The comparison, done to its end."""
    with unit_of_work(database) as session:
        comparison = Comparison(session)
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
