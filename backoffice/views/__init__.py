"""One file a noun: what its screens show. ``VIEWS`` registers the views."""

from backoffice.admin.view import RecordView
from backoffice.views.category import CategoryView
from backoffice.views.changeset import ChangesetView
from backoffice.views.item import ItemView
from backoffice.views.role import RoleView
from backoffice.views.user import UserView

VIEWS: tuple[type[RecordView], ...] = (
    ItemView,
    CategoryView,
    UserView,
    RoleView,
    ChangesetView,
)
"""Every view, in the order of the navigation."""

__all__ = ["VIEWS", "CategoryView", "ChangesetView", "ItemView", "RoleView", "UserView"]
