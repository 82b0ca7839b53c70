"""What was written, by whom, and what stood there before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.db.types import UniqueText, UTCDateTime, long_text
from backoffice.models.base import Base

BIG_ID = BigInteger().with_variant(Integer, "sqlite")
"""An id of its own accord: SQLite counts up only what is declared INTEGER."""

VALUES = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


# SQLite keeps no text to its length; a table of all history was not built anew for a number.
MODEL = UniqueText(130).with_variant(UniqueText(64), "sqlite")
RECORD_ID = UniqueText(500).with_variant(UniqueText(64), "sqlite")


class Changeset(Base):
    """One act: everything that one unit of work wrote, whatever started it.

    Inserted once and never touched. ``actor`` is copied, for the person may be renamed or gone;
    no column refers to a live table. ``source`` is "web", "cli", "import", "undo", "script" or
    "load". A load has counts in ``loaded`` (records by table), no changes, and no undo;
    ``loaded_keys`` says which records, for the tables where the load knew (``history.loaded``).
    ``transaction`` is PostgreSQL's transaction id, which tells what a seal may cover (else None).
    """

    __tablename__ = "changesets"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    actor_id: Mapped[int | None] = mapped_column(Integer, index=True)
    actor: Mapped[str] = mapped_column(String(160))
    source: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(long_text())
    request_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    undoes_id: Mapped[int | None] = mapped_column(BIG_ID, index=True)
    loaded: Mapped[dict[str, int] | None] = mapped_column(VALUES)
    # Up to a thousand ranges, which no screen but one needs.
    loaded_keys: Mapped[dict[str, list[list[Any]]] | None] = mapped_column(VALUES, deferred=True)
    transaction: Mapped[int | None] = mapped_column(BigInteger)

    def __str__(self) -> str:
        return f"#{self.id}"


class Change(Base):
    """What one act did to one record.

    ``model`` is the name of the record's history (``audited.history_name``), ``record_id`` its key
    as ``columns.Key`` writes it. ``before`` and ``after`` hold values by field, encoded as
    ``history.encoding`` says: for an update those that changed, for a creation ``after`` and for a
    deletion ``before`` the whole record, the other None.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_record", "model", "record_id", "id"),
        Index("ix_changes_changeset", "changeset_id", "model", "operation", "record_id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    changeset_id: Mapped[int] = mapped_column(BIG_ID, ForeignKey("changesets.id"))
    model: Mapped[str] = mapped_column(MODEL)
    record_id: Mapped[str] = mapped_column(RECORD_ID)
    label: Mapped[str] = mapped_column(String(255))
    operation: Mapped[str] = mapped_column(UniqueText(10))
    before: Mapped[dict[str, Any] | None] = mapped_column(VALUES)
    after: Mapped[dict[str, Any] | None] = mapped_column(VALUES)


class Seal(Base):
    """A link of the hash chain over the history; see ``history.seals``.

    ``covers`` lists the changesets as ranges of ids, both ends included, and ``digests`` holds 32
    bytes for each of them, in that order. ``seen`` is the highest id that this or an earlier seal
    covers, ``settled`` the one up to which no other changeset can appear any more; once ``horizon``
    has passed, that is ``settling`` (see ``history.settling``). No two seals follow the same one.
    ``form`` says what hash and digests are made of (``history.forms``). ``signature`` is over the
    hash, by a key that is not in the database; None for seals made before there were any.
    """

    __tablename__ = "seals"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    covers: Mapped[list[list[int]]] = mapped_column(VALUES)
    digests: Mapped[bytes] = mapped_column(LargeBinary)
    settled: Mapped[int] = mapped_column(BIG_ID)
    settling: Mapped[int] = mapped_column(BIG_ID)
    seen: Mapped[int] = mapped_column(BIG_ID, index=True)
    horizon: Mapped[int] = mapped_column(BigInteger)
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
    form: Mapped[int] = mapped_column(Integer, server_default="1")
    signature: Mapped[str | None] = mapped_column(String(64))


class HistoryPruning(Base):
    """The one switch that lets history be deleted: changesets up to ``up_to``, and nothing else.

    Empty but within a transaction of ``prune-history``, which leaves a ``HistoryAnchor``.
    """

    __tablename__ = "history_pruning"
    __table_args__ = ({"sqlite_autoincrement": False},)

    up_to: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)


class HistoryAnchor(Base):
    """Where the history begins since it was pruned; one row, or none.

    No changeset up to ``up_to`` is kept. ``seal_id`` and ``hash`` are those of the last seal that
    went with them, which the first one kept follows (0 and the chain's beginning if none went).
    ``previous`` is the signature of the anchor that this one replaced, None if there was none. An
    anchor without a valid ``signature`` over all this does not count.
    """

    __tablename__ = "history_anchors"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    up_to: Mapped[int] = mapped_column(BIG_ID)
    seal_id: Mapped[int] = mapped_column(BIG_ID)
    hash: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str | None] = mapped_column(String(64))
    signature: Mapped[str | None] = mapped_column(String(64))
