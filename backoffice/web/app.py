"""The application factory: from settings to a Starlette application."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from backoffice.admin.errors import error_response, http_error
from backoffice.admin.page import Page
from backoffice.admin.pages.rendering import STATIC, TABLER
from backoffice.admin.routes import BackOffice
from backoffice.admin.view import RecordView
from backoffice.auth.backend import SignInBackend
from backoffice.config import Settings, load_settings
from backoffice.db import Database, open_database
from backoffice.views import PAGES, VIEWS
from backoffice.web.background.sealer import seal_periodically
from backoffice.web.health import healthz, readyz
from backoffice.web.middleware.request_log import configure_logging
from backoffice.web.middleware.stack import middleware
from backoffice.web.refusal_pages import RefusalPages

log = logging.getLogger(__name__)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    *,
    views: Sequence[type[RecordView]] = VIEWS,
    pages: Sequence[type[Page]] = PAGES,
) -> Starlette:
    """Build the application.

    ``settings``: None reads them from the environment. ``database``: None opens the one that the
    settings name, and closes it when the application stops. ``views`` and ``pages``: in the order
    of the navigation.

    Raises:
        SettingsError: a setting is wrong, or not safe in production; the logo or the colour of
            the brand cannot be shown.
        ViewError: a view contradicts its model, or a page is misspelt.
    """
    settings = settings or load_settings()
    owns_database = database is None
    database = database or open_database(settings)
    refusal_pages = RefusalPages()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # As many worker threads as pooled connections, so no thread waits for a connection.
        # Sign-ins have threads of their own, and the connections beyond the pool (auth.backend).
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.database_pool_size
        TABLER.files  # noqa: B018 - they are made here, and not while somebody waits for a page
        try:
            with seal_periodically(settings):
                yield
        finally:
            if owns_database:
                database.dispose()

    async def unexpected(request: Request, error: Exception) -> Response:
        return error_response(request, site, 500, resend=True)

    app = Starlette(
        routes=[
            Route("/", _redirect_to_admin, methods=["GET"]),
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", readyz(database), methods=["GET"]),
            Mount("/static", STATIC, name="static"),
        ],
        middleware=middleware(settings, database, refusal_pages, unexpected),
        lifespan=lifespan,
    )
    site = BackOffice(
        app,
        settings=settings,
        database=database,
        views=views,
        pages=pages,
        authentication_backend=SignInBackend(settings, database),
    ).site
    for files in (site.brand.files, *(page.static for page in site.pages)):
        if files.files:
            # Before all of /static, which has no file under that address.
            app.router.routes.insert(0, Mount(files.address, files))
    refusal_pages.site = site
    app.state.site = site

    async def http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return http_error(request, site, error)

    app.add_exception_handler(HTTPException, http_exception)
    configure_logging(settings)
    return app


async def _redirect_to_admin(request: Request) -> Response:
    return RedirectResponse("/admin/", status_code=307)
