"""Switching between light colours, dark colours and those of the system."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.admin.shell import THEME_COOKIE, THEMES
from backoffice.admin.view import Registry
from backoffice.auth.return_url import safe_return_url

A_YEAR = 365 * 24 * 3600


def theme_screen(request: Request, site: Registry) -> Response:
    """POST keeps the theme in a cookie and redirects to the page on which it was switched."""
    form = request.state.form
    theme = form.get("theme")
    response = RedirectResponse(safe_return_url(str(form.get("next", ""))), status_code=303)
    response.set_cookie(
        THEME_COOKIE,
        theme if theme in THEMES else "auto",
        max_age=A_YEAR,
        httponly=True,
        samesite="lax",
        secure=site.settings.secure_cookies,
    )
    return response
