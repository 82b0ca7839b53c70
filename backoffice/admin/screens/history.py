"""A record's history: who changed what, the latest change first."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.describe import change_entries
from backoffice.admin.changes.visible_changes import may_see_history
from backoffice.admin.pages.history import Beginning, HistoryPage
from backoffice.admin.pages.parts import Link, Pager
from backoffice.admin.records.cells import details_address, exact_time
from backoffice.admin.records.keys import parse_key, write_key
from backoffice.admin.records.labels import record_label, stored_label
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.columns.numbers import parse_whole_number
from backoffice.history.audited import history_name
from backoffice.history.loads import origin_of
from backoffice.history.queries import record_history
from backoffice.language import _, ngettext
from backoffice.models import Change, Changeset

_LOAD = "\x00"
"""Where the link to a load is in a sentence; no translation has this character."""

PAGE = 25
"""Changes on one page."""


def history_screen(context: Context, view: RecordView) -> Response:
    """The changes of a record, whether it still exists or not.

    Raises:
        HTTPException: 404, the record does not exist and has no history.
    """
    key = parse_key(view, context.request.path_params["pk"])
    if key is None:
        raise HTTPException(404, _("This {label} doesn't exist.", label=view.label))
    if not may_see_history(context, view, write_key(view, key)):
        raise HTTPException(404, _("This {label} doesn't exist.", label=view.label))
    before = parse_whole_number(context.request.query_params.get("before", ""))
    table, text = history_name(view.mapper), write_key(view, key)
    found = record_history(context.session, table, text, before=before, limit=PAGE + 1)
    record: Any = context.session.get(view.model, key)
    if record is None and not found:
        raise HTTPException(404, _("This {label} doesn't exist.", label=view.label))
    new_lives = _new_lives(found)
    more, found = len(found) > PAGE, found[:PAGE]
    if record is not None and (reason := context.refusal(HISTORY, view, record)):
        raise HTTPException(403, reason)
    label = stored_label(context, view, found[0][0].label if found else "", text)
    if record is not None:
        label = record_label(context, record)
    history_href = context.site.href(view.identity, "history", text)
    entries = [
        replace(entry, is_new_life=change.id in new_lives)
        for entry, (change, _changeset) in zip(
            change_entries(context, found, with_record=False), found, strict=True
        )
    ]
    page = HistoryPage(
        heading=label,
        label=view.label,
        entries=tuple(entries),
        pager=Pager(
            first=history_href if before is not None else None,
            next=f"{history_href}?before={found[-1][0].id}" if more else None,
        ),
        beginning=None if more else _beginning(context, table, text, found),
        is_deleted=record is None,
        details_href=(
            context.site.href(view.identity, "details", text)
            if record is not None and context.may("details", view, record)
            else None
        ),
        edit_href=(
            context.site.href(view.identity, "edit", text)
            if record is not None and context.may("edit", view, record)
            else None
        ),
    )
    list_link = Link(view.title_plural, context.site.href(view.identity, "list"))
    record_link = Link(label, page.details_href)
    crumbs = (list_link, record_link, Link(_("History")))
    return page_response(
        context, "history.html", _("History of {name}", name=label), page, crumbs=crumbs
    )


def _new_lives(found: list[tuple[Change, Changeset]]) -> set[int]:
    """The ids of the changes that created a new record with the key of a deleted one. A record that
    was restored, by an undo or by its form, is not a new one."""
    return {
        change.id
        for (change, changeset), (older, _changeset) in pairwise(found)
        if change.operation == "create"
        and older.operation == "delete"
        and changeset.undoes_id is None
        and (change.after or {}).get("version", 1) in (1, (older.before or {}).get("version"))
    }


def _beginning(
    context: Context, table: str, record_id: str, changes: list[tuple[Change, Changeset]]
) -> Beginning | None:
    """The load that created a record: one statement. None if a change did."""
    first = changes[-1][0] if changes else None
    if first is not None and first.operation == "create":
        return None
    before = first.changeset_id if first is not None else None
    origin = origin_of(context.session, table, record_id, before=before)
    load = origin.load or next(iter(origin.silent), None)
    if load is None:
        return None
    hover = exact_time(context.settings, load.at)
    text = f"{hover} (#{load.changeset_id})"
    address = details_address(context, Changeset)
    link = Link(text, f"{address}{load.changeset_id}" if address else None)
    sentence = _(
        "Perhaps added in bulk on {load}; that import did not note its records", load=_LOAD
    )
    if origin.load is not None:
        sentence = _("Added in bulk on {load}", load=_LOAD)
    elif len(origin.silent) > 1:
        sentence = ngettext(
            "Perhaps added by {count} import that did not note its records: {load}",
            "Perhaps added by one of {count} imports that did not note their records, the last on "
            "{load}",
            len(origin.silent),
            load=_LOAD,
        )
    before_link, _mark, after_link = sentence.partition(_LOAD)
    return Beginning(before_link, link, after_link, hover)
