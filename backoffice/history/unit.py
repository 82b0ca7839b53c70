"""The one session factory and the one place that commits."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import (
    Mapper,
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    object_session,
    sessionmaker,
)

from backoffice.db import Database
from backoffice.history import recording, superusers
from backoffice.history.act import Act, UnrecordedWrite, current_act
from backoffice.history.audited import audited_mappers, parts_of
from backoffice.history.links import link_tables
from backoffice.history.loaded import Keys, Loaded
from backoffice.history.recording import Pending
from backoffice.models import Audited

UNRECORDED = "unrecorded"
"""Execution option of a statement on an audited table that is no edit; its value says why."""


class RecordSession(Session):
    """The session that every program uses. No other is made anywhere.

    Whatever it writes to an audited model it records, as one changeset, in the same transaction.
    """

    act: Act
    loaded: Loaded | None = None
    """What was loaded, where this unit of work is a load that records no rows."""

    def __init__(self, *arguments: Any, writes: bool = True, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.writes = writes
        self.act = current_act()
        self._changeset: int | None = None
        self._within: list[SessionTransaction] = []
        self._loaded_before: dict[SessionTransaction, Loaded] = {}
        self._loaded_ended: tuple[SessionTransaction | None, Loaded | None] = None, None
        self.pending = Pending()
        self._standing: superusers.Standing | None = None

    @property
    def dialect(self) -> str:
        """The database's name: "sqlite", "postgresql", "mysql" or "mariadb"."""
        return self.get_bind().dialect.name

    def changeset_id(self) -> int:
        """The id of this unit of work's changeset, which is inserted when first asked for."""
        if self._changeset is None:
            self.require_writer()
            self._changeset = recording.insert_changeset(self)
            self._within = recording.enclosing(self)
        return self._changeset

    def require_writer(self) -> None:
        """Raise RuntimeError if this unit of work only reads."""
        if not self.writes:
            raise RuntimeError("this unit of work only reads: open it with writes=True")

    @property
    def changeset(self) -> int | None:
        """The id of this unit of work's changeset; None if nothing was recorded yet."""
        return self._changeset

    def forget_changeset(self, ended: SessionTransaction) -> None:
        """A savepoint was rolled back: if the changeset was in it, it is gone."""
        if ended in self._within:
            self._changeset, self._within = None, []

    def count_loaded(self, table: str, number: int, keys: Iterable[Keys] | None = None) -> None:
        """Say that a load put ``number`` records into ``table`` by plain SQL.

        ``keys``: which, as ranges of both ends (``[(1, 2000)]``; a key that is no whole number
        twice). None if that is not known: the load keeps no keys of this table then.

        Raises:
            ValueError: ``keys`` are of another number.
        """
        assert self.loaded is not None, "only a load counts records instead of keeping them"
        self.loaded.add(table, number, keys)

    def note_loaded(self, savepoint: SessionTransaction) -> None:
        """A savepoint begins: if it is rolled back, what was loaded before it is all there is."""
        if self.loaded is not None:
            self._loaded_before[savepoint] = self.loaded.copy()

    def end_savepoint(self, savepoint: SessionTransaction) -> None:
        """A savepoint ended, in one way or the other: one that is rolled back tells so next."""
        self._loaded_ended = savepoint, self._loaded_before.pop(savepoint, None)

    def forget_loaded(self, savepoint: SessionTransaction) -> None:
        """A savepoint was rolled back."""
        ended, before = self._loaded_ended
        if ended is not savepoint:
            before = self._loaded_before.get(savepoint)
        if before is not None:
            self.loaded = before.copy()

    def bulk_save_objects(self, *arguments: Any, **options: Any) -> NoReturn:
        raise UnrecordedWrite(_ADVICE)

    def bulk_insert_mappings(self, *arguments: Any, **options: Any) -> NoReturn:
        raise UnrecordedWrite(_ADVICE)

    def bulk_update_mappings(self, *arguments: Any, **options: Any) -> NoReturn:
        raise UnrecordedWrite(_ADVICE)


_ADVICE = (
    "This would write records past their history: change objects of the session, or use "
    "backoffice.history.update_where, delete_where or load."
)


def session_maker(database: Database) -> sessionmaker[RecordSession]:
    """A factory of writing sessions for libraries that want one; ours take ``unit_of_work``.

    ``Admin`` reconfigures the factory it is given, so each call makes a new one.
    """
    return sessionmaker(bind=database.writer, class_=RecordSession)


@contextmanager
def unit_of_work(
    database: Database, *, writes: bool = False, act: Act | None = None
) -> Iterator[RecordSession]:
    """A session whose work is committed as a whole at the end, or not at all.

    ``writes``: whether anything is to be written. A unit that only reads never takes a write lock,
    refuses to flush, and keeps nothing. ``act``: who writes and why; None takes the
    one that ``acting`` set.

    Objects stay readable after the end (``expire_on_commit`` is off), but load nothing more.

    Raises:
        OutcomeUnknown: the connection was lost during the commit (db.resilience). Whatever else is
            raised, nothing was kept.
    """
    session = RecordSession(
        bind=database.writer if writes else database.reader,
        writes=writes,
        autoflush=False,
        expire_on_commit=False,
    )
    if act is not None:
        session.act = act
    try:
        yield session
        if writes:
            session.commit()
        # A reader is only closed: a rollback would expire what it has loaded.
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


@event.listens_for(RecordSession, "before_flush")
def _before_flush(session: RecordSession, _context: UOWTransaction, _instances: Any) -> None:
    session.require_writer()
    session._standing = superusers.standing(session) if superusers.is_touched(session) else None
    session.pending = recording.before_flush(session)


@event.listens_for(Audited, "before_insert", propagate=True)
def _before_insert(_mapper: Mapper[Any], _connection: sa.Connection, record: Any) -> None:
    if isinstance(session := object_session(record), RecordSession):
        recording.before_insert(session, record)


@event.listens_for(Audited, "before_update", propagate=True)
def _before_update(_mapper: Mapper[Any], _connection: sa.Connection, record: Any) -> None:
    if isinstance(session := object_session(record), RecordSession):
        recording.before_update(session, record)


@event.listens_for(Audited, "before_delete", propagate=True)
def _before_delete(_mapper: Mapper[Any], _connection: sa.Connection, record: Any) -> None:
    if isinstance(session := object_session(record), RecordSession):
        recording.before_delete(session, record)


@event.listens_for(RecordSession, "after_flush")
def _after_flush(session: RecordSession, _context: UOWTransaction) -> None:
    recording.record_pending(session)
    if session._standing is not None:
        superusers.check(session, session._standing)


@event.listens_for(RecordSession, "after_flush_postexec")
def _after_flush_postexec(session: RecordSession, _context: UOWTransaction) -> None:
    recording.forget_gone(session)


@event.listens_for(RecordSession, "after_soft_rollback")
def _after_rollback(session: RecordSession, previous: SessionTransaction) -> None:
    # A flush that fails is rolled back by itself, to the savepoint that it stands in.
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
    recorded = (part.table for mapper in audited_mappers().values() for part in parts_of(mapper))
    if _fullname(table) in {_fullname(each) for each in (*recorded, *link_tables())}:
        raise UnrecordedWrite(_ADVICE)


def _fullname(table: Any) -> str:
    return str(getattr(table, "fullname", table.description))
