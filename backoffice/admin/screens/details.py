"""One record with its fields and the records that belong to it."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.bylines import find_bylines
from backoffice.admin.details.facts import record_facts
from backoffice.admin.details.matrix import is_matrix, matrices
from backoffice.admin.details.related import related_lists
from backoffice.admin.forms.deleted import load_or_explain
from backoffice.admin.lists.neighbours import record_steps
from backoffice.admin.pages.details import DetailsPage
from backoffice.admin.records.action_links import record_actions
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import crumbs_to, delete_href, history_href
from backoffice.admin.return_url import next_value, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView


def details_screen(context: Context, view: RecordView) -> Response:
    """The record's fields and related records.

    Costs a statement for its neighbours in the list, one for the record, one for each relation to
    many and one for its history.

    Raises:
        HTTPException: 404, there is no such record; 403, the view does not show it to them.
    """
    steps = record_steps(context, view, "details")
    record = load_or_explain(context, view)
    if reason := context.refusal("details", view, record):
        raise HTTPException(403, reason)
    key = key_text(record)
    may_edit = context.may("edit", view, record) and view.offers(context, "edit", record)
    label = record_label(context, record)
    page = DetailsPage(
        heading=label,
        label=view.label,
        steps=steps,
        facts=record_facts(context, view, record, is_matrix),
        matrices=tuple(matrices(context, view, record)),
        related=tuple(related_lists(context, view, record)),
        edit_href=(
            with_next(context.site.href(view.identity, "edit", key), next_value(context, view))
            if may_edit
            else None
        ),
        history_href=history_href(context, view, key),
        bylines=find_bylines(context, view, key),
        delete_href=delete_href(context, view, record),
        links=tuple(view.details_links(context, record)),
        actions=record_actions(context, view, record, "details"),
        locked=_locked_reasons(context, view, record),
    )
    return page_response(
        context, "details.html", label, page, crumbs=crumbs_to(context, view, record)
    )


def _locked_reasons(context: Context, view: RecordView, record: Any) -> tuple[str, ...]:
    """Why the person may not do to this record what they may do to others, as sentences."""
    reasons = (
        context.refusal(action, view, record)
        for action in ("edit", "delete")
        if context.may(action, view)
    )
    return tuple(dict.fromkeys(reason for reason in reasons if reason))
