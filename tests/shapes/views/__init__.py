"""A view of every shape, as a developer would plainly write it; Chinook's are among them."""

from backoffice.admin.view import RecordView
from backoffice.models import Audited
from tests.databases import Kind
from tests.shapes.chinook.views import VIEWS as CHINOOK
from tests.shapes.views import (
    columns,
    enums,
    inheritance,
    keys,
    numbers,
    places,
    relations,
    rules,
    texts,
    times,
    values,
)

VIEWS: tuple[type[RecordView], ...] = (
    *texts.VIEWS,
    *numbers.VIEWS,
    *enums.VIEWS,
    *times.VIEWS,
    *values.VIEWS,
    *keys.VIEWS,
    *relations.VIEWS,
    *rules.VIEWS,
    *columns.VIEWS,
    *inheritance.VIEWS,
    *places.VIEWS,
    *CHINOOK,
)
"""Those of shapes that every database has."""

SERVER_VIEWS = (*numbers.SERVER_VIEWS, *places.SERVER_VIEWS)
POSTGRESQL_VIEWS = (
    *numbers.POSTGRESQL_VIEWS,
    *values.POSTGRESQL_VIEWS,
    *columns.POSTGRESQL_VIEWS,
)
EVERY_VIEW = (*VIEWS, *SERVER_VIEWS, *POSTGRESQL_VIEWS)
EDITED_VIEWS = tuple(view for view in EVERY_VIEW if issubclass(view.model, Audited))
"""Those of shapes that have history, and may be written."""


def views_of(kind: Kind) -> tuple[type[RecordView], ...]:
    """The views of the shapes that a kind of database has."""
    views: tuple[type[RecordView], ...] = VIEWS
    if kind != "sqlite":
        views += SERVER_VIEWS
    if kind == "postgresql":
        views += POSTGRESQL_VIEWS
    return views
