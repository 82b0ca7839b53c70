"""The screens of items."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from wtforms import Form

from backoffice.admin.forms.fields import CountField
from backoffice.admin.options import ColumnTotal
from backoffice.admin.pages.parts import Mark
from backoffice.admin.view import Context, OptionFilter, RecordView
from backoffice.language import N_, _, number
from backoffice.models import Item


def _stock_levels(context: Context) -> Sequence[tuple[str, str]]:
    low = _("Low (1 to {limit})", limit=number(context.settings.low_stock))
    return (("low", low), ("out", _("Out")))


def _has_stock(view: RecordView, value: str, context: Context | None) -> ColumnElement[bool] | None:
    low = Item.quantity.between(1, view.site.settings.low_stock)
    return {"low": low, "out": Item.quantity == 0}.get(value)


def _stock_mark(context: Context, quantity: int) -> Mark | None:
    if quantity == 0:
        return Mark(_("out"), "danger")
    return Mark(_("low"), "warning") if quantity <= context.settings.low_stock else None


class ItemView(RecordView, model=Item):
    name = N_("Item")
    name_plural = N_("Items")
    icon = "cube"

    column_list = [Item.name, Item.category, Item.price, Item.quantity, Item.description]
    column_searchable_list = [Item.name, Item.description, Item.category]
    column_sortable_list = [Item.name, Item.category, Item.price, Item.quantity]
    column_default_sort = (Item.name, False)
    column_units = {Item.price: "currency"}
    value_marks = {Item.quantity: _stock_mark}
    list_filters = [Item.category, Item.price, Item.quantity, Item.name]
    option_filters = [
        OptionFilter("is", N_("Stock"), _stock_levels, _has_stock, counted=True, on_overview=True)
    ]
    list_totals = [
        ColumnTotal(N_("Quantity"), Item.quantity),
        ColumnTotal(N_("Stock value"), Item.price * Item.quantity, unit="currency"),
    ]

    column_details_list = [
        Item.name,
        Item.category,
        Item.description,
        Item.price,
        Item.quantity,
        Item.id,
    ]
    column_labels = {Item.id: N_("ID")}
    form_overrides = {"quantity": CountField}
    form_args = {
        "quantity": {"description": N_("A number, or +12 or -3 to add to or take from the stock.")}
    }
    form_columns = [Item.name, Item.description, Item.category, Item.price, Item.quantity]

    def prepare_form(self, form: Form, created: bool) -> None:
        if created and "quantity" in form:  # there is no stock to add to yet
            form["quantity"].description = ""
