"""Signing in and out, and signing in again without losing what was typed."""

import json
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from backoffice.admin import errors
from backoffice.admin.pages.error import ErrorPage, Resend
from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import render
from backoffice.admin.pages.sign_in import SignInPage
from backoffice.admin.shell import build_shell
from backoffice.admin.view import Registry
from backoffice.auth.password.attempts import Failure
from backoffice.auth.password.throttle import Blocked
from backoffice.auth.return_url import safe_return_url
from backoffice.db import ChangesRefused

WRONG = "This e-mail address and password do not fit together. Check both."
RESUME = "resume"
"""Hidden field of the sign-in form: what was typed on a page whose session had ended."""

ENDED = "Your session ended. Sign in again: what you typed is kept, and you can send it after."
ONLY_HERE = (
    "you are signed out in this browser only. A copy of its cookie, if there is one, stays signed "
    "in until the session times out."
)
CANNOT = "nobody can sign in. People who are signed in can see records as always. Try again later."


async def sign_in(request: Request, site: Registry) -> Response:
    """GET: the form. POST: 303 to where the person was going; 422 wrong, 429 to wait."""
    if request.method != "POST":  # HEAD asks as GET does
        next_path = safe_return_url(request.query_params.get("next", ""))
        if getattr(request.state, "signed_in", None) is not None:
            return RedirectResponse(next_path, status_code=303)
        return _page(request, site, SignInPage(action=_action(site), next=next_path))
    form = request.state.form
    username, password = _text(form.get("username")), _text(form.get("password"))
    next_path = safe_return_url(_text(form.get("next")))
    resume = _text(form.get(RESUME))
    hidden = ((RESUME, resume),) if resume else ()
    page = SignInPage(action=_action(site), next=next_path, username=username[:255], hidden=hidden)
    if not username.strip() or not password:
        return _page(request, site, page, error="Enter your e-mail address and password.")
    try:
        outcome = await site.sign_in_backend.sign_in(request, username, password)
    except ChangesRefused as error:
        errors.log_database_error(error)
        return _cannot(request, site, page, errors.why_no_changes(error))
    if isinstance(outcome, Failure):
        return _page(request, site, page, error=WRONG)
    if isinstance(outcome, Blocked):
        return _page(request, site, page, wait=outcome.seconds)
    resend = _read_resume(resume)
    if resend is not None:
        # The guard saw nobody yet; from here on the page is one of somebody who is signed in.
        person = request.state.signed_in = await site.sign_in_backend.recognise(request)
        if person is None or not person.password_is_temporary:  # else it would be refused
            return _send_again(request, site, resend)
    return RedirectResponse(next_path, status_code=303)


async def sign_out(request: Request, site: Registry) -> Response:
    """End the session everywhere, and say so on the sign-in page."""
    try:
        await site.sign_in_backend.sign_out(request)
    except ChangesRefused as error:
        errors.log_database_error(error)
        request.state.browser.notify("warning", f"{errors.why_no_changes(error)}: {ONLY_HERE}")
    else:
        request.state.browser.notify("info", "You are signed out.")
    return RedirectResponse(_action(site), status_code=303)


def sign_in_again(request: Request, site: Registry) -> Response:
    """401 for a form that was sent after its session ended: the sign-in form, holding it."""
    if errors.wants_json(request):
        return JSONResponse({"error": "You are signed out. Sign in again."}, status_code=401)
    typed = errors.typed_fields(request)
    hidden: tuple[tuple[str, str], ...] = ()
    if typed is not None:
        hidden = ((RESUME, json.dumps([typed.action, typed.fields])),)
    page = SignInPage(action=_action(site), hidden=hidden, message=ENDED)
    return _page(request, site, page, status=401)


def _page(
    request: Request,
    site: Registry,
    page: SignInPage,
    *,
    error: str = "",
    wait: int | None = None,
    status: int = 200,
) -> Response:
    if error or wait is not None:
        status = 422 if wait is None else 429
        message = error or "Too many attempts in a row."
        page = SignInPage(
            action=page.action,
            next=page.next,
            username=page.username,
            error=message,
            wait_seconds=wait,
            hidden=page.hidden,
        )
    shell = build_shell(request, site, "Sign in")
    headers = {"Retry-After": str(wait)} if wait is not None else None
    html = render("login.html", shell, page)
    return HTMLResponse(html, status_code=status, headers=headers)


def _cannot(request: Request, site: Registry, page: SignInPage, why: str) -> Response:
    """503: the form again, with what was typed before the session ended. Nothing was counted."""
    sentence = f"{why}: {CANNOT}"
    if errors.wants_json(request):
        return JSONResponse({"error": sentence}, status_code=503)
    return _page(request, site, replace(page, error=sentence), status=503)


def _send_again(request: Request, site: Registry, resend: Resend) -> Response:
    """What was typed, behind one button: it is sent only when the person says so."""
    page = ErrorPage(
        status=200,
        heading="You are signed in again",
        text="What you typed before is still here. Send it now, or leave it.",
        links=(Link("Leave it and go to the overview", f"{site.base_url}/"),),
        resend=resend,
    )
    shell = build_shell(request, site, page.heading)
    return HTMLResponse(render("error.html", shell, page))


def _read_resume(text: str) -> Resend | None:
    """What the hidden field holds; None if it is empty or not ours to send."""
    if not text:
        return None
    try:
        action, pairs = json.loads(text)
        fields = tuple((str(name), str(value)) for name, value in pairs)
        for name, value in fields:
            (name + value).encode()  # JSON can write half of a surrogate pair, a page cannot
    except (ValueError, TypeError, RecursionError):
        return None
    # A same-site address below /admin: this page would post there with a fresh token.
    if not isinstance(action, str) or safe_return_url(action) != action:
        return None
    return Resend(action=action, fields=fields)


def _action(site: Registry) -> str:
    return f"{site.base_url}/login"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
