"""The address of the list that a person came from, passed from page to page as ``next``."""

from urllib.parse import urlencode

from backoffice.admin.view import Context, RecordView
from backoffice.auth.return_url import safe_return_url

NEXT = "next"
"""The parameter, and the hidden input of forms."""


def return_url(context: Context, view: RecordView) -> str:
    """The view's list as the person left it, with search and page; the plain list if the request
    has no ``next``.

    A ``next`` that is not an address of this view's list is ignored, so that a link from elsewhere
    cannot lead the person away.
    """
    given = context.form.get(NEXT) if context.posted else context.request.query_params.get(NEXT)
    plain = context.site.href(view.identity, "list")
    path = safe_return_url(given) if isinstance(given, str) and given else plain
    return path if path.partition("?")[0] == plain else plain


def next_value(context: Context, view: RecordView) -> str:
    """The value of ``next`` for links and forms of this page; "" for the plain list."""
    url = return_url(context, view)
    return "" if url == context.site.href(view.identity, "list") else url


def with_next(href: str, value: str) -> str:
    """``href`` with ``value`` as its ``next``; unchanged if ``value`` is ""."""
    if not value:
        return href
    return f"{href}{'&' if '?' in href else '?'}{urlencode({NEXT: value})}"
