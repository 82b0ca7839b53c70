"""Making a test's database one that takes no changes, as each kind of server does so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from backoffice.db import Database
from tests.databases import administration

_REFUSE = {
    # What SQLite says of a file on a read-only disk; a real one is in tests/db/test_sqlite_file.py.
    "sqlite": "PRAGMA query_only = ON",
    # MariaDB's read_only is the whole server's, which other tests are using.
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}


@contextmanager
def taking_no_changes(database: Database) -> Iterator[None]:
    """Within it, ``database`` can be read and refuses every change, on new connections too."""
    database.dispose()
    if database.dialect == "postgresql":
        name = database.engine.url.database
        setting = f"ALTER DATABASE {name} SET default_transaction_read_only = "
        with administration("postgresql") as connection:
            connection.exec_driver_sql(f"{setting}on")
        try:
            yield
        finally:
            with administration("postgresql") as connection:
                connection.exec_driver_sql(
                    f"ALTER DATABASE {name} RESET default_transaction_read_only"
                )
            database.dispose()
        return

    def refuse(connection: Any, _record: object) -> None:
        connection.cursor().execute(_REFUSE[database.dialect])

    event.listen(database.engine, "connect", refuse)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", refuse)
        database.dispose()
