"""Screens of the shapes in ``models.rules``, with the rules."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from backoffice.admin.refused import Refused
from backoffice.admin.view import Context, RecordView
from tests.shapes.models.rules import Order, OrderLine, Pact, Progress, Stock, Warehouse, keepers


def kept_by(context: Context) -> Any:
    """The keys of the warehouses that the person keeps."""
    return select(keepers.c.warehouse_id).where(keepers.c.email == context.person.email)


def is_manager(context: Context) -> bool:
    return context.person.is_superuser or "Manager" in [name for _id, name in context.person.roles]


class WarehouseView(RecordView, model=Warehouse):
    name, name_plural = "Warehouse", "Warehouses"
    column_list = [Warehouse.name]
    column_searchable_list = [Warehouse.name]
    column_sortable_list = [Warehouse.name]
    column_details_list = [Warehouse.name, Warehouse.stock]
    form_columns = [Warehouse.name]

    def visible(self, context: Context) -> ColumnElement[bool]:
        return true() if context.person.is_superuser else Warehouse.id.in_(kept_by(context))


class StockView(RecordView, model=Stock):
    name, name_plural = "Stock item", "Stock items"
    column_list = [Stock.name, Stock.warehouse, Stock.price, Stock.quantity]
    column_searchable_list = [Stock.name, Stock.warehouse]
    column_sortable_list = [Stock.name, Stock.warehouse, Stock.price]
    column_default_sort = (Stock.name, False)
    list_filters = [Stock.warehouse, Stock.price, Stock.quantity]
    form_columns = [Stock.name, Stock.warehouse, Stock.price, Stock.quantity]

    def visible(self, context: Context) -> ColumnElement[bool]:
        return true() if context.person.is_superuser else Stock.warehouse_id.in_(kept_by(context))


class OrderView(RecordView, model=Order):
    name, name_plural = "Order", "Orders"
    column_list = [Order.name, Order.progress]
    column_searchable_list = [Order.name]
    column_sortable_list = [Order.name]
    column_details_list = [Order.name, Order.progress, Order.note, Order.lines]
    form_columns = [Order.name, Order.progress, Order.note]

    def may(self, context: Context, action: str, record: Any) -> bool | Refused:
        if action in ("edit", "delete") and record.progress is Progress.CLOSED:
            return is_manager(context) or Refused("This order is closed. A Manager can reopen it.")
        return True

    def may_condition(self, context: Context, action: str) -> ColumnElement[bool]:
        if action in ("edit", "delete") and not is_manager(context):
            return Order.progress != Progress.CLOSED
        return true()


class OrderLineView(RecordView, model=OrderLine):
    name, name_plural = "Order line", "Order lines"
    column_list = [OrderLine.name, OrderLine.order, OrderLine.warehouse]
    column_searchable_list = [OrderLine.name]
    column_sortable_list = [OrderLine.name]
    list_filters = [OrderLine.order]
    form_columns = [OrderLine.name, OrderLine.order, OrderLine.warehouse]

    def visible(self, context: Context) -> ColumnElement[bool]:
        if context.person.is_superuser:
            return true()
        return or_(OrderLine.warehouse_id.is_(None), OrderLine.warehouse_id.in_(kept_by(context)))

    def may(self, context: Context, action: str, record: Any) -> bool | Refused:
        if action in ("create", "edit", "delete") and record.order.progress is Progress.CLOSED:
            return is_manager(context) or Refused("Its order is closed.")
        return True

    def may_condition(self, context: Context, action: str) -> ColumnElement[bool]:
        if action in ("create", "edit", "delete") and not is_manager(context):
            closed = select(Order.id).where(Order.progress == Progress.CLOSED)
            return OrderLine.order_id.not_in(closed)
        return true()


class PactView(RecordView, model=Pact):
    name, name_plural = "Pact", "Pacts"
    column_list = [Pact.name, Pact.text]
    column_searchable_list = [Pact.name]
    column_sortable_list = [Pact.name]
    form_columns = [Pact.name, Pact.text]

    def may(self, context: Context, action: str, record: Any) -> bool | Refused:
        is_locked = action != "details" and str(record.text or "").startswith("Signed")
        return not is_locked or is_manager(context) or Refused("This pact is signed.")


VIEWS: tuple[type[RecordView], ...] = (
    WarehouseView,
    StockView,
    OrderView,
    OrderLineView,
    PactView,
)
