"""One request to a screen, with everything the screen may use."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backoffice.admin.field_rules import hidden_fields
from backoffice.admin.pages import Link
from backoffice.admin.rendering import render
from backoffice.admin.shell import build_shell
from backoffice.config import Settings
from backoffice.history import RecordSession

if TYPE_CHECKING:
    from backoffice.admin.site import BackOffice
    from backoffice.admin.view import RecordView
    from backoffice.auth.browser import Browser
    from backoffice.auth.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person's request, with the session of its one unit of work.

    A screen is a function from a visit and its view to a response. It runs in a worker thread;
    whatever it wrote is committed after it returns, unless its response is a refusal (4xx, 5xx).
    """

    request: Request
    session: RecordSession
    site: "BackOffice"
    _hidden: dict["RecordView", frozenset[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def settings(self) -> Settings:
        return self.site.settings

    @property
    def browser(self) -> "Browser":
        browser: Browser = self.request.state.browser
        return browser

    @property
    def person(self) -> "SignedIn":
        signed_in: SignedIn = self.request.state.signed_in
        return signed_in

    @property
    def form(self) -> FormData:
        """What was posted; empty for a GET. The guard has read and bounded it."""
        form: FormData = getattr(self.request.state, "form", None) or FormData()
        return form

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    def may(self, action: str, view: "RecordView", obj: Any | None = None) -> bool:
        """Whether the person may do ``action`` here: the view allows it, and so do their rights."""
        return view.allows(action) and view.has_permission(self.request, action, obj)

    def may_see(self, view: "RecordView", name: str) -> bool:
        """Whether the person may see the field ``name`` of the records of ``view``, a column or a
        relation. Every screen, search and message that tells a value asks; see ``field_rules``.
        """
        return name not in self.hidden(view)

    def hidden(self, view: "RecordView") -> frozenset[str]:
        """The fields of ``view`` that ``may_see`` refuses; found out once a request, without a
        statement."""
        if view not in self._hidden:
            self._hidden[view] = hidden_fields(self, view)
        return self._hidden[view]

    def page(
        self,
        template: str,
        title: str,
        page: Any,
        *,
        crumbs: tuple[Link, ...] = (),
        status: int = 200,
    ) -> Response:
        """Print ``page`` inside the shell."""
        shell = build_shell(self.request, self.site, title, crumbs)
        return HTMLResponse(render(template, shell, page), status_code=status)

    def act_as(self, **changes: Any) -> None:
        """Say more of what is being done: the ``reason``, ``source``, ``undoes_id`` of ``Act``."""
        self.session.audit_context = replace(self.session.audit_context, **changes)

    def redirect(self, href: str) -> Response:
        """See the page at ``href`` next (303, so that reloading it repeats nothing)."""
        return RedirectResponse(href, status_code=303)
