"""Changing one's own password, which every signed-in person may."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from backoffice.admin.errors import log_database_error, wants_json, why_no_changes
from backoffice.admin.pages.form import Button, FormField, FormPage
from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import render
from backoffice.admin.posted import posted_text
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
"""The page to return to: in the address of the form, then in a hidden field."""


async def password_screen(request: Request, site: Registry) -> Response:
    """GET shows the form. POST changes the password: 303 to ``next``; 422 where it is refused, 429
    after too many attempts, 503 while the database takes no changes."""
    if request.method != "POST":  # also HEAD
        return _show(request, site, {})
    typed = {name: posted_text(request.state.form, name) for name in LABELS}
    errors = {name: "This field is required." for name, value in typed.items() if not value}
    if not errors and typed["password"] != typed["password_again"]:
        errors["password_again"] = "The two passwords differ. Type both again."
    if errors:
        return _show(request, site, errors)
    try:
        outcome = await site.sign_in_backend.change_own_password(
            request, typed["current_password"], typed["password"]
        )
    except InvalidValue as error:
        return _show(request, site, {error.field: error.message})
    except ChangesRefused as error:
        log_database_error(error)
        why = f"{why_no_changes(error)}: your password is as it was. Try again later."
        return (
            JSONResponse({"error": why}, 503)
            if wants_json(request)
            else _show(request, site, {}, problem=why, status=503)
        )
    if isinstance(outcome, Blocked):
        why = f"Too many wrong passwords in a row. Try again in {_duration(outcome.seconds)}."
        response = _show(request, site, {}, problem=why, status=429)
        response.headers["Retry-After"] = str(outcome.seconds)
        return response
    if not isinstance(outcome, Changed):
        return _show(request, site, {"current_password": "This is not your present password."})
    request.state.browser.notify("success", DONE)
    return RedirectResponse(_next(request), status_code=303)


def _next(request: Request) -> str:
    posted = posted_text(request.state.form, NEXT)
    return safe_return_url(posted or request.query_params.get(NEXT, ""))


def _show(
    request: Request,
    site: Registry,
    errors: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    is_temporary = request.state.signed_in.password_is_temporary
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
        buttons=(Button(HEADING, HEADING),),
        cancel_href="" if is_temporary else f"{site.base_url}/",
        message=TEMPORARY if is_temporary else "",
        hidden=((NEXT, _next(request)),),
        problems=(problem,) if problem else (),
    )
    status = 422 if errors else status
    shell = build_shell(request, site, HEADING, (Link(HEADING),), refused=status >= 400)
    return HTMLResponse(render("form.html", shell, page), status_code=status)


def _duration(seconds: int) -> str:
    if seconds >= 120:
        return f"{-(-seconds // 60)} minutes"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
