"""Error pages. They say what happened and what to do, and offer to send a form again, so that
nothing typed is lost."""

import logging
from http import HTTPStatus

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from backoffice.admin.pages.error import ErrorPage, Resend
from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import render
from backoffice.admin.records.load import NoRecord
from backoffice.admin.shell import build_shell
from backoffice.admin.view import Registry
from backoffice.db import ChangesRefused
from backoffice.db.resilience.breaker import RETRY_AFTER, NotAnswering
from backoffice.db.resilience.unknown_outcome import OutcomeUnknown
from backoffice.db.worker_threads import Busy
from backoffice.language import N_, _, ngettext

log = logging.getLogger(__name__)

HEADINGS = {
    400: N_("This request could not be read"),
    401: N_("You are signed out"),
    403: N_("You don't have permission"),
    404: N_("Page not found"),
    405: N_("This does not work here"),
    408: N_("The request took too long"),
    409: N_("Somebody else changed this first"),
    413: N_("This is too large"),
    422: N_("Something needs correcting"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong"),
    503: N_("The database is not responding"),
}
OTHER_HEADING = N_("This did not work")
TEXTS = {
    404: N_("The address may be wrong, or the page was deleted."),
    405: N_("This page cannot be used that way. Go back and try again from the page itself."),
    500: N_(
        "Nothing was saved. Try again. If it happens again, give your administrator the reference "
        "below."
    ),
    503: N_("Nothing was saved. Wait a moment and try again."),
}
NO_CHANGES = N_("The database is read-only right now.")
NO_ROOM = N_("The database has no room left.")
NOTHING_SAVED = N_(
    "Nothing was saved. You can still see and search records. Try again later: what you typed is "
    "kept here, except passwords."
)
NOTHING_SAVED_BY_SCRIPT = N_("Nothing was saved. Try again later.")
BUSY_HEADING = N_("The back office is busy")
BUSY = N_("Nothing was done: too many people are using it. Wait a moment and try again.")
UNKNOWN = N_(
    "The connection to the database was lost while saving, so this may or may not be saved. Check "
    "before you send it again."
)
NEVER_SENT_BACK = ("password", "csrf_token")
"""A posted field whose name contains one of these is not offered to be sent again."""


def wants_json(request: Request) -> bool:
    """Whether a script sent the request. It gets JSON with the text, and shows that itself."""
    return "application/json" in request.headers.get("accept", "")


def error_response(
    request: Request,
    site: Registry,
    status: int,
    text: str = "",
    *,
    heading: str = "",
    resend: bool = False,
    links: tuple[Link, ...] = (),
) -> Response:
    """The error page with that status.

    ``text`` and ``heading``: "" for those of the status. ``resend``: whether to offer to send the
    posted form again, or to try the page again. ``links``: where to go next; none for the overview,
    or to sign in.
    """
    text = text or _(TEXTS.get(status, ""))
    own_heading = _(HEADINGS.get(status, OTHER_HEADING))
    if wants_json(request):
        message = f"{heading}. {text}" if heading else text or own_heading
        return JSONResponse({"error": message}, status_code=status)
    heading = heading or own_heading
    signed_in = getattr(request.state, "signed_in", None) is not None
    if not links:
        links = (
            (Link(_("Go to the overview"), f"{site.base_url}/"),)
            if signed_in
            else (Link(_("Sign in"), f"{site.base_url}/login"),)
        )
        if resend and request.method in ("GET", "HEAD"):
            links = (Link(_("Try again"), this_address(request)), *links)
    page = ErrorPage(
        status=status,
        heading=heading,
        text=text,
        links=links,
        reference=getattr(request.state, "request_id", "") if status >= 500 else "",
        resend=posted_fields(request) if resend else None,
    )
    shell = build_shell(request, site, heading)
    return HTMLResponse(render("error.html", shell, page), status_code=status)


def http_error(request: Request, site: Registry, error: HTTPException) -> Response:
    """The page for an exception that a screen raised."""
    # Starlette's own details are bare reason phrases ("Not Found"); ours are translated sentences.
    detail = "" if error.detail == _phrase(error.status_code) else error.detail
    links = _list_links(request, site) if error.status_code == 404 and detail else ()
    heading = ""
    if isinstance(error, NoRecord):
        heading = error.heading
        links = (error.link, *links) if error.link else links
    response = error_response(
        request, site, error.status_code, detail, heading=heading, links=links
    )
    response.headers.update(error.headers or {})
    return response


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status of somebody's own
        return ""


def _list_links(request: Request, site: Registry) -> tuple[Link, ...]:
    """A link to the list of the view in the address; none if the address has no view."""
    identity = request.path_params.get("identity")
    view = next((view for view in site.record_views if view.identity == identity), None)
    if view is None or not view.has_permission(request, "list"):
        return ()
    go_to = _("Go to {records}", records=view.label_plural)
    return (Link(go_to, site.href(view.identity, "list")),)


def changes_refused(request: Request, site: Registry, error: ChangesRefused) -> Response:
    """The page, with status 503, for a form that a read-only or full database refused. It offers to
    send the form again."""
    log_database_error(error)
    text = _(NOTHING_SAVED_BY_SCRIPT if wants_json(request) else NOTHING_SAVED)
    heading = why_no_changes(error).removesuffix(".")
    return error_response(
        request, site, 503, text, heading=heading, resend=request.method == "POST"
    )


def why_no_changes(error: ChangesRefused) -> str:
    """Why nothing can be saved, as a sentence."""
    return _(NO_ROOM if error.full else NO_CHANGES)


def database_error(request: Request, site: Registry, error: Exception) -> Response:
    """The page, with status 503, for a database that does not answer or is too busy. Logs one
    line."""
    if isinstance(error, NotAnswering | Busy):  # already logged, once for all requests
        return unanswered(request, site, busy=isinstance(error, Busy))
    log_database_error(error)
    # A sign-in that failed here signed nobody in: the browser got no cookie.
    is_signed_in = getattr(request.state, "signed_in", None) is not None
    text = _(UNKNOWN) if isinstance(error, OutcomeUnknown) and is_signed_in else ""
    return error_response(request, site, 503, text, resend=True)


def unanswered(request: Request, site: Registry, *, busy: bool) -> Response:
    """The page, with status 503, for a request that was not started. ``busy``: because no worker
    thread was free; otherwise because the database does not answer."""
    heading, text = (_(BUSY_HEADING), _(BUSY)) if busy else ("", "")
    response = error_response(request, site, 503, text, heading=heading, resend=True)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def log_database_error(error: Exception) -> None:
    """Log one line, without a traceback, which would add nothing."""
    original = getattr(error, "orig", None) or error
    log.error("database: %s: %s", type(original).__name__, " ".join(str(original).split()))


def posted_fields(request: Request) -> Resend | None:
    """The posted form, to be sent again, without passwords; None if nothing was posted."""
    form: FormData | None = getattr(request.state, "form", None)
    if form is None or request.method in ("GET", "HEAD"):
        return None
    fields = tuple(
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and not any(word in name for word in NEVER_SENT_BACK)
    )
    return Resend(action=this_address(request), fields=fields, button=_("Send again"))


def this_address(request: Request) -> str:
    """The address of the request: path and query."""
    query = f"?{request.url.query}" if request.url.query else ""
    path: str = request.scope["path"]
    return path + query


def try_again_in(seconds: int) -> str:
    """How long somebody has to wait after too many attempts, as a sentence."""
    if seconds >= 120:
        minutes = -(-seconds // 60)
        return ngettext("Try again in {count} minute.", "Try again in {count} minutes.", minutes)
    return ngettext("Try again in {count} second.", "Try again in {count} seconds.", seconds)
