"""The contents of a database at the end of a walk, in a file for each table."""

from pathlib import Path

import sqlalchemy as sa

from backoffice.db import normalise_url
from bench.pages.masking import masked

SECRET = ("password_hash", "password_mark", "token_hash", "request_id", "transaction")
"""Columns whose values differ from run to run."""

COUNTED = ("sessions", "sign_in_throttles")
"""Tables of which only the number of rows is compared: their keys are digests."""


def write_rows(url: str, folder: Path) -> None:
    """Write every table's columns and rows, in the order of its key."""
    engine = sa.create_engine(normalise_url(url), poolclass=sa.NullPool)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            lines = [f"{column.name} {column.type!r}" for column in table.columns]
            rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            if table.name in COUNTED:
                lines.append(f"{len(rows.all())} rows")
            else:
                for row in rows.mappings():
                    lines += ["", *(_line(name, value) for name, value in row.items())]
            (folder / f"rows-of-{table.name}.txt").write_text("\n".join([*lines, ""]), "utf-8")
    engine.dispose()


def _line(name: str, value: object) -> str:
    if name in SECRET:
        value = "‹masked›" if value is not None else None
    return f"{name}: {masked(str(value))}"
