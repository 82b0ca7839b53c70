"""Keys of confirmation pages that were used, which all processes share."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.db.types import UTCDateTime
from backoffice.models.base import Base
from backoffice.models.changeset import BIG_ID


class UsedKey(Base):
    """A one-time key that was used (``auth.one_time_keys``).

    ``key`` is a digest, so that the table gives no key away. ``changeset_id``: what was written
    with it, None if nothing was; no foreign key, because changesets are pruned.
    """

    __tablename__ = "used_keys"
    __table_args__ = ({"info": {"housekeeping": True}},)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    changeset_id: Mapped[int | None] = mapped_column(BIG_ID)
