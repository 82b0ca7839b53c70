"""Items in stock."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from backoffice.db.types import Money, UniqueText, long_text
from backoffice.models.base import Audited, Base
from backoffice.models.rules import clean_count, clean_decimal, clean_line, clean_text

if TYPE_CHECKING:
    from backoffice.models.category import Category


class Item(Audited, Base):
    """An item in stock: its price is in the currency of the settings, its quantity in pieces."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("length(trim(name)) > 0", name="name_not_blank"),
        # The upper bound refuses PostgreSQL's NaN, which it sorts above every number.
        CheckConstraint("price >= 0 AND price <= 9999999999.99", name="price_not_negative"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        # The sorts of the list: each page is read from an index, of a thousand items or of ten
        # million. The key is last, as in every list's order.
        Index(None, "price", "id"),
        Index(None, "quantity", "id"),
        # One category's items by name, counted from the index alone. The foreign key also uses it.
        Index(None, "category_id", "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(UniqueText(255), unique=True, info={"search_index": True})
    description: Mapped[str] = mapped_column(long_text(), info={"search_index": True})
    price: Mapped[Decimal] = mapped_column(Money(12, 2))
    quantity: Mapped[int] = mapped_column()
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"))

    category: Mapped["Category"] = relationship(back_populates="items")

    @validates("name")
    def _clean_name(self, key: str, value: Any) -> str:
        return clean_line(key, value, maximum=255)

    @validates("description")
    def _clean_description(self, key: str, value: Any) -> str:
        return clean_text(key, value)

    @validates("price")
    def _clean_price(self, key: str, value: Any) -> Decimal:
        return clean_decimal(key, value, precision=12, scale=2)

    @validates("quantity")
    def _clean_quantity(self, key: str, value: Any) -> int:
        return clean_count(key, value)
