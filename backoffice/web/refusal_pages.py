"""The pages for requests that the guard refused."""

from starlette.requests import Request
from starlette.responses import Response

from backoffice.admin.errors import error_response, unanswered
from backoffice.admin.pages.parts import Link
from backoffice.admin.screens.sign_in import sign_in_again
from backoffice.admin.view import Registry
from backoffice.language import N_, _
from backoffice.web.middleware.guard import Refusal

MESSAGES: dict[Refusal, tuple[int, str, str]] = {
    Refusal.CROSS_SITE: (
        403,
        N_("This request came from another site"),
        N_("Nothing was done. Use the pages of the back office instead."),
    ),
    Refusal.CSRF: (
        403,
        N_("This page is out of date"),
        N_(
            "Nothing was done, because you signed in or out after this page was opened. What you "
            "typed is kept: send it again."
        ),
    ),
    Refusal.TEMPORARY_PASSWORD: (
        403,
        N_("Choose your own password first"),
        N_("Nothing was done, because somebody else chose your password."),
    ),
    Refusal.TOO_LARGE: (413, "", N_("Nothing was saved: the form is larger than the limit.")),
    Refusal.TOO_SLOW: (
        408,
        "",
        N_(
            "Nothing was saved: the form arrived too slowly. Check your connection, go back and "
            "send it again."
        ),
    ),
    Refusal.BROKEN_BODY: (400, "", N_("Nothing was saved: the form arrived damaged. Try again.")),
    Refusal.METHOD: (405, "", ""),
}
"""The status of each refusal, its heading ("" for the status's own) and its text."""


class RefusalPages:
    """Responds for the guard. ``site`` is set later: it is built after the middleware."""

    site: Registry

    async def __call__(self, request: Request, refusal: Refusal) -> Response:
        """The page for ``refusal``, with the typed form if sending it again can help."""
        if refusal is Refusal.NOT_SIGNED_IN:
            return sign_in_again(request, self.site)
        if refusal in (Refusal.DATABASE_DOWN, Refusal.BUSY):
            return unanswered(request, self.site, busy=refusal is Refusal.BUSY)
        status, heading, text = MESSAGES[refusal]
        links: tuple[Link, ...] = ()
        if refusal is Refusal.TEMPORARY_PASSWORD:
            links = (Link(_("Change password"), self.site.href("password")),)
        return error_response(
            request,
            self.site,
            status,
            _(text),
            heading=_(heading),
            resend=refusal is Refusal.CSRF,
            links=links,
        )
