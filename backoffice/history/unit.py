"""The one session factory and the one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from backoffice.db import Database

WRITES = "backoffice_writes"


class RecordSession(Session):
    """The session that every program uses. No other is made anywhere."""


def session_maker(database: Database) -> sessionmaker[RecordSession]:
    """A factory of writing sessions for libraries that want one; ours take ``unit_of_work``.

    ``Admin`` reconfigures the factory it is given, so each call makes a new one.
    """
    return sessionmaker(bind=database.writer, class_=RecordSession, info={WRITES: True})


@contextmanager
def unit_of_work(database: Database, *, writes: bool = False) -> Iterator[RecordSession]:
    """A session whose work is committed as a whole at the end, or not at all.

    ``writes``: whether anything is to be written. A unit that only reads never takes a write lock,
    refuses to flush, and keeps nothing.

    Objects stay readable after the end (``expire_on_commit`` is off), but load nothing more.
    """
    session = RecordSession(
        bind=database.writer if writes else database.reader,
        autoflush=False,
        expire_on_commit=False,
        info={WRITES: writes},
    )
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
def _refuse_writes_of_a_reader(
    session: RecordSession, _context: UOWTransaction, _instances: Any
) -> None:
    if not session.info.get(WRITES):
        raise RuntimeError("this unit of work only reads: open it with writes=True")
