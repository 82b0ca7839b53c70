"""Counters of failed sign-ins, which all processes share."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.db.types import UTCDateTime
from backoffice.models.base import Base


class SignInThrottle(Base):
    """The number of failures in a row for one account, address or known browser.

    ``key`` is a digest, so that the table does not list accounts. ``blocked_until`` is None while
    attempts need no wait.
    """

    __tablename__ = "sign_in_throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column()
    last_failure_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
