"""Changing one's own password: whoever is signed in may, whatever else they may."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from backoffice.admin.errors import log_database_error, wants_json, why_no_changes
from backoffice.admin.pages.form import FormField, FormPage
from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import render
from backoffice.admin.shell import build_shell
from backoffice.admin.view import Registry
from backoffice.auth.password.own_password import Changed
from backoffice.auth.password.policy import SHORTEST
from backoffice.auth.password.throttle import Blocked
from backoffice.auth.return_url import safe_return_url
from backoffice.db import ChangesRefused
from backoffice.models import InvalidValue

HEADING = "Change password"
LABELS = {
    "current_password": "Present password",
    "password": "New password",
    "password_again": "New password again",
}
DONE = "Your password is changed. You stay signed in here, and are signed out everywhere else."
TEMPORARY = "Somebody else chose your password. Choose one that only you know; then you can go on."
NEXT = "next"
"""Where to go after it: in the address, then a hidden field of the form."""


async def password_screen(request: Request, site: Registry) -> Response:
    """GET: the form. POST: 303 to ``next``, or the overview; 422 refused, 429 to wait."""
    if request.method != "POST":  # HEAD asks as GET does
        return _page(request, site, {})
    typed = {name: _text(request.state.form.get(name)) for name in LABELS}
    errors = {name: "This field is required." for name, value in typed.items() if not value}
    if not errors and typed["password"] != typed["password_again"]:
        errors["password_again"] = "The two passwords differ. Type both again."
    if errors:
        return _page(request, site, errors)
    try:
        outcome = await site.sign_in_backend.change_own_password(
            request, typed["current_password"], typed["password"]
        )
    except InvalidValue as error:
        return _page(request, site, {error.field: error.message})
    except ChangesRefused as error:
        log_database_error(error)
        why = f"{why_no_changes(error)}: your password is as it was. Try again later."
        return (
            JSONResponse({"error": why}, 503)
            if wants_json(request)
            else _page(request, site, {}, problem=why, status=503)
        )
    if isinstance(outcome, Blocked):
        why = f"Too many wrong passwords in a row. Try again in {_time(outcome.seconds)}."
        response = _page(request, site, {}, problem=why, status=429)
        response.headers["Retry-After"] = str(outcome.seconds)
        return response
    if not isinstance(outcome, Changed):
        return _page(request, site, {"current_password": "This is not your present password."})
    request.state.browser.notify("success", DONE)
    return RedirectResponse(_next(request), status_code=303)


def _next(request: Request) -> str:
    posted = request.state.form.get(NEXT)
    return safe_return_url(_text(posted) or request.query_params.get(NEXT, ""))


def _page(
    request: Request,
    site: Registry,
    errors: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    must = request.state.signed_in.password_is_temporary
    page = FormPage(
        heading=HEADING,
        label="password",
        action=site.href("password"),
        fields=tuple(
            FormField(
                name=name,
                label=label,
                kind="password",
                error=errors.get(name, ""),
                help=f"At least {SHORTEST} characters." if name == "password" else "",
                required=True,
                autocomplete="current-password" if name.startswith("current") else "new-password",
            )
            for name, label in LABELS.items()
        ),
        buttons=(HEADING,),
        cancel_href="" if must else f"{site.base_url}/",
        told=TEMPORARY if must else "",
        hidden=((NEXT, _next(request)),),
        problems=(problem,) if problem else (),
    )
    shell = build_shell(request, site, HEADING, (Link(HEADING),))
    html = render("form.html", shell, page)
    return HTMLResponse(html, status_code=422 if errors else status)


def _time(seconds: int) -> str:
    if seconds >= 120:
        return f"{-(-seconds // 60)} minutes"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
