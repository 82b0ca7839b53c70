"""Reading what `doctor` reports, and taking from a database what it looks for."""

import re
from collections.abc import Callable
from pathlib import Path

from alembic.config import Config

from backoffice.config import Settings
from backoffice.db import Database
from tests.migrations.revisions import next_releases

Use = Callable[[Settings], None]
CREATED = re.compile(r"^    create_(?:search_index|index_concurrently)\((.+)\)$", re.MULTILINE)


def said(out: str) -> dict[str, list[str]]:
    """The report: what is said of each row, under "Items: Sort by Price", on one line each."""
    rows: dict[str, list[str]] = {}
    title = what = ""
    for line in out.partition("\nA migration")[0].splitlines():
        if line and not line.startswith(" "):
            title = line.partition(":")[0]
        elif row := re.fullmatch(r"  (\S.*?)  +(\S.*)", line):
            what = f"{title}: {row[1]}"
            rows[what] = [row[2]]
        elif line:
            rows[what].append(line.strip())
    return {what: [" ".join(parts)] for what, parts in rows.items()}


def judged(out: str) -> dict[str, str]:
    return {what: sentence for what, (sentence,) in said(out).items()}


def missing(out: str) -> set[str]:
    """The indexes that the report calls missing."""
    found = (sentence for sentence in judged(out).values() if sentence.startswith("MISSING: "))
    return {
        name
        for sentence in found
        for name in re.findall(r"\b(?:ix|uq)_\w+", sentence.rpartition(";")[0])
    }


def run_sql(database: Database, *statements: str) -> None:
    with database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            connection.exec_driver_sql(statement)


def drop(database: Database, name: str, table: str = "items") -> None:
    where = f" ON {table}" if database.dialect in ("mysql", "mariadb") else ""
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"DROP INDEX {name}{where}")


def config_with(folder: Path, settings: Settings) -> Config:
    """Alembic's configuration with one more folder of migrations, ``folder / "versions"``."""
    return next_releases(folder, [], settings)
