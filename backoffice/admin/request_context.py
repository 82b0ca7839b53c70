"""What a screen knows of its request."""

from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.auth.browser import Browser
from backoffice.auth.signed_in import SignedIn
from backoffice.history import RecordSession


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A signed-in person's request, with the session of its one unit of work."""

    request: Request
    session: RecordSession

    @property
    def browser(self) -> Browser:
        browser: Browser = self.request.state.browser
        return browser

    @property
    def person(self) -> SignedIn:
        signed_in: SignedIn = self.request.state.signed_in
        return signed_in

    @property
    def form(self) -> FormData:
        """The posted form; empty for a GET. The guard has read it and checked its size."""
        form: FormData = getattr(self.request.state, "form", None) or FormData()
        return form

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    def act_as(self, **changes: Any) -> None:
        """Set ``reason``, ``source`` or ``undoes_id`` of this request's ``AuditContext``."""
        self.session.audit_context = replace(self.session.audit_context, **changes)

    def redirect(self, href: str) -> Response:
        """A redirect to ``href``, with status 303: reloading that page does not post again."""
        return RedirectResponse(href, status_code=303)
