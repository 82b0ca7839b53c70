"""A custom page, in the navigation beside the lists of records. docs/pages.md leads through
one."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from backoffice.admin.page_options import PageOptions
from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import environment_of, render
from backoffice.admin.shell import build_shell
from backoffice.admin.view import Context


class Page(PageOptions):
    """A page with a template of its own. Subclass it, and register the class in ``PAGES``.

        class LowStockPage(Page):
            name, identity, icon = "Low stock by category", "low-stock", "archive-box"
            template = "low_stock.html"

            def content(self, context: Context) -> Any:
                return {"rows": context.session.execute(STATEMENT).all()}

    It runs as every screen does: in one worker thread and one unit of work, after the permission
    was asked. If a method or the template raises, the person gets the page for unexpected errors,
    and nothing is saved.
    """

    def content(self, context: Context) -> Any:
        """What the template prints, as ``page``: an object with attributes, or a dict by their
        names. The session refuses to write here."""
        return None

    def posted(self, context: Context) -> Response:
        """Answer a form that was posted to the page's address; its fields are ``context.form``.

        What the session writes is committed unless the response is a refusal (4xx, 5xx). Return
        ``context.redirect(self.href(context))`` if it worked, and ``self.show(context, …,
        status=422)`` if something needs correcting. The permission to open the page was asked. Ask
        others with ``context.may``: the page's permission alone lets everybody do what is done
        here.

        Raises:
            HTTPException: 405, the page takes no forms, unless the method is overridden.
        """
        raise HTTPException(405, headers={"Allow": "GET, HEAD"})

    def href(self, context: Context) -> str:
        """The page's address."""
        return context.site.page_href(self)

    def show(self, context: Context, content: Any, *, status: int = 200) -> Response:
        """The page with that content, as ``content`` returns it."""
        page = SimpleNamespace(**content) if isinstance(content, Mapping) else content
        crumbs = (Link(self.name),)
        shell = build_shell(context.request, context.site, self.name, crumbs, refused=status >= 400)
        html = render(
            self.template,
            shell,
            page,
            environment=environment_of(self.files_folder()),
            asset_href=self.static.href,
        )
        return HTMLResponse(html, status_code=status)
