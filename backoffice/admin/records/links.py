"""Links to a record's pages, for people who may open them."""

from typing import Any
from urllib.parse import quote

from backoffice.admin.pages.parts import Link
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.return_url import next_value, return_url, with_next
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.models import Changeset


def record_link(context: Context, view: RecordView, record: Any) -> Link:
    """A record's label, with a link to its details if the person may see them."""
    href = None
    if context.may("details", view, record):
        href = context.site.href(view.identity, "details", key_text(record))
    return Link(record_label(context, record), href)


def crumbs_to(context: Context, view: RecordView, record: Any, *more: str) -> tuple[Link, ...]:
    """Breadcrumbs: the list, the record, and then the texts in ``more``."""
    crumbs = [Link(view.title_plural, return_url(context, view))]
    href = context.site.href(view.identity, "details", key_text(record)) if more else None
    href = with_next(href, next_value(context, view)) if href else None
    crumbs.append(Link(record_label(context, record), href))
    crumbs.extend(Link(text) for text in more)
    return tuple(crumbs)


def history_href(context: Context, view: RecordView, key: Any) -> str | None:
    """The address of a record's history; None if the person may not read it."""
    if not context.may(HISTORY, view):
        return None
    return context.site.href(view.identity, "history", key)


def peek_href(context: Context, view: RecordView) -> str | None:
    """The address of a view's records beside their list, without the key; None if there are none.
    A change has a page of another kind."""
    if view.model is Changeset or not context.may("details", view):
        return None
    return context.site.href(view.identity, "peek", "")


def delete_href(context: Context, view: RecordView, record: Any) -> str | None:
    """The address of a record's delete page; None if the person may not delete it."""
    if not (context.may("delete", view, record) and view.offers(context, "delete", record)):
        return None
    key = quote(key_text(record), safe="")  # a "," separates two keys
    href = f"{context.site.href(view.identity, 'delete')}?pks={quote(key)}"
    return with_next(href, next_value(context, view))
