"""The way back to the list that somebody came from, carried as ``next`` from page to page."""

from urllib.parse import urlencode

from backoffice.admin.view import Context, RecordView
from backoffice.auth.return_url import safe_return_url

NEXT = "next"


def list_to_return_to(context: Context, view: RecordView) -> str:
    """The list as the person left it, with its search and page; the plain one if none was said.

    Only this view's own list is taken from the address or form: ``next`` leads nowhere else.
    """
    given = context.form.get(NEXT) if context.posted else context.request.query_params.get(NEXT)
    plain = context.site.href(view.identity, "list")
    path = safe_return_url(given) if isinstance(given, str) and given else plain
    return path if path.partition("?")[0] == plain else plain


def next_of(context: Context, view: RecordView) -> str:
    """What a page's forms send along as ``next``; "" where that is the plain list."""
    back = list_to_return_to(context, view)
    return "" if back == context.site.href(view.identity, "list") else back


def carrying(href: str, back: str) -> str:
    """``href`` with ``back`` as its ``next``; unchanged where that is "" (see ``next_of``)."""
    if not back:
        return href
    return f"{href}{'&' if '?' in href else '?'}{urlencode({NEXT: back})}"
