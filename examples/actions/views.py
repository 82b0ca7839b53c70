"""The views of a back office whose items have both actions."""

from backoffice.models import Item
from backoffice.views import VIEWS
from backoffice.views.item import ItemView
from examples.actions.discontinue import Discontinue
from examples.actions.restock import Restock


class StockView(Restock, Discontinue, ItemView, model=Item):
    name, name_plural = "Item", "Items"


WITH_ACTIONS = tuple(StockView if view is ItemView else view for view in VIEWS)
"""``VIEWS``, with this view of items in place of the other: ``create_app(views=WITH_ACTIONS)``."""
