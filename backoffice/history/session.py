"""The session class of every program: it records what it writes to audited models.

It knows its changeset and what is about to be recorded. ``history.recording`` records it, and
``history.unit_of_work`` connects the two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy.orm import Mapper, Session, SessionTransaction

from backoffice.history.context import AuditContext, current_audit_context
from backoffice.history.encoding import Values
from backoffice.history.inserts import INSERT_CHANGES, insert_changeset, insert_with_change
from backoffice.history.loaded_records import KeyRange, LoadedRecords
from backoffice.history.superusers import SuperuserState

UNRECORDED = "unrecorded"
"""Execution option for a statement on an audited table that edits nothing; its value is why."""

HOW_TO_WRITE = (
    "This would bypass the history: change objects of the session, or use "
    "backoffice.history.update_where, delete_where or load."
)


class UnrecordedWrite(RuntimeError):
    """A statement would have written to an audited table without a change in the history."""


@dataclass
class PendingChanges:
    """What a flush is about to write, and the values before it.

    ``links``: the link fields of a record before the flush, by the record's ``id()``.
    ``cascaded``: keys whose dependent rows were written by bulk SQL, so that the session's objects
    are out of date. ``unlinked``: keys of records that lost links by bulk SQL.
    """

    updated: list[tuple[Any, Values]] = field(default_factory=list)
    deleted: list[tuple[Any, Values]] = field(default_factory=list)
    created: list[Any] = field(default_factory=list)
    links: dict[int, Values] = field(default_factory=dict)
    cascaded: list[tuple[Mapper[Any], Any]] = field(default_factory=list)
    unlinked: list[tuple[Mapper[Any], Any]] = field(default_factory=list)


class RecordSession(Session):
    """The session that every program uses. No other is made anywhere.

    It records what it writes to an audited model: one changeset, in the same transaction.
    """

    audit_context: AuditContext
    loaded: LoadedRecords | None = None
    """What was loaded, where this unit of work is a load; None elsewhere."""

    def __init__(self, *arguments: Any, writes: bool = True, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.writes = writes
        self.audit_context = current_audit_context()
        self.pending = PendingChanges()
        self.superusers_before: SuperuserState | None = None
        self.fields_set: set[tuple[str, str]] = set()
        """The table and the name of each field that an update of this unit of work set, but for
        updates by plain SQL."""
        self._changeset: int | None = None
        self._changeset_transactions: list[SessionTransaction] = []
        self._loaded_before: dict[SessionTransaction, LoadedRecords] = {}
        self._loaded_ended: tuple[SessionTransaction | None, LoadedRecords | None] = None, None

    @property
    def dialect(self) -> str:
        """The database's name: "sqlite", "postgresql", "mysql" or "mariadb"."""
        return self.get_bind().dialect.name

    def begin_snapshot(self) -> None:
        """Begin the transaction so that all of its statements see the same state of the database.

        On SQLite every transaction does.
        """
        if self.dialect != "sqlite":
            self.connection(execution_options={"isolation_level": "REPEATABLE READ"})

    # The changeset ----------------------------------------------------------------------

    def changeset_id(self) -> int:
        """The id of this unit of work's changeset, which the first call inserts."""
        if self._changeset is None:
            self.require_writer()
            self._changeset = insert_changeset(self.connection(), self._changeset_values())
            self._changeset_transactions = self._open_transactions()
        return self._changeset

    def record_changes(self, rows: Sequence[Values]) -> None:
        """Insert changes of this unit of work, and before the first of them its changeset.

        ``rows``: of the table ``changes``, without ``changeset_id``.
        """
        for row in rows:
            if row["operation"] == "update":
                self.fields_set.update((row["model"], name) for name in row["after"])
        if self._changeset is None and len(rows) == 1:
            self.require_writer()
            values = self._changeset_values()
            self._changeset = insert_with_change(self.connection(), values, rows[0])
            self._changeset_transactions = self._open_transactions()
            return
        key = {"changeset_id": self.changeset_id()}
        self.connection().execute(INSERT_CHANGES, [row | key for row in rows])

    @property
    def changeset(self) -> int | None:
        """The id of this unit of work's changeset; None if nothing was recorded yet."""
        return self._changeset

    def require_writer(self) -> None:
        """Raise RuntimeError if this unit of work only reads."""
        if not self.writes:
            raise RuntimeError("this unit of work only reads: open it with writes=True")

    def require_changes(self) -> None:
        """Check that this unit of work may record updates and deletes.

        Raises:
            RuntimeError: it only reads.
            UnrecordedWrite: it is a load.
        """
        self.require_writer()
        if self.loaded is not None:
            raise UnrecordedWrite("A load only adds records: it keeps no values to go back to.")

    def forget_changeset(self, ended: SessionTransaction) -> None:
        """A transaction or savepoint has ended: if the changeset was inserted in it, forget it."""
        if ended in self._changeset_transactions:
            self._changeset, self._changeset_transactions = None, []

    def _changeset_values(self) -> Values:
        context, loaded = self.audit_context, self.loaded
        return {
            "at": datetime.now(UTC),
            "actor_id": context.actor_id,
            "actor": context.actor[:160],
            "source": context.source,
            "reason": context.reason,
            "request_id": context.request_id[:64],
            "address": context.address[:64],
            "undoes_id": context.undoes_id,
            "loaded": loaded.numbers if loaded is not None else None,
            "loaded_keys": loaded.keys() if loaded is not None else None,
        }

    def _open_transactions(self) -> list[SessionTransaction]:
        """The open savepoints, innermost first, and the transaction around them."""
        transaction = self.get_nested_transaction() or self.get_transaction()
        found = []
        while transaction is not None:
            found.append(transaction)
            transaction = transaction.parent
        return found

    # Loads ------------------------------------------------------------------------------

    def count_loaded(self, table: str, number: int, keys: Iterable[KeyRange] | None = None) -> None:
        """Report that a load inserted ``number`` records into ``table`` by plain SQL.

        ``keys``: which, as ranges of both ends (``[(1, 2000)]``; a key that is not a whole number
        twice). None if that is not known: then the load stores no keys of this table.

        Raises:
            ValueError: ``keys`` are not ``number`` keys.
        """
        assert self.loaded is not None, "only a load counts records instead of keeping them"
        self.loaded.add(table, number, keys)

    def note_loaded(self, savepoint: SessionTransaction) -> None:
        """A savepoint begins: note what was loaded before it, in case it is rolled back."""
        if self.loaded is not None:
            self._loaded_before[savepoint] = self.loaded.copy()

    def end_savepoint(self, savepoint: SessionTransaction) -> None:
        """A savepoint ended. If it was rolled back, SQLAlchemy reports that next."""
        self._loaded_ended = savepoint, self._loaded_before.pop(savepoint, None)

    def forget_loaded(self, savepoint: SessionTransaction) -> None:
        """A savepoint was rolled back: forget what was loaded in it."""
        ended, before = self._loaded_ended
        if ended is not savepoint:
            before = self._loaded_before.get(savepoint)
        if before is not None:
            self.loaded = before.copy()

    # Writes that would not be recorded --------------------------------------------------

    def bulk_save_objects(self, *arguments: Any, **options: Any) -> NoReturn:
        raise UnrecordedWrite(HOW_TO_WRITE)

    def bulk_insert_mappings(self, *arguments: Any, **options: Any) -> NoReturn:
        raise UnrecordedWrite(HOW_TO_WRITE)

    def bulk_update_mappings(self, *arguments: Any, **options: Any) -> NoReturn:
        raise UnrecordedWrite(HOW_TO_WRITE)
