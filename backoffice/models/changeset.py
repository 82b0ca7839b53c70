"""The tables of the history: changesets and their changes, seals, and anchors of pruned history."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.db.types import UniqueText, UTCDateTime, long_text
from backoffice.models.base import Base

BIG_ID = BigInteger().with_variant(Integer, "sqlite")
"""A generated id: SQLite generates only those that are declared INTEGER."""

VALUES = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


# SQLite does not enforce lengths, so its tables were not rebuilt for longer ones.
MODEL = UniqueText(130).with_variant(UniqueText(64), "sqlite")
RECORD_ID = UniqueText(500).with_variant(UniqueText(64), "sqlite")


class Changeset(Base):
    """Everything that one unit of work wrote, and its audit context (``history.context``).

    Inserted once and never updated. ``actor`` is a copy of the name, because users are renamed and
    deleted; no foreign key leads to another table. A load has counts in ``loaded`` (records by
    table), no changes, and no undo; ``loaded_keys`` has the keys of its records, if they are known
    (``history.loaded_records``). ``transaction`` is PostgreSQL's transaction id (else None).
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
    # Up to a thousand ranges, which only one screen needs.
    loaded_keys: Mapped[dict[str, list[list[Any]]] | None] = mapped_column(VALUES, deferred=True)
    transaction: Mapped[int | None] = mapped_column(BigInteger)

    def __str__(self) -> str:
        return f"#{self.id}"


class Change(Base):
    """What a changeset did to one record.

    ``model`` is the name of the record's history (``history.audited.history_name``), ``record_id``
    its key as text (``columns.Key``). ``before`` and ``after`` are values by field, encoded
    (``history.encoding``): of an update the changed fields, of a creation the whole record in
    ``after``, of a deletion the whole record in ``before``; the other is None.
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
    label: Mapped[str] = mapped_column(String(255), info={"search_index": True})
    operation: Mapped[str] = mapped_column(UniqueText(10))
    before: Mapped[dict[str, Any] | None] = mapped_column(VALUES)
    after: Mapped[dict[str, Any] | None] = mapped_column(VALUES)


class Seal(Base):
    """A seal: one link of the hash chain over the history (``history.seals``).

    ``covers`` lists the changesets as ranges of ids, both ends included. ``digests`` has 32 bytes
    for each of them, in that order. ``seen`` is the highest id that this or an earlier seal covers.
    ``settled`` is the id through which the history is complete: no changeset can appear below it
    any more. When the transaction watermark ``horizon`` has passed, that is ``settling``
    (``history.seals.watermarks``). ``previous_hash`` is unique, so no two seals follow the same
    one. ``form`` is the format of hash and digests (``history.seals.formats``). ``signature`` signs
    the hash with a key that is not in the database; None for seals older than signatures.
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
    """The one switch that allows history to be deleted: changesets up to ``up_to`` only.

    The table has a row only within a transaction of ``prune-history``.
    """

    __tablename__ = "history_pruning"
    __table_args__ = ({"sqlite_autoincrement": False},)

    up_to: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)


class HistoryAnchor(Base):
    """The beginning of a pruned history; one row, or none.

    All changesets up to ``up_to`` are deleted. ``seal_id`` and ``hash`` are those of the last
    deleted seal, which the first remaining one follows (0 and the chain's beginning if no seal was
    deleted). ``previous`` is the signature of the anchor before; None if there was none. An anchor
    without a valid ``signature`` over all this is not accepted.
    """

    __tablename__ = "history_anchors"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    up_to: Mapped[int] = mapped_column(BIG_ID)
    seal_id: Mapped[int] = mapped_column(BIG_ID)
    hash: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str | None] = mapped_column(String(64))
    signature: Mapped[str | None] = mapped_column(String(64))
