"""One record with its fields and the records that belong to it."""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import and_, func, literal, select
from sqlalchemy.orm import with_parent
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.attributes import attribute_name
from backoffice.admin.changes.describe import author_name
from backoffice.admin.lists.filters import filters_of
from backoffice.admin.pages.details import Byline, DetailsPage, Fact, RelatedRecords
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.action_links import record_actions
from backoffice.admin.records.cells import cell_or_hidden, datetime_cell
from backoffice.admin.records.counting import COUNT_LIMIT, bounded_count
from backoffice.admin.records.keys import key_for, key_text
from backoffice.admin.records.labels import label_columns, record_label
from backoffice.admin.records.links import crumbs_to, delete_href, history_href, record_link
from backoffice.admin.records.load import load_record
from backoffice.admin.records.seen import note_seen
from backoffice.admin.return_url import next_value, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.history.audited import history_name
from backoffice.history.queries import first_and_last
from backoffice.language import _

FIRST_RELATED = 20
"""Related records of one relation that the page names."""


def details_screen(context: Context, view: RecordView) -> Response:
    """The record's fields and related records.

    Costs a statement for the record, one for each relation to many and one for its history.

    Raises:
        HTTPException: 404, there is no such record; 403, the view does not show it to them.
    """
    record = load_record(context, view)
    if reason := context.refusal("details", view, record):
        raise HTTPException(403, reason)
    names = view.get_details_columns()
    key = key_text(record)
    may_edit = context.may("edit", view, record) and view.offers(context, "edit", record)
    label = record_label(context, record)
    page = DetailsPage(
        heading=label,
        label=view.label,
        facts=record_facts(context, view, record),
        related=tuple(
            related
            for name in names
            if _is_to_many(view, name)
            if (related := _related_records(context, view, record, name)) is not None
        ),
        edit_href=(
            with_next(context.site.href(view.identity, "edit", key), next_value(context, view))
            if may_edit
            else None
        ),
        history_href=history_href(context, view, key),
        bylines=_bylines(context, view, key),
        delete_href=delete_href(context, view, record),
        links=tuple(view.details_links(context, record)),
        actions=record_actions(context, view, record, "details"),
        locked=_locked_reasons(context, view, record),
    )
    return page_response(
        context, "details.html", label, page, crumbs=crumbs_to(context, view, record)
    )


def record_facts(context: Context, view: RecordView, record: Any) -> tuple[Fact, ...]:
    """The fields of a loaded record, without its related records."""
    return tuple(
        Fact(
            view.label_for(name),
            cell_or_hidden(context, view, record, name),
            view.unit_for(name),
        )
        for name in view.get_details_columns()
        if not _is_to_many(view, name)
    )


def _locked_reasons(context: Context, view: RecordView, record: Any) -> tuple[str, ...]:
    """Why the person may not do to this record what they may do to others, as sentences."""
    reasons = (
        context.refusal(action, view, record)
        for action in ("edit", "delete")
        if context.may(action, view)
    )
    return tuple(dict.fromkeys(reason for reason in reasons if reason))


def _is_to_many(view: RecordView, name: str) -> bool:
    """Whether a field is a relation to records of their own, not to parts of this record."""
    if name not in view.mapper.relationships or name in getattr(view.model, "links", ()):
        return False
    return bool(view.mapper.relationships[name].uselist)


def _bylines(context: Context, view: RecordView, key: str) -> tuple[Byline, ...]:
    """Who created the record and who changed it last: one statement, or none where the person may
    not read its history."""
    if not context.may(HISTORY, view):
        return ()
    found = first_and_last(context.session, history_name(view.mapper), key)
    lines: list[Byline] = []
    for change, changeset in found:
        if change.operation == "delete" or (lines and change.operation == "create"):
            continue
        at = datetime_cell(context.settings, changeset.at)
        href = context.site.href("changeset", "details", changeset.id)
        is_new = change.operation == "create"
        lines.append(Byline("created" if is_new else "changed", author_name(changeset), at, href))
    return tuple(lines)


def _related_records(
    context: Context, view: RecordView, record: Any, name: str
) -> RelatedRecords | None:
    """The first records of a relation to many, and how many there are: one statement.

    None where the person may not see the relation.
    """
    target = view.related_view(name)
    if not context.may_see(view, name):
        return None
    belongs = and_(with_parent(record, getattr(view.model, name)), context.visible(target))
    counted = select(literal(1)).select_from(target.model).where(belongs).limit(COUNT_LIMIT + 1)
    number = select(func.count()).select_from(counted.subquery()).scalar_subquery()
    statement = select(target.model, number).where(belongs)
    statement = statement.order_by(*label_columns(target, context)[:1], *key_for(target).columns)
    rows = context.session.execute(statement.limit(FIRST_RELATED)).all()
    note_seen(context, target, [row[0] for row in rows])
    count = rows[0][1] if rows else 0
    return RelatedRecords(
        label=view.label_for(name),
        count=str(bounded_count(count)),
        links=tuple(record_link(context, target, row[0]) for row in rows),
        all_link=_list_link(context, view, record, name, target),
    )


def _list_link(
    context: Context, view: RecordView, record: Any, name: str, target: RecordView
) -> Link | None:
    """The list of all related records; None where that list has no filter for them."""
    reverse = view.mapper.relationships[name].back_populates
    filters = [attribute_name(attribute) for attribute in target.list_filters]
    if reverse not in filters or reverse not in filters_of(target):
        return None
    href = context.site.href(target.identity, "list")
    query = urlencode({reverse: key_text(record)})
    return Link(_("Show all {records}", records=target.label_plural), f"{href}?{query}")
