"""A record's fields as HTML, for the list's script to show beside the rows."""

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from backoffice.admin.details.facts import record_facts
from backoffice.admin.pages.peek import Peek
from backoffice.admin.pages.rendering import render_part
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import peek_href
from backoffice.admin.records.load import load_record
from backoffice.admin.return_url import next_value, with_next
from backoffice.admin.view import Context, RecordView


def peek_screen(context: Context, view: RecordView) -> Response:
    """The fields of the details page, by the same permissions. Costs a statement for the record.

    No page: it has no shell, and leaves the person's notices for the next page.

    Raises:
        HTTPException: 404, there is no such record; 403, the view does not show it to them.
    """
    if peek_href(context, view) is None:
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
