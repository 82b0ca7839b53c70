"""The records, as declarative models that other programs share. Nothing here imports the web.

from backoffice.db import open_database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item

with unit_of_work(open_database(), writes=True) as session:
    bolts = Category(name="Bolts")
    session.add(Item(name="M4 × 20", description="Hex bolt", price="0.12", category=bolts))
"""

from backoffice.models.base import Audited, Base
from backoffice.models.category import Category
from backoffice.models.changeset import Change, Changeset, HistoryAnchor, HistoryPruning, Seal
from backoffice.models.item import Item
from backoffice.models.preference import UserPreferences
from backoffice.models.role import Grant, Role, user_roles
from backoffice.models.rules import InvalidValue
from backoffice.models.saved_view import SavedView
from backoffice.models.session import SignInSession
from backoffice.models.throttle import SignInThrottle
from backoffice.models.used_key import UsedKey
from backoffice.models.user import User

__all__ = [
    "Audited",
    "Base",
    "Category",
    "Change",
    "Changeset",
    "Grant",
    "HistoryAnchor",
    "HistoryPruning",
    "InvalidValue",
    "Item",
    "Role",
    "SavedView",
    "Seal",
    "SignInSession",
    "SignInThrottle",
    "UsedKey",
    "User",
    "UserPreferences",
    "user_roles",
]
