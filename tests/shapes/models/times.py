"""Columns that hold dates, times and spans."""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.db.types import UTCDateTime
from tests.shapes.models.base import Named, Shapes


class Holiday(Named, Shapes):
    """Dates."""

    __tablename__ = "holidays"

    day: Mapped[date]
    day_or_none: Mapped[date | None]


class Shift(Named, Shapes):
    """Times of day."""

    __tablename__ = "shifts"

    starts: Mapped[time]
    starts_or_none: Mapped[time | None]


class Appointment(Named, Shapes):
    """What a clock shows, without a time zone."""

    __tablename__ = "appointments"

    at: Mapped[datetime] = mapped_column(sa.DateTime())
    at_or_none: Mapped[datetime | None] = mapped_column(sa.DateTime())


class Meeting(Named, Shapes):
    """Moments, by SQLAlchemy's own type."""

    __tablename__ = "meetings"

    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    at_or_none: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class Sighting(Named, Shapes):
    """Moments, by our type."""

    __tablename__ = "sightings"

    at: Mapped[datetime] = mapped_column(UTCDateTime())
    at_or_none: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Lease(Named, Shapes):
    """Spans of time."""

    __tablename__ = "leases"

    lasts: Mapped[timedelta]
    lasts_or_none: Mapped[timedelta | None]
