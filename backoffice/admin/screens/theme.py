"""Switching between light, dark and the system's choice."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.admin.shell import THEME_COOKIE, THEMES
from backoffice.admin.view import Registry
from backoffice.auth.return_url import safe_return_url

A_YEAR = 365 * 24 * 3600


def theme_response(request: Request, site: Registry) -> Response:
    """Remember the theme in this browser and return to the page it was switched on."""
    form = request.state.form
    chosen = form.get("theme")
    response = RedirectResponse(safe_return_url(str(form.get("next", ""))), status_code=303)
    response.set_cookie(
        THEME_COOKIE,
        chosen if chosen in THEMES else "auto",
        max_age=A_YEAR,
        httponly=True,
        samesite="lax",
        secure=site.settings.secure_cookies,
    )
    return response
