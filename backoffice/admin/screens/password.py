"""Changing your own password, which every signed-in person may."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from backoffice.admin.errors import (
    log_database_error,
    try_again_in,
    wants_json,
    why_no_changes,
)
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
from backoffice.language import N_, _, number
from backoffice.models import InvalidValue

HEADING = N_("Change password")
LABELS = {
    "current_password": N_("Current password"),
    "password": N_("New password"),
    "password_again": N_("New password again"),
}
DONE = N_("Password changed. You stay signed in here and are signed out everywhere else.")
TEMPORARY = N_("Somebody else chose your password. Choose your own to continue.")
UNCHANGED = N_("Your password was not changed. Try again later.")
TOO_MANY = N_("Too many failed attempts.")
NEXT = "next"
"""The page to return to: in the address of the form, then in a hidden field."""


async def password_screen(request: Request, site: Registry) -> Response:
    """GET shows the form. POST changes the password: 303 to ``next``; 422 where it is refused, 429
    after too many attempts, 503 while the database takes no changes."""
    if request.method != "POST":  # also HEAD
        return _show(request, site, {})
    typed = {name: posted_text(request.state.form, name) for name in LABELS}
    errors = {name: _("This field is required.") for name, value in typed.items() if not value}
    if not errors and typed["password"] != typed["password_again"]:
        errors["password_again"] = _("The two passwords differ. Type both again.")
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
        why = f"{why_no_changes(error)} {_(UNCHANGED)}"
        return (
            JSONResponse({"error": why}, 503)
            if wants_json(request)
            else _show(request, site, {}, problem=why, status=503)
        )
    if isinstance(outcome, Blocked):
        why = f"{_(TOO_MANY)} {try_again_in(outcome.seconds)}"
        response = _show(request, site, {}, problem=why, status=429)
        response.headers["Retry-After"] = str(outcome.seconds)
        return response
    if not isinstance(outcome, Changed):
        return _show(request, site, {"current_password": _("Wrong password.")})
    request.state.browser.notify("success", _(DONE))
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
        heading=_(HEADING),
        label="password",
        action=site.href("password"),
        fields=tuple(
            FormField(
                name=name,
                label=_(label),
                kind="password",
                error=errors.get(name, ""),
                help=_("At least {count} characters.", count=number(SHORTEST))
                if name == "password"
                else "",
                required=True,
                autocomplete="current-password" if name.startswith("current") else "new-password",
            )
            for name, label in LABELS.items()
        ),
        buttons=(Button(HEADING, _(HEADING)),),
        cancel_href="" if is_temporary else f"{site.base_url}/",
        message=_(TEMPORARY) if is_temporary else "",
        hidden=((NEXT, _next(request)),),
        problems=(problem,) if problem else (),
    )
    status = 422 if errors else status
    shell = build_shell(request, site, _(HEADING), (Link(_(HEADING)),), refused=status >= 400)
    return HTMLResponse(render("form.html", shell, page), status_code=status)
