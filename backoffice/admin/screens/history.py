"""A record's history: who changed what, the newest first."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.describing import change_entries
from backoffice.admin.history_pages import HistoryPage
from backoffice.admin.keys import parse_key
from backoffice.admin.list_pages import Pager
from backoffice.admin.pages import Link
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.history.audited import table_of
from backoffice.history.reading import record_history

PAGE = 25
"""Changes on one page."""


def history_screen(visit: Visit, view: RecordView) -> Response:
    """What was done to the record that the address names, whether it still exists or not."""
    text = visit.request.path_params["pk"]
    key = parse_key(view, text)
    if key is None:
        raise HTTPException(404, f"This {view.noun} does not exist.")
    given = visit.request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
    table = table_of(view.mapper).name
    found = record_history(visit.session, table, str(key), before=before, limit=PAGE + 1)
    record: Any = visit.session.get(view.model, key)
    if record is None and not found:
        raise HTTPException(404, f"This {view.noun} does not exist.")
    more, found = len(found) > PAGE, found[:PAGE]
    label = str(record) if record is not None else found[0][0].label
    here = visit.site.href(view.identity, "history", key)
    page = HistoryPage(
        heading=label,
        noun=view.noun,
        entries=tuple(change_entries(visit, found, with_record=False)),
        pager=Pager(
            first=here if before is not None else None,
            next=f"{here}?before={found[-1][0].id}" if more else None,
        ),
        gone=record is None,
        details_href=(
            visit.site.href(view.identity, "details", key)
            if record is not None and visit.may("details", view, record)
            else None
        ),
        edit_href=(
            visit.site.href(view.identity, "edit", key)
            if record is not None and visit.may("edit", view, record)
            else None
        ),
    )
    list_link = Link(view.name_plural, visit.site.href(view.identity, "list"))
    record_link = Link(label, page.details_href)
    crumbs = (list_link, record_link, Link("History"))
    return visit.page("history.html", f"History of {label}", page, crumbs=crumbs)
