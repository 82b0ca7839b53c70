"""The registry of views, for commands that serve nothing."""

from starlette.applications import Starlette

from backoffice import views
from backoffice.admin.routes import BackOffice
from backoffice.admin.view import Registry
from backoffice.auth.backend import SignInBackend
from backoffice.config import Settings
from backoffice.db import Database


def build_site(settings: Settings, database: Database) -> Registry:
    """The views and pages as they are served, without the application around them.

    Raises:
        ViewError: a view contradicts its model, or a page is misspelt.
    """
    return BackOffice(
        Starlette(),
        settings=settings,
        database=database,
        views=views.VIEWS,
        pages=views.PAGES,
        authentication_backend=SignInBackend(settings, database),
    ).site
