"""Low stock by category: how many items of each category have to be ordered, with links to them.

Register it in ``PAGES`` (``backoffice/views/__init__.py``).
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import case, func, select
from starlette.exceptions import HTTPException

from backoffice.admin.page import Page
from backoffice.admin.pages.parts import Link
from backoffice.admin.view import Context
from backoffice.language import N_, _, number
from backoffice.models import Category, Item


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category with items that are low or out. Where the person may not list items, the links
    lead nowhere."""

    name: str
    low: Link
    out: Link


@dataclass(frozen=True, slots=True)
class LowStock:
    """What the template prints. ``limit``: an item with so many pieces is low."""

    rows: tuple[CategoryRow, ...]
    low: str
    out: str
    limit: int


class LowStockPage(Page):
    """One statement adds up the items; the page has a row for each category."""

    name = N_("Low stock")
    identity = "low-stock"
    icon = "archive-box-arrow-down"
    before = "user"
    template = "low_stock.html"
    assets = ("low_stock.css",)

    def content(self, context: Context) -> LowStock:
        limit, items = context.settings.low_stock, context.site.view_of(Item)
        if not context.may_see(items, "quantity"):
            raise HTTPException(
                403, _("You don't have permission to see quantities, which this page adds up.")
            )
        out = func.sum(case((Item.quantity == 0, 1), else_=0))
        statement = (
            select(Category.id, Category.name, func.count(), out)
            .join(Item, Item.category_id == Category.id)
            # The records that this person sees in the list: the numbers agree with it.
            .where(Item.quantity <= limit, context.visible(items))
            .group_by(Category.id, Category.name)
            .order_by(func.count().desc(), Category.name)
        )
        found = [
            (category_id, name, both - int(none), int(none))
            for category_id, name, both, none in context.session.execute(statement)
        ]
        address = context.site.href(items.identity, "list") if context.may("list", items) else ""
        return LowStock(
            rows=tuple(
                CategoryRow(
                    name,
                    _link(address, category_id, "low", low),
                    _link(address, category_id, "out", none),
                )
                for category_id, name, low, none in found
            ),
            low=number(sum(low for _id, _name, low, _none in found)),
            out=number(sum(none for _id, _name, _low, none in found)),
            limit=limit,
        )


def _link(address: str, category_id: int, level: str, count: int) -> Link:
    """A number, linked to the list of its items: those of the category that are low, or out.
    ``address``: of the list, "" for none."""
    query = urlencode({"category": category_id, "is": level})
    return Link(number(count), f"{address}?{query}" if address and count else None)
