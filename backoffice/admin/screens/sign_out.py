"""Signing out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.admin import errors
from backoffice.admin.view import Registry
from backoffice.db import ChangesRefused

ONLY_HERE = (
    "you are signed out in this browser only. A copy of its cookie, if there is one, stays signed "
    "in until the session times out."
)


async def sign_out_screen(request: Request, site: Registry) -> Response:
    """POST ends the session and redirects to the sign-in page, with a notice."""
    try:
        await site.sign_in_backend.sign_out(request)
    except ChangesRefused as error:
        errors.log_database_error(error)
        request.state.browser.notify("warning", f"{errors.why_no_changes(error)}: {ONLY_HERE}")
    else:
        request.state.browser.notify("info", "You are signed out.")
    return RedirectResponse(site.href("login"), status_code=303)
