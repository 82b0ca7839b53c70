"""Somebody with every right in the database: triggers and foreign keys do not stop them."""

from typing import Any

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.db.types import MYSQL


def attack(database: Database, *statements: Any) -> None:
    """Run statements (SQL or SQLAlchemy's) on the history, its guards switched off."""
    if database.dialect == "sqlite":
        # Not the product's engine, which turns foreign keys on.
        engine = sa.create_engine(database.engine.url, poolclass=sa.NullPool)
    else:
        engine = database.engine
    with engine.begin() as connection:
        if database.dialect == "sqlite":
            listed = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.exec_driver_sql(listed).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        elif database.dialect in MYSQL:
            connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
            listed = "SELECT trigger_name FROM information_schema.triggers"
            where = " WHERE trigger_schema = DATABASE()"
            for name in connection.exec_driver_sql(listed + where).scalars().all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        _run(connection, statements)
        if database.dialect in MYSQL:
            connection.exec_driver_sql("SET SESSION foreign_key_checks = 1")


def _run(connection: sa.Connection, statements: tuple[Any, ...]) -> None:
    for statement in statements:
        if isinstance(statement, str):
            statement = sa.text(statement)
        connection.execute(statement)
