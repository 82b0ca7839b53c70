"""The session factory, the one place that commits, and the events that record.

Importing any module of ``backoffice.history`` imports this one, so that no session is without its
events.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import (
    Mapper,
    ORMExecuteState,
    SessionTransaction,
    UOWTransaction,
    object_session,
    sessionmaker,
)

from backoffice.db import Database
from backoffice.history.audited import audited_mappers, parts_of
from backoffice.history.context import AuditContext
from backoffice.history.links import link_tables
from backoffice.history.recording import flush
from backoffice.history.session import HOW_TO_WRITE, UNRECORDED, RecordSession, UnrecordedWrite
from backoffice.history.superusers import (
    check_no_lockout,
    flush_affects_superusers,
    lock_superusers,
)
from backoffice.models import Audited


def session_maker(database: Database) -> sessionmaker[RecordSession]:
    """A factory of writing sessions, for libraries that need one; ours take ``unit_of_work``.

    ``Admin`` reconfigures the factory that it is given, so each call makes a new one.
    """
    return sessionmaker(bind=database.writer, class_=RecordSession)


@contextmanager
def unit_of_work(
    database: Database, *, writes: bool = False, audit_context: AuditContext | None = None
) -> Iterator[RecordSession]:
    """A session whose work is committed as a whole at the end, or not at all.

    ``writes``: whether it may write. One that only reads takes no write lock, refuses to flush and
    commits nothing. ``audit_context``: who writes, and why; None takes the current one, which
    ``history.audit_context`` sets.

    Objects stay readable after the end (``expire_on_commit`` is off), but load nothing more.

    Raises:
        OutcomeUnknown: the connection was lost during the commit (``db.resilience``). After any
            other exception nothing was committed.
    """
    session = RecordSession(
        bind=database.writer if writes else database.reader,
        writes=writes,
        autoflush=False,
        expire_on_commit=False,
    )
    if audit_context is not None:
        session.audit_context = audit_context
    try:
        yield session
        if writes:
            session.commit()
            database.note_commit()
        # A reader is only closed: a rollback would expire what it has loaded.
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


# Events ---------------------------------------------------------------------------------


@event.listens_for(RecordSession, "before_flush")
def _before_flush(session: RecordSession, _context: UOWTransaction, _instances: Any) -> None:
    session.require_writer()
    session.superusers_before = None
    if flush_affects_superusers(session):
        session.superusers_before = lock_superusers(session, session.audit_context.actor_id)
    session.pending = flush.before_flush(session)


@event.listens_for(Audited, "before_insert", propagate=True)
def _before_insert(_mapper: Mapper[Any], _connection: sa.Connection, record: Any) -> None:
    if isinstance(session := object_session(record), RecordSession):
        flush.before_insert(session, record)


@event.listens_for(Audited, "before_update", propagate=True)
def _before_update(_mapper: Mapper[Any], _connection: sa.Connection, record: Any) -> None:
    if isinstance(session := object_session(record), RecordSession):
        flush.before_update(session, record)


@event.listens_for(Audited, "before_delete", propagate=True)
def _before_delete(_mapper: Mapper[Any], _connection: sa.Connection, record: Any) -> None:
    if isinstance(session := object_session(record), RecordSession):
        flush.before_delete(session, record)


@event.listens_for(RecordSession, "after_flush")
def _after_flush(session: RecordSession, _context: UOWTransaction) -> None:
    flush.record_pending(session)
    if session.superusers_before is not None:
        actor_id = session.audit_context.actor_id
        check_no_lockout(session, actor_id, session.superusers_before)


@event.listens_for(RecordSession, "after_flush_postexec")
def _after_flush_postexec(session: RecordSession, _context: UOWTransaction) -> None:
    flush.expire_stale_objects(session)


@event.listens_for(RecordSession, "after_soft_rollback")
def _after_rollback(session: RecordSession, previous: SessionTransaction) -> None:
    # A flush that fails is rolled back by itself, to the savepoint around it.
    while previous.parent is not None and not previous.nested:
        previous = previous.parent
    session.forget_changeset(previous)
    session.forget_loaded(previous)


@event.listens_for(RecordSession, "after_transaction_create")
def _after_create(session: RecordSession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.note_loaded(transaction)


@event.listens_for(RecordSession, "after_transaction_end")
def _after_end(session: RecordSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.forget_changeset(transaction)
    if transaction.nested:
        session.end_savepoint(transaction)


@event.listens_for(RecordSession, "do_orm_execute")
def _refuse_unrecorded_writes(state: ORMExecuteState) -> None:
    statement = state.statement
    if not isinstance(statement, sa.UpdateBase) or UNRECORDED in state.execution_options:
        return
    table: Any = statement.table
    audited = (part.table for mapper in audited_mappers().values() for part in parts_of(mapper))
    if _fullname(table) in {_fullname(each) for each in (*audited, *link_tables())}:
        raise UnrecordedWrite(HOW_TO_WRITE)


def _fullname(table: Any) -> str:
    return str(getattr(table, "fullname", table.description))
