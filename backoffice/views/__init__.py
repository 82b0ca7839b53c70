"""One file per noun: what its screens show. ``VIEWS`` registers them, ``PAGES`` further pages."""

from backoffice.admin.page import Page
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

PAGES: tuple[type[Page], ...] = ()
"""Every custom page, in the order of the navigation. docs/pages.md leads through one."""

__all__ = [
    "PAGES",
    "VIEWS",
    "CategoryView",
    "ChangesetView",
    "ItemView",
    "RoleView",
    "UserView",
]
