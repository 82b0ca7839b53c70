"""A record's fields as HTML, for the list's script to show beside the rows."""

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from backoffice.admin.pages.peek import Peek
from backoffice.admin.pages.rendering import render_part
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.load import load_record
from backoffice.admin.return_url import next_value, with_next
from backoffice.admin.screens.details import record_facts
from backoffice.admin.view import Context, RecordView
from backoffice.models import Changeset


def peek_href(context: Context, view: RecordView) -> str | None:
    """The beginning of the addresses of a view's peeks, to which the key is added; None where there
    are none. A change has a page of another kind."""
    if view.model is Changeset or not context.may("details", view):
        return None
    return context.site.href(view.identity, "peek", "")


def peek_screen(context: Context, view: RecordView) -> Response:
    """The fields of the details page, by the same permissions. Costs a statement for the record.

    No page: it has no shell, and leaves the person's notices for the next page.

    Raises:
        HTTPException: 404, there is no such record; 403, the view does not show it to them.
    """
    if view.model is Changeset:
        raise HTTPException(404)
    record = load_record(context, view)
    if reason := context.refusal("details", view, record):
        raise HTTPException(403, reason)
    key, back = key_text(record), next_value(context, view)
    may_edit = context.may("edit", view, record) and view.offers(context, "edit", record)
    page = Peek(
        heading=record_label(context, record),
        facts=record_facts(context, view, record),
        details_href=with_next(context.site.href(view.identity, "details", key), back),
        edit_href=(
            with_next(context.site.href(view.identity, "edit", key), back) if may_edit else None
        ),
    )
    return HTMLResponse(render_part("peek.html", page))
