"""The pages for requests that the guard refused."""

from starlette.requests import Request
from starlette.responses import Response

from backoffice.admin.errors import error_response, unanswered
from backoffice.admin.pages.parts import Link
from backoffice.admin.screens.sign_in import sign_in_again
from backoffice.admin.view import Registry
from backoffice.web.middleware.guard import Refusal

MESSAGES: dict[Refusal, tuple[int, str]] = {
    Refusal.CROSS_SITE: (
        403,
        "Nothing was done: this request came from another site. Use the back office's own pages.",
    ),
    Refusal.CSRF: (
        403,
        "This page was opened before you last signed in or out, so nothing was done. "
        "What you typed is kept: send it again.",
    ),
    Refusal.TEMPORARY_PASSWORD: (
        403,
        "Nothing was done: somebody else chose your password. Choose one of your own first.",
    ),
    Refusal.TOO_LARGE: (413, "Nothing was saved: what was sent is larger than is taken here."),
    Refusal.TOO_SLOW: (
        408,
        "Nothing was saved: what was sent arrived too slowly and could not be kept. "
        "Check your connection, go back, and send it again.",
    ),
    Refusal.BROKEN_BODY: (400, "Nothing was saved: what was sent arrived broken. Try again."),
    Refusal.METHOD: (405, ""),
}


class RefusalPages:
    """Responds for the guard. ``site`` is set later: it is built after the middleware."""

    site: Registry

    async def __call__(self, request: Request, refusal: Refusal) -> Response:
        """The page for ``refusal``, with the typed form if sending it again can help."""
        if refusal is Refusal.NOT_SIGNED_IN:
            return sign_in_again(request, self.site)
        if refusal in (Refusal.DATABASE_DOWN, Refusal.BUSY):
            return unanswered(request, self.site, busy=refusal is Refusal.BUSY)
        status, text = MESSAGES[refusal]
        if refusal is Refusal.TEMPORARY_PASSWORD:
            change_password = Link("Change password", self.site.href("password"))
            return error_response(request, self.site, status, text, links=(change_password,))
        return error_response(request, self.site, status, text, resend=refusal is Refusal.CSRF)
