"""Categories of items."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from backoffice.db.types import UniqueText
from backoffice.models.base import Audited, Base
from backoffice.models.rules import clean_line

if TYPE_CHECKING:
    from backoffice.models.item import Item


class Category(Audited, Base):
    """A category. A delete cascades to its items, in the session and in the database."""

    __tablename__ = "categories"
    __table_args__ = (CheckConstraint("length(trim(name)) > 0", name="name_not_blank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(UniqueText(255), unique=True, info={"search_index": True})

    items: Mapped[list["Item"]] = relationship(
        back_populates="category", cascade="all, delete-orphan", passive_deletes=True
    )

    @validates("name")
    def _clean_name(self, key: str, value: Any) -> str:
        return clean_line(key, value, maximum=255)
