"""One file a noun: what its screens show. A view counts once it stands in ``VIEWS``."""

from backoffice.admin.view import RecordView
from backoffice.views.category import CategoryView
from backoffice.views.item import ItemView
from backoffice.views.user import UserView

VIEWS: tuple[type[RecordView], ...] = (ItemView, CategoryView, UserView)
"""Every view, in the order of the navigation."""

__all__ = ["VIEWS", "CategoryView", "ItemView", "UserView"]
