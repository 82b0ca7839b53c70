"""Sessions: who is signed in, from which browser."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.db.types import UTCDateTime
from backoffice.models.base import Base


class SignInSession(Base):
    """One browser's sign-in. The cookie has a random token; the table stores its SHA-256 only.

    ``password_mark`` is a keyed digest of the user's password hash at sign-in. If it does not match
    any more, the password was changed, and the session has ended.
    """

    __tablename__ = "sessions"
    __table_args__ = ({"info": {"housekeeping": True}},)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    password_mark: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(255))
