"""Signed history: seals and anchors carry a signature, and SQLite's REPLACE is refused.

Revision 20261126_0005, after 20261123_0004. The end of the chain is signed once, here, with the
key of the settings: from now on nothing that is not signed counts.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from backoffice.config import Settings
from backoffice.db import types

revision = "20261126_0005"
down_revision = "20261123_0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
VALUES = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

UNIQUE = {
    "changesets": ("id",),
    "changes": ("id",),
    "seals": ("id", "previous_hash"),
    "history_anchors": ("id",),
}
"""Append-only tables, and the columns on which SQLite would replace a row."""

SEALS = sa.table(
    "seals",
    sa.column("id", BIG_ID),
    sa.column("at", types.UTCDateTime()),
    sa.column("covers", VALUES),
    sa.column("digests", sa.LargeBinary()),
    *(sa.column(name, BIG_ID) for name in ("settled", "settling", "seen")),
    sa.column("horizon", sa.BigInteger()),
    *(sa.column(name, sa.String(64)) for name in ("previous_hash", "hash", "signature")),
    sa.column("form", sa.Integer()),
)
ANCHORS = sa.table(
    "history_anchors",
    sa.column("id", BIG_ID),
    sa.column("at", types.UTCDateTime()),
    sa.column("up_to", BIG_ID),
    sa.column("seal_id", BIG_ID),
    *(sa.column(name, sa.String(64)) for name in ("hash", "previous", "signature")),
)
PRUNING = sa.table("history_pruning", sa.column("up_to", BIG_ID))


def upgrade() -> None:
    # Columns with a constant default, or with none: no database rewrites a large table for them.
    op.add_column("changesets", sa.Column("loaded_keys", VALUES, nullable=True))
    op.add_column("seals", sa.Column("form", sa.Integer(), server_default="1", nullable=False))
    op.add_column("seals", _text("signature"))
    op.add_column("history_anchors", _text("previous"))
    op.add_column("history_anchors", _text("signature"))
    if op.get_bind().dialect.name == "sqlite":
        _refuse_replacing()
    # Before the end is signed: processes of the previous release go on until they are replaced, and
    # must not add a seal behind it.
    _refuse_unsigned()
    key = _history_key(op.get_context().config)
    _sign_anchors(key)
    _sign_end(key)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), nullable=True)


def _refuse_replacing() -> None:
    """REPLACE deletes the row in its way without asking the triggers on DELETE."""
    for table, columns in UNIQUE.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, 'history is append-only: {table}'); END"
        same = " OR ".join(f"{column} = NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
        # Before an INSERT without an id NEW.id is -1: with such a row nothing could be inserted.
        op.execute(
            f"CREATE TRIGGER {table}_no_low_id AFTER INSERT ON {table} WHEN NEW.id < 1 {refuse}"
        )


SIGNED = ("seals", "history_anchors")
UNSIGNED = "history is signed, and a release that does not sign cannot write its {}"


def _refuse_unsigned() -> None:
    """A CHECK would do, but for the rows that were there before there were signatures."""
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_unsigned_history() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN "
            "IF NEW.signature IS NULL THEN RAISE EXCEPTION '"
            + UNSIGNED.format("%")
            + "', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; "
            "END $$"
        )
    for table in SIGNED:
        told = UNSIGNED.format(table)
        if dialect == "postgresql":
            what = "FOR EACH ROW EXECUTE FUNCTION refuse_unsigned_history()"
        elif dialect == "sqlite":
            what = f"WHEN NEW.signature IS NULL BEGIN SELECT RAISE(ABORT, '{told}'); END"
        else:
            what = (
                "FOR EACH ROW BEGIN IF NEW.signature IS NULL THEN "
                f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{told}'; END IF; END"
            )
        op.execute(f"CREATE TRIGGER {table}_signed BEFORE INSERT ON {table} {what}")


# What is signed, and how: as history/signing.py and history/seals.py had it at this revision.


def _history_key(config: Any) -> bytes:
    settings: Settings = config.attributes["settings"]
    text = settings.history_signing_key
    return hmac.digest(text.encode("utf-8", "surrogatepass"), b"backoffice history key", "sha256")


def _line(*values: object) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _sign_anchors(key: bytes) -> None:
    """An anchor that pruning left is put back signed; nothing else may be done to it."""
    connection = op.get_bind()
    anchors = connection.execute(sa.select(ANCHORS).order_by(ANCHORS.c.id)).mappings().all()
    if not anchors:
        return
    newest = dict(anchors[-1])
    said = (
        "backoffice signed anchor 1",
        _moment(newest["at"]),
        newest["up_to"],
        newest["seal_id"],
        newest["hash"],
        None,
    )
    signature = hmac.digest(key, _line(*said), "sha256").hex()
    connection.execute(sa.insert(PRUNING).values(up_to=newest["up_to"]))
    connection.execute(sa.delete(ANCHORS))
    connection.execute(sa.delete(PRUNING))
    connection.execute(
        sa.insert(ANCHORS).values(
            at=newest["at"],
            up_to=newest["up_to"],
            seal_id=newest["seal_id"],
            hash=newest["hash"],
            previous=None,
            signature=signature,
        )
    )


def _sign_end(key: bytes) -> None:
    """A signed seal over nothing new follows the last one; it covers all before it."""
    connection = op.get_bind()
    wanted = [SEALS.c[name] for name in ("settled", "settling", "seen", "horizon", "hash")]
    last = connection.execute(sa.select(*wanted).order_by(SEALS.c.id.desc()).limit(1)).first()
    if last is None:
        return
    at = datetime.now(UTC)
    head = _line(
        "backoffice seal 2",
        last.hash,
        _moment(at),
        [],
        last.settled,
        last.settling,
        last.seen,
        last.horizon,
    )
    hash_ = hashlib.sha256(head).hexdigest()
    connection.execute(
        sa.insert(SEALS).values(
            at=at,
            covers=[],
            digests=b"",
            settled=last.settled,
            settling=last.settling,
            seen=last.seen,
            horizon=last.horizon,
            previous_hash=last.hash,
            hash=hash_,
            form=2,
            signature=hmac.digest(key, _line("backoffice signed seal 1", hash_), "sha256").hex(),
        )
    )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for table in UNIQUE:
            op.execute(f"DROP TRIGGER {table}_no_replace")
            op.execute(f"DROP TRIGGER {table}_no_low_id")
    for table in SIGNED:
        on = f" ON {table}" if dialect == "postgresql" else ""
        op.execute(f"DROP TRIGGER {table}_signed{on}")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION refuse_unsigned_history()")
    # The previous release cannot read seals of the new format, and seals what they cover again.
    connection = op.get_bind()
    newest = connection.scalar(sa.select(sa.func.max(SEALS.c.seen)))
    if newest is not None:
        connection.execute(sa.insert(PRUNING).values(up_to=newest))
        connection.execute(sa.delete(SEALS).where(SEALS.c.form != 1))
        connection.execute(sa.delete(PRUNING))
    for table, column in (
        ("history_anchors", "signature"),
        ("history_anchors", "previous"),
        ("seals", "signature"),
        ("seals", "form"),
        ("changesets", "loaded_keys"),
    ):
        op.drop_column(table, column)
