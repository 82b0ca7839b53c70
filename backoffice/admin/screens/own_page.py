"""A custom page: what a company adds to the navigation. See ``admin/page.py``."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.page import Page
from backoffice.admin.view import Context
from backoffice.models import InvalidValue


def own_page_screen(context: Context, page: Page) -> Response:
    """GET shows the page's content; POST is answered by the page itself.

    Raises:
        HTTPException: 405, the page takes no forms; 403, a view's rule forbids a change that the
            page made.
    """
    if not context.posted:
        return page.show(context, page.content(context))
    response = page.posted(context)
    if response.status_code < 400:
        context.session.flush()
        try:
            check_changes(context)
        except InvalidValue as error:
            raise HTTPException(403, str(error)) from None
    return response
