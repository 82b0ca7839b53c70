"""The models' tables, typed as what they are, for statements that load no objects."""

from typing import cast

from sqlalchemy import Table

from backoffice.models.base import Base
from backoffice.models.changeset import Change, Changeset
from backoffice.models.preference import UserPreferences
from backoffice.models.role import Grant, Role
from backoffice.models.saved_view import SavedView
from backoffice.models.session import SignInSession
from backoffice.models.throttle import SignInThrottle
from backoffice.models.used_key import UsedKey
from backoffice.models.user import User


def _table(model: type[Base]) -> Table:
    """A declared model's table, which SQLAlchemy types as any selectable."""
    return cast(Table, model.__table__)


changes = _table(Change)
changesets = _table(Changeset)
grants = _table(Grant)
roles = _table(Role)
saved_views = _table(SavedView)
sessions = _table(SignInSession)
throttles = _table(SignInThrottle)
used_keys = _table(UsedKey)
user_preferences = _table(UserPreferences)
users = _table(User)
