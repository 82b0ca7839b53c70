"""Tables that a developer adds, as they were at first and after a year."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa

from backoffice.db.types import UTCDateTime, long_text, utc_now
from backoffice.models import Base


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Grams(sa.types.TypeDecorator[int]):
    """A company's own type, which is imported from here."""

    impl = sa.Integer
    cache_ok = True


def _metadata() -> sa.MetaData:
    return sa.MetaData(naming_convention=Base.metadata.naming_convention)


def _depots(metadata: sa.MetaData, **options: Any) -> sa.Table:
    return sa.Table(
        "depots",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        **options,
    )


def first(schema: str | None = None) -> sa.MetaData:
    """Depots, and parcels with an enumeration, a date, an optional text and a nullable relation."""
    metadata = _metadata()
    depots = _depots(metadata, schema=schema)
    sa.Table(
        "parcels",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(20), nullable=False, unique=True),
        sa.Column("size", sa.Enum(Size), nullable=False),
        sa.Column("sent_on", sa.Date),
        sa.Column("note", long_text()),
        sa.Column("weight", Grams),
        sa.Column("made_at", UTCDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("depot_id", sa.ForeignKey(depots.c.id, ondelete="SET NULL"), index=True),
        sa.CheckConstraint("length(code) > 0", name="code_not_blank"),
        schema=schema,
    )
    return metadata


def later(schema: str | None = None) -> sa.MetaData:
    """A longer code, which may be shared; a colour and a flag for every parcel; no note, no day."""
    metadata = _metadata()
    depots = _depots(metadata, schema=schema)
    sa.Table(
        "parcels",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("size", sa.Enum(Size)),
        sa.Column("weight", Grams),
        sa.Column("made_at", UTCDateTime(), server_default=utc_now(), nullable=False),
        sa.Column("depot_id", sa.ForeignKey(depots.c.id, ondelete="SET NULL"), index=True),
        sa.Column("colour", sa.Enum(Colour), server_default="RED", nullable=False),
        sa.Column("is_fragile", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.CheckConstraint("length(code) > 0", name="code_not_blank"),
        schema=schema,
    )
    return metadata


TABLES: Sequence[str] = ("parcels", "depots")
