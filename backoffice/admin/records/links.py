"""Links to a record's pages, for those who may open them."""

from typing import Any
from urllib.parse import quote

from backoffice.admin.pages.parts import Link
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.return_url import list_url, next_value, with_next
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY


def record_link(context: Context, view: RecordView, record: Any) -> Link:
    """A record's name, leading to it if the person may see it."""
    href = None
    if context.may("details", view, record):
        href = context.site.href(view.identity, "details", key_text(view, record))
    return Link(record_label(record), href)


def crumbs_to(context: Context, view: RecordView, record: Any, *more: str) -> tuple[Link, ...]:
    """Breadcrumbs to a record and, below it, to ``more``."""
    crumbs = [Link(view.name_plural, list_url(context, view))]
    href = context.site.href(view.identity, "details", key_text(view, record)) if more else None
    href = with_next(href, next_value(context, view)) if href else None
    crumbs.append(Link(record_label(record), href))
    crumbs.extend(Link(text) for text in more)
    return tuple(crumbs)


def history_href(context: Context, view: RecordView, key: Any) -> str | None:
    """Where a record's history is; None if the person may not read it."""
    if not context.may(HISTORY, view):
        return None
    return context.site.href(view.identity, "history", key)


def delete_href(context: Context, view: RecordView, record: Any) -> str | None:
    """Where this record's delete page is; None if the person may not delete it."""
    if not (context.may("delete", view, record) and view.offers(context, "delete", record)):
        return None
    key = quote(key_text(view, record), safe="")  # for a "," is between two keys
    href = f"{context.site.href(view.identity, 'delete')}?pks={quote(key)}"
    return with_next(href, next_value(context, view))
