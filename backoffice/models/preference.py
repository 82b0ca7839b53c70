"""A person's settings of the screens."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base


class UserPreferences(Base):
    """One person's settings of the screens, as a JSON object; ``auth.preferences`` reads it.

    Not audited: they change how records are shown, not the records.
    """

    __tablename__ = "user_preferences"
    __table_args__ = ({"info": {"housekeeping": True}},)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    data: Mapped[str] = mapped_column(Text())
