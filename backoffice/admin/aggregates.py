"""Columns that count or add up the related records of each record: options of a view."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from backoffice.columns import Kind, kind_of


@dataclass(frozen=True)
class RelatedCount:
    """How many related records each record has: ``RelatedCount("Items", Category.items)``.

    ``relation``: to many, of the view's model. Only records that the person may see count.
    """

    label: str
    relation: InstrumentedAttribute[Any]

    @property
    def relation_name(self) -> str:
        return self.relation.key

    @property
    def expression(self) -> Any:
        """What is added up; None to count."""
        return None

    @property
    def unit(self) -> str:
        return ""

    @property
    def kind(self) -> Kind:
        """The kind of the values."""
        return kind_of(sa.func.count())


@dataclass(frozen=True)
class RelatedSum:
    """A sum over the related records of each record.

        RelatedSum("Stock value", Category.items, Item.price * Item.quantity, unit="currency")

    ``relation``: to many, of the view's model. ``expression``: of columns of the related records, a
    kind of numbers. Who may not see one of its columns, or not the relation, does not see the sum.
    ``unit``: "" for none; "currency" is the currency of the settings.
    """

    label: str
    relation: InstrumentedAttribute[Any]
    expression: Any
    unit: str = ""

    @property
    def relation_name(self) -> str:
        return self.relation.key

    @property
    def kind(self) -> Kind:
        """The kind of the values."""
        return kind_of(self.expression)


Aggregate = RelatedCount | RelatedSum
