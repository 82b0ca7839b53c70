"""The routes of the back office: every address under /admin and its screen, on SQLAdmin's
``Admin``."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sqladmin import Admin
from sqlalchemy import exc
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from backoffice.admin import checks, errors
from backoffice.admin.forms.build import form_class_of
from backoffice.admin.options import has_form
from backoffice.admin.page import Page
from backoffice.admin.page_options import ADDRESS
from backoffice.admin.pages.rendering import TABLER, TEMPLATES
from backoffice.admin.refusal import page_refusal, permission_refusal
from backoffice.admin.screens.action import action_screen
from backoffice.admin.screens.changeset import changeset_screen
from backoffice.admin.screens.column_settings import column_settings_screen
from backoffice.admin.screens.create import create_screen
from backoffice.admin.screens.delete import delete_screen
from backoffice.admin.screens.details import details_screen
from backoffice.admin.screens.edit import edit_screen
from backoffice.admin.screens.history import history_screen
from backoffice.admin.screens.index import index_screen
from backoffice.admin.screens.language import language_screen
from backoffice.admin.screens.list import list_screen
from backoffice.admin.screens.list_counts import list_counts_screen
from backoffice.admin.screens.lookup import lookup_screen
from backoffice.admin.screens.own_page import own_page_screen
from backoffice.admin.screens.password import password_screen
from backoffice.admin.screens.peek import peek_screen
from backoffice.admin.screens.role_fields import role_fields_screen
from backoffice.admin.screens.saved_view import saved_view_screen
from backoffice.admin.screens.saved_views import saved_views_screen
from backoffice.admin.screens.sign_in import sign_in_screen
from backoffice.admin.screens.sign_out import sign_out_screen
from backoffice.admin.screens.theme import theme_screen
from backoffice.admin.screens.undo import undo_screen
from backoffice.admin.view import Context, RecordView, Registry
from backoffice.auth.backend import SignInBackend
from backoffice.auth.permissions import HISTORY
from backoffice.auth.sessions import enter_read_only
from backoffice.config import Settings
from backoffice.db import ChangesRefused, Database
from backoffice.db.queries.prepared import is_prepared_statement_gone
from backoffice.db.worker_threads import in_thread
from backoffice.history import AuditContext, session_maker, unit_of_work

Screen = Callable[[Context, RecordView], Response]
Endpoint = Callable[[Request], Awaitable[Response]]

SCREENS: dict[str, tuple[str, list[str], Screen]] = {
    "list": ("/{identity}/list", ["GET"], list_screen),
    "details": ("/{identity}/details/{pk:path}", ["GET"], details_screen),
    "create": ("/{identity}/create", ["GET", "POST"], create_screen),
    "edit": ("/{identity}/edit/{pk:path}", ["GET", "POST"], edit_screen),
    "delete": ("/{identity}/delete", ["GET", "POST"], delete_screen),
    HISTORY: ("/{identity}/history/{pk:path}", ["GET"], history_screen),
}
"""The screens of records, by the action that a person needs the permission for: path, methods and
function."""

MOST_RETRIES = 5
"""How often a page is started again because a prepared statement is gone."""


def _audit_context(request: Request) -> AuditContext:
    """The description of this request for its changeset."""
    signed_in = request.state.signed_in
    return AuditContext(
        source="web",
        actor_id=signed_in.user_id,
        actor=signed_in.name,
        request_id=request.state.request_id,
        address=request.client.host if request.client else "",
    )


class BackOffice(Admin):
    """The back office, mounted on an application.

    Every screen runs in one worker thread and in one unit of work, which is committed at its end.
    The guard around the application has found the signed-in person before.
    """

    def __init__(
        self,
        app: Starlette,
        *,
        settings: Settings,
        database: Database,
        views: Sequence[type[RecordView]],
        pages: Sequence[type[Page]] = (),
        authentication_backend: SignInBackend,
    ) -> None:
        self.site = Registry(settings, database, authentication_backend)
        super().__init__(
            app,
            engine=database.writer,
            session_maker=session_maker(database),
            base_url=self.site.base_url,
            title=settings.product_name,
            templates_dir=str(Path(TEMPLATES)),
            authentication_backend=authentication_backend,
            authorization_backend=self.site.permissions,
        )
        # SQLAdmin's routes are replaced: nobody has checked its export, import, ajax lookup, file
        # download and logout by GET against the rules of the back office.
        self.admin.router.routes = self._routes()
        self.admin.exception_handlers = {
            HTTPException: self._http_error,
            ChangesRefused: self._changes_refused,
            exc.OperationalError: self._database_error,
            exc.InterfaceError: self._database_error,
            exc.TimeoutError: self._database_error,
            Exception: self._unexpected_error,
        }
        misnamed = checks.check_names(views)
        for view in views:
            if view not in misnamed:
                self.add_record_view(view)
        # Before any form is built, so that all problems are reported at once.
        checks.check_views(views, misnamed, self.site.record_views, database.dialect, pages)
        for page in pages:
            self.add_page(page)
        for registered in self.site.record_views:
            if has_form(registered):
                form_class_of(registered)

    # Registry -------------------------------------------------------------------------

    def add_record_view(self, view: type[RecordView]) -> None:
        """Register a view."""
        view.site = self.site
        self.add_view(view)
        added = self.views[-1]
        assert isinstance(added, RecordView)
        self.site.record_views.append(added)
        if view.superusers_only:
            self.site.permissions.superusers_only.add(view.identity)

    def add_page(self, page: type[Page]) -> None:
        """Register a custom page."""
        self.site.pages.append(page())
        if page.superusers_only:
            self.site.permissions.superusers_only.add(page.identity)

    # Addresses ------------------------------------------------------------------------

    def _routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [
            Mount("/statics", TABLER, name="statics"),
            # The page that is opened most: each route before it is tried first.
            self._screen_route("list"),
            # The others could take its address: "views" may be a page.
            Route(
                f"/{ADDRESS}/{{page}}",
                self._endpoint(self._own_page),
                methods=["GET", "POST"],
                name="page",
            ),
            Route("/", self._endpoint(index_screen), methods=["GET"], name="index"),
            Route("/login", self.login, methods=["GET", "POST"], name="login"),
            Route("/logout", self.logout, methods=["POST"], name="logout"),
            Route("/password", self._password, methods=["GET", "POST"], name="password"),
            Route("/theme", self._theme, methods=["POST"], name="theme"),
            Route("/language", self._endpoint(language_screen), methods=["POST"], name="language"),
            Route(
                "/{identity}/lookup/{field}",
                self._record_endpoint("", lookup_screen),
                methods=["GET"],
                name="lookup",
            ),
            Route(
                "/{identity}/counts",
                self._record_endpoint("list", list_counts_screen),
                methods=["GET"],
                name="counts",
            ),
            Route(
                "/{identity}/peek/{pk:path}",
                self._record_endpoint("details", peek_screen),
                methods=["GET"],
                name="peek",
            ),
            Route(
                "/{identity}/arrange",
                self._record_endpoint("list", column_settings_screen),
                methods=["POST"],
                name="arrange",
            ),
            Route(
                "/{identity}/views",
                self._record_endpoint("list", saved_views_screen),
                methods=["GET", "POST"],
                name="views",
            ),
            Route(
                "/{identity}/views/{pk}",
                self._record_endpoint("list", saved_view_screen),
                methods=["POST"],
                name="saved-view",
            ),
            Route(
                "/{identity}/action/{name}",
                self._record_endpoint("", action_screen),
                methods=["GET", "POST"],
                name="action",
            ),
        ]
        # Changesets have screens of their own. Their routes come before those of all records.
        routes += [
            Route(
                "/changeset/details/{pk:path}",
                self._record_endpoint("details", changeset_screen, "changeset"),
                methods=["GET"],
                name="changeset",
            ),
            Route(
                "/changeset/undo/{pk:path}",
                self._record_endpoint("details", undo_screen, "changeset"),
                methods=["GET", "POST"],
                name="undo",
            ),
        ]
        routes.append(
            Route(
                "/role/fields/{of}/{pk}",
                self._record_endpoint("edit", role_fields_screen, "role"),
                methods=["GET", "POST"],
                name="role-fields",
            )
        )
        routes += [self._screen_route(action) for action in SCREENS if action != "list"]
        return routes

    def _screen_route(self, action: str) -> Route:
        path, methods, screen = SCREENS[action]
        return Route(path, self._record_endpoint(action, screen), methods=methods, name=action)

    def _endpoint(self, screen: Callable[[Context], Response]) -> Endpoint:
        """An endpoint that runs ``screen`` in a worker thread, in one unit of work."""

        def once(request: Request) -> Response:
            writes = request.method == "POST"
            with unit_of_work(
                self.site.database, writes=writes, audit_context=_audit_context(request)
            ) as session:
                response = screen(Context(request, session, self.site))
                if writes and response.status_code >= 400:
                    session.rollback()  # a refusal leaves nothing half-applied
                recorded = session.changeset is not None
            if recorded:
                self.site.database.read_only_state.leave(self.site.sign_in_backend.clock())
            return response

        def run(request: Request) -> Response:
            # A page uses a few prepared statements. Each can be gone once in a process.
            for _retry in range(MOST_RETRIES):
                try:
                    return once(request)
                except exc.DBAPIError as error:
                    if request.method == "POST" or not is_prepared_statement_gone(error):
                        raise
            return once(request)

        async def endpoint(request: Request) -> Response:
            return await in_thread(self.site.database, run, request)

        return endpoint

    def _record_endpoint(self, action: str, screen: Screen, identity: str = "") -> Endpoint:
        """``_endpoint`` for a view's screen, which first checks the permission for ``action``.

        ``action``: "" for a screen that checks permissions itself. ``identity``: of the view; "" if
        the address names it.
        """

        def run(context: Context) -> Response:
            view = self.site.find_view(identity or context.request.path_params["identity"])
            if action and not context.may(action, view):
                raise HTTPException(403, permission_refusal(view, action))
            return screen(context, view)

        return self._endpoint(run)

    def _own_page(self, context: Context) -> Response:
        """A custom page, after the check of the permission to open it."""
        identity = context.request.path_params["page"]
        page = next((page for page in self.site.pages if page.identity == identity), None)
        if page is None:
            raise HTTPException(404)
        assert isinstance(page, Page)
        if not page.is_open_to(context.request, self.site.permissions):
            raise HTTPException(403, page_refusal(page))
        return own_page_screen(context, page)

    async def login(self, request: Request) -> Response:
        """The sign-in page; posted, signing in."""
        return await sign_in_screen(request, self.site)

    async def logout(self, request: Request) -> Response:
        """Signing out: ends the session."""
        return await sign_out_screen(request, self.site)

    async def _password(self, request: Request) -> Response:
        return await password_screen(request, self.site)

    async def _theme(self, request: Request) -> Response:
        return theme_screen(request, self.site)

    # Errors ---------------------------------------------------------------------------

    async def _http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return errors.http_error(request, self.site, error)

    async def _unexpected_error(self, request: Request, error: Exception) -> Response:
        # Starlette raises it again after this answer, so that it is logged with its traceback.
        return errors.error_response(request, self.site, 500, resend=True)

    async def _changes_refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, ChangesRefused)
        now = self.site.sign_in_backend.clock()
        enter_read_only(self.site.database, self.site.settings, error, now)
        return errors.changes_refused(request, self.site, error)

    async def _database_error(self, request: Request, error: Exception) -> Response:
        return errors.database_error(request, self.site, error)
