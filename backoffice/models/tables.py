"""The models' tables, typed as what they are, for statements that load no objects."""

from typing import cast

from sqlalchemy import Table

from backoffice.models.base import Base
from backoffice.models.changeset import Change, Changeset
from backoffice.models.user import User


def _table(model: type[Base]) -> Table:
    """A declared model's table, which SQLAlchemy types as any selectable."""
    return cast(Table, model.__table__)


changes = _table(Change)
changesets = _table(Changeset)
users = _table(User)
