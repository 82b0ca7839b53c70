"""The lock that lets one process at a time seal or prune."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.db.types import MYSQL
from backoffice.history.context import AuditContext
from backoffice.history.session import RecordSession
from backoffice.history.unit_of_work import unit_of_work

ADVISORY_KEY = 0x6261636B7365616C
"""The key of PostgreSQL's advisory lock, which each database has: "backseal" as eight bytes."""


class Busy(Exception):
    """Another process is sealing or pruning."""


@contextmanager
def exclusive(
    database: Database, *, writes: bool = True, audit_context: AuditContext | None = None
) -> Iterator[RecordSession]:
    """A unit of work for sealing or pruning that only one process can have; it never waits.

    It saves two sealers from doing the same work. The chain cannot fork without it either: a unique
    constraint lets only one seal follow another. Each statement sees what is committed before it,
    whatever the server's default isolation is.

    Raises:
        Busy: another process has it.
    """
    with ExitStack() as stack:
        if database.dialect in MYSQL:
            stack.enter_context(_locked_mysql(database))
        session = stack.enter_context(
            unit_of_work(database, writes=writes, audit_context=audit_context)
        )
        if database.dialect != "sqlite":
            session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        if database.dialect == "postgresql":
            # The lock is held to the end of the transaction, which a connection pooler keeps whole.
            lock = sa.select(sa.func.pg_try_advisory_xact_lock(ADVISORY_KEY))
            if not session.scalar(lock):
                raise Busy
        yield session


@contextmanager
def _locked_mysql(database: Database) -> Iterator[None]:
    with database.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        # The whole server shares such names, so this has the database's; 64 characters at most.
        name = sa.func.concat("backoffice-seal-", sa.func.md5(sa.func.database()))
        if connection.scalar(sa.select(sa.func.get_lock(name, 0))) != 1:
            raise Busy
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.release_lock(name)))
