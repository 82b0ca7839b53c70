"""The records for the measurements: the real parts, or as many invented ones without them.

The loader of real parts and the PostgreSQL server come from the tests: importing them is better
than having them twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from backoffice.config import Settings
from backoffice.db import Database, open_database
from tests import databases
from tests.cast import add_user
from tests.real_input.parts import PATH_VARIABLE, Part, load_parts, parts_file, read_parts

MADE_UP = 17_569
CATEGORIES = 209

EMAIL = "bench@example.com"
"""The user for the measurements: a superuser with the password of the tests' cast."""


@contextmanager
def postgres_with_parts() -> Iterator[tuple[Settings, Database, str]]:
    """A fresh database with parts and a superuser; and a sentence about its records.

    Raises:
        tests.databases.Unavailable: there is no PostgreSQL.
    """
    databases.begin_run()
    try:
        with (
            TemporaryDirectory(prefix="bench-") as folder,
            databases.migrated_database("postgresql", Path(folder)) as url,
        ):
            settings = databases.make_settings(url)
            database = open_database(settings)
            try:
                said = _load(database)
                add_user(database, EMAIL, superuser=True)
                with database.writer.begin() as connection:
                    connection.exec_driver_sql("ANALYZE")
                yield settings, database, said
            finally:
                database.dispose()
    finally:
        databases.end_run()


def _load(database: Database) -> str:
    path = parts_file()
    if path is None:
        report = load_parts(database, made_up_parts())
        source = f"made up, since parts.csv is not there ({PATH_VARIABLE} may name it)"
    else:
        report = load_parts(database, read_parts(path))
        source = f"parts.csv, {report.read:,} rows of which {len(report.refused):,} were refused"
    return f"{report.loaded:,} items in {report.categories} categories ({source})"


def made_up_parts() -> Iterator[Part]:
    """Parts made by rule, always the same, as many and as long as the real ones."""
    for number in range(MADE_UP):
        yield Part(
            line=number + 2,
            name=f"R{number:05}-{number * 7919 % 997:03}",
            description=f"Resistor {number % 910 / 10:.1f} kΩ ± {number % 5 + 1} %, film, 1/4 W",
            category=f"Resistors {number % CATEGORIES:03}",
            price=f"{number % 3307 / 100 + 0.01:.2f}",
            quantity=str(number * 31 % 5000),
        )
