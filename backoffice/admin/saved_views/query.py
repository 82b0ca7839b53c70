"""The query string of a saved view: which of a list's parameters are stored, and its address.

A view is a list's address under a name: search, filters, sort and columns. Its own address has
``view=ID`` behind them, so that the list knows whether it still shows what is stored;
``view=all`` is the list without any view.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.column_settings import COLUMNS, read_columns, stored_columns
from backoffice.admin.saved_views.find import VisibleView
from backoffice.admin.view import Context, RecordView
from backoffice.language import _
from backoffice.models import InvalidValue
from backoffice.models.saved_view import LONGEST_QUERY

VIEW = "view"
"""The parameter of a list's address that names a saved view by its id."""

ALL = "all"
"""Its value for the list without a saved view."""

NOT_STORED = (VIEW, "page", "next", "count", "counts", "asof", "find", "csrf_token")
"""Parameters that are not stored: they name the page of the list, or where the person came from."""

MOST_PAIRS = 200


def stored_query(view: RecordView, pairs: Sequence[tuple[str, str]]) -> str:
    """The query string that a view stores for an address's ``pairs``; "" for the plain list."""
    stored = [pair for pair in pairs if pair[0] not in (*NOT_STORED, COLUMNS)]
    columns_values = [value for name, value in pairs if name == COLUMNS]
    if columns_values:
        columns, _problems = read_columns(view, columns_values[-1].split(","))
        if (text := stored_columns(view, columns)) is not None:
            stored.append((COLUMNS, text))
    return urlencode(stored)


def read_query(context: Context, view: RecordView, text: str) -> tuple[str, tuple[str, ...]]:
    """A posted query string as a view stores it, and sentences about what could not be read.

    Raises:
        InvalidValue: it is too long.
    """
    too_long = InvalidValue("query", _("The search and filters are too long to save."))
    text = text.encode("utf-8", "replace").decode().removeprefix("?")
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_PAIRS)
    except ValueError:
        raise too_long from None
    pairs = [pair for pair in pairs if pair[0] not in NOT_STORED]
    query = read_address(view, pairs, context)
    stored = stored_query(view, query.pairs())
    if len(stored) > LONGEST_QUERY:
        raise too_long
    return stored, query.messages


def is_changed(query: str, other: str) -> bool:
    """Whether two query strings show different lists; the order of their parameters is nothing."""
    return sorted(parse_qsl(query)) != sorted(parse_qsl(other))


def view_href(context: Context, view: RecordView, saved: VisibleView) -> str:
    """The address where the list shows a saved view."""
    return list_href(context, view, saved.query, str(saved.id))


def list_href(context: Context, view: RecordView, query: str, parameter: str) -> str:
    """The list's address with ``query`` and ``view=parameter``."""
    path = context.site.href(view.identity, "list")
    return f"{path}?{query}{'&' if query else ''}{VIEW}={parameter}"
