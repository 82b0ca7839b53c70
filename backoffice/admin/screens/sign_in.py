"""Signing in, and signing in again without losing what was typed."""

import json
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from backoffice.admin import errors
from backoffice.admin.pages.error import ErrorPage, Resend
from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import render
from backoffice.admin.pages.sign_in import SignInPage
from backoffice.admin.posted import posted_text
from backoffice.admin.shell import build_shell
from backoffice.admin.view import Registry
from backoffice.auth.password.attempts import Failure
from backoffice.auth.password.throttle import Blocked
from backoffice.auth.return_url import safe_return_url
from backoffice.db import ChangesRefused
from backoffice.language import N_, _

WRONG = N_("Wrong e-mail or password.")
RESUME = "resume"
"""The hidden field with the form that was posted after its session ended."""

ENDED = N_("Your session ended. Sign in again to continue: what you typed is kept.")
CANNOT = N_("Nobody can sign in. People who are signed in can still see records. Try again later.")


async def sign_in_screen(request: Request, site: Registry) -> Response:
    """GET shows the form. POST signs in: 303 to ``next``; 422 where that fails, 429 after too many
    attempts, 503 while the database takes no changes."""
    if request.method != "POST":  # also HEAD
        next_path = safe_return_url(request.query_params.get("next", ""))
        if getattr(request.state, "signed_in", None) is not None:
            return RedirectResponse(next_path, status_code=303)
        return _show(request, site, SignInPage(action=site.href("login"), next=next_path))

    username = posted_text(request.state.form, "username")
    password = posted_text(request.state.form, "password")
    page = _posted_page(request, site)
    if not username.strip() or not password:
        return _show(request, site, page, error=_("Enter your e-mail and password."))
    try:
        outcome = await site.sign_in_backend.sign_in(request, username, password)
    except ChangesRefused as error:
        errors.log_database_error(error)
        return _show_unavailable(request, site, page, errors.why_no_changes(error))
    if isinstance(outcome, Failure):
        return _show(request, site, page, error=_(WRONG))
    if isinstance(outcome, Blocked):
        return _show(request, site, page, wait=outcome.seconds)
    resend = _read_resume(posted_text(request.state.form, RESUME))
    if resend is not None:
        # The guard found nobody signed in. The page that is shown now is of the person who is.
        person = request.state.signed_in = await site.sign_in_backend.recognise(request)
        # A person with a temporary password may only change it: the resent form would be refused.
        if person is None or not person.password_is_temporary:
            return _offer_resend(request, site, resend)
    return RedirectResponse(page.next, status_code=303)


def sign_in_again(request: Request, site: Registry) -> Response:
    """401 for a form that was posted after its session ended: the sign-in form, with what was
    typed in a hidden field."""
    if errors.wants_json(request):
        return JSONResponse({"error": _("You are signed out. Sign in again.")}, status_code=401)
    typed = errors.posted_fields(request)
    hidden: tuple[tuple[str, str], ...] = ()
    if typed is not None:
        hidden = ((RESUME, json.dumps([typed.action, typed.fields])),)
    page = SignInPage(action=site.href("login"), hidden=hidden, message=_(ENDED))
    return _show(request, site, page, status=401)


def _posted_page(request: Request, site: Registry) -> SignInPage:
    form = request.state.form
    resume = posted_text(form, RESUME)
    return SignInPage(
        action=site.href("login"),
        next=safe_return_url(posted_text(form, "next")),
        username=posted_text(form, "username")[:255],
        hidden=((RESUME, resume),) if resume else (),
    )


def _show(
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
        message = error or _("Too many failed attempts.")
        page = replace(
            page,
            error=message,
            wait_seconds=wait,
            wait_text=errors.try_again_in(wait) if wait is not None else "",
        )
    shell = build_shell(request, site, _("Sign in"), refused=status >= 400)
    headers = {"Retry-After": str(wait)} if wait is not None else None
    html = render("sign_in.html", shell, page)
    return HTMLResponse(html, status_code=status, headers=headers)


def _show_unavailable(request: Request, site: Registry, page: SignInPage, why: str) -> Response:
    """503, with the form. No attempt was counted."""
    sentence = f"{why} {_(CANNOT)}"
    if errors.wants_json(request):
        return JSONResponse({"error": sentence}, status_code=503)
    return _show(request, site, replace(page, error=sentence), status=503)


def _offer_resend(request: Request, site: Registry, resend: Resend) -> Response:
    """A page with a button that posts again what was typed before the session ended. It is not
    posted unasked: the person may have signed in as somebody else."""
    page = ErrorPage(
        status=200,
        heading=_("You are signed in again"),
        text=_("What you typed is still here. Send it now, or discard it."),
        links=(Link(_("Discard and go to the overview"), f"{site.base_url}/"),),
        resend=resend,
    )
    shell = build_shell(request, site, page.heading)
    return HTMLResponse(render("error.html", shell, page))


def _read_resume(text: str) -> Resend | None:
    """The posted form in the hidden field ``RESUME``; None if there is none that this site may
    send."""
    if not text:
        return None
    try:
        action, pairs = json.loads(text)
        fields = tuple((str(name), str(value)) for name, value in pairs)
        for name, value in fields:
            (name + value).encode()  # JSON can write half of a surrogate pair, a page cannot
    except (ValueError, TypeError, RecursionError):
        return None
    # The page will post to this address with a valid token, so it must be one of this site.
    if not isinstance(action, str) or safe_return_url(action) != action:
        return None
    return Resend(action=action, fields=fields, button=_("Send again"))
