"""Saved views: lists under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, validates

from backoffice.db.types import UniqueText, UTCDateTime, utc_now
from backoffice.models.base import Base
from backoffice.models.rules import clean_line

LONGEST_NAME = 100
LONGEST_QUERY = 4000


class SavedView(Base):
    """A list's query string under a name: its search, filters, sort and columns.

    ``identity``: the list's. ``role_id``: the role whose members also see it; None for nobody. A
    shared view stays when its owner is deleted; ``owner_id`` is None then.

    ``deleted_at`` is set until a deleted view is restored or pruned. ``live`` is for the unique
    constraint: True, or None for a deleted view. NULLs are never equal, so any number of deleted
    views may have the same name.

    Not audited: it changes how records are shown, not the records.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        CheckConstraint("length(trim(name)) > 0", name="name_not_blank"),
        CheckConstraint("(live IS NULL) = (deleted_at IS NOT NULL)", name="live_or_deleted"),
        UniqueConstraint("owner_id", "identity", "name", "live"),
        {"info": {"housekeeping": True}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(UniqueText(64))
    name: Mapped[str] = mapped_column(UniqueText(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    role_id: Mapped[int | None] = mapped_column(
        ForeignKey("roles.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), server_default=utc_now())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), index=True)
    live: Mapped[bool | None] = mapped_column(default=True, server_default=true())

    @validates("name")
    def _clean_name(self, key: str, value: Any) -> str:
        return clean_line(key, value, maximum=LONGEST_NAME)
