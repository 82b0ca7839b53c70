"""x"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.db.types import MYSQL
from backoffice.history.context import AuditContext
from backoffice.history.session import RecordSession
from backoffice.history.unit_of_work import unit_of_work

ADVISORY_KEY = 0x6261636B7365616C
"""PostgreSQL's key of the lock, one per database: "backseal" as eight bytes."""


class Busy(Exception):
    """Another process is sealing or pruning at this moment."""


@contextmanager
def exclusive(
    database: Database, *, writes: bool = True, audit_context: AuditContext | None = None
) -> Iterator[RecordSession]:
    """A unit of work to seal or prune in, as the only process; nobody ever waits for it.

    It spares two sealers doing the same work. That the chain never forks does not hang on it: no
    two seals can follow the same one (a unique constraint). Each of its statements sees the newest,
    whatever the server has for its default.

    Raises:
        Busy: another process does so.
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
            # Until the end of the transaction: no connection pooler in between tears that apart.
            take = sa.select(sa.func.pg_try_advisory_xact_lock(ADVISORY_KEY))
            if not session.scalar(take):
                raise Busy
        yield session


@contextmanager
def _locked_mysql(database: Database) -> Iterator[None]:
    with database.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        # Such a lock is the server's, so it carries the database's name; 64 characters at most.
        name = sa.func.concat("backoffice-seal-", sa.func.md5(sa.func.database()))
        if connection.scalar(sa.select(sa.func.get_lock(name, 0))) != 1:
            raise Busy
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.release_lock(name)))
