"""The database: one engine for each dialect, column types, and the meaning of errors."""

from backoffice.db.engine import OVERFLOW, Database, open_database
from backoffice.db.errors import ChangesRefused, Violation, read_violation
from backoffice.db.url import normalise_url

__all__ = [
    "OVERFLOW",
    "ChangesRefused",
    "Database",
    "Violation",
    "normalise_url",
    "open_database",
    "read_violation",
]
