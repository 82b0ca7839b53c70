"""Signing out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.admin import errors
from backoffice.admin.view import Registry
from backoffice.db import ChangesRefused
from backoffice.language import N_, _

ONLY_HERE = N_(
    "You are signed out in this browser only. A copy of its cookie would stay signed in until the "
    "session times out."
)


async def sign_out_screen(request: Request, site: Registry) -> Response:
    """POST ends the session and redirects to the sign-in page, with a notice."""
    try:
        await site.sign_in_backend.sign_out(request)
    except ChangesRefused as error:
        errors.log_database_error(error)
        request.state.browser.notify("warning", f"{errors.why_no_changes(error)} {_(ONLY_HERE)}")
    else:
        request.state.browser.notify("info", _("You are signed out."))
    return RedirectResponse(site.href("login"), status_code=303)
