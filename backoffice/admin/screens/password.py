"""Changing one's own password: whoever is signed in may, whatever else they may."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backoffice.admin.pages import FormField, FormPage, Link
from backoffice.admin.rendering import render
from backoffice.admin.shell import build_shell
from backoffice.auth.backend import safe_next
from backoffice.auth.own_password import Changed
from backoffice.auth.password_policy import SHORTEST
from backoffice.auth.signin import Blocked
from backoffice.models import InvalidValue

if TYPE_CHECKING:
    from backoffice.admin.site import BackOffice

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


async def password_screen(request: Request, site: "BackOffice") -> Response:
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
    if isinstance(outcome, Blocked):
        return _page(request, site, {}, wait=outcome.seconds)
    if not isinstance(outcome, Changed):
        return _page(request, site, {"current_password": "This is not your present password."})
    request.state.browser.notify("success", DONE)
    return RedirectResponse(_next(request), status_code=303)


def _next(request: Request) -> str:
    posted = request.state.form.get(NEXT)
    return safe_next(_text(posted) or request.query_params.get(NEXT, ""))


def _page(
    request: Request, site: "BackOffice", errors: dict[str, str], *, wait: int | None = None
) -> Response:
    must = request.state.signed_in.password_is_temporary
    too_many = f"Too many wrong passwords in a row. Try again in {_time(wait or 0)}."
    page = FormPage(
        heading=HEADING,
        noun="password",
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
        problems=() if wait is None else (too_many,),
    )
    shell = build_shell(request, site, HEADING, (Link(HEADING),))
    status = 429 if wait is not None else 422 if errors else 200
    headers = {"Retry-After": str(wait)} if wait is not None else None
    return HTMLResponse(render("form.html", shell, page), status_code=status, headers=headers)


def _time(seconds: int) -> str:
    if seconds >= 120:
        return f"{-(-seconds // 60)} minutes"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
