"""Deleting records: a page that says what goes, then one transaction."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.deletion import what_goes_along
from backoffice.admin.keys import key_attribute, key_of, parse_key
from backoffice.admin.pages import DeletePage, Link
from backoffice.admin.screens.details import record_link
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.admin.way_back import NEXT, carrying, list_to_return_to, next_of

MOST_AT_ONCE = 500
"""Records that one delete page takes."""


def delete_screen(visit: Visit, view: RecordView) -> Response:
    """GET shows what goes with the records of ``pks``; POST deletes them, all or none."""
    keys, missing = _asked_for(visit, view)
    records = _load(visit, view, keys)
    missing += len(keys) - len(records)
    if not records:
        raise HTTPException(404, f"These {view.nouns} do not exist. They may have been deleted.")
    for record in records:
        if not visit.may("delete", view, record):
            raise HTTPException(403, f"You may not delete “{record}”.")
    problems = view.reasons_against_delete(visit, records)
    if not visit.posted or problems:
        return _ask(visit, view, records, missing, problems, 422 if visit.posted else 200)
    if missing:
        return _ask(visit, view, records, missing, [], 409)
    names = [str(record) for record in records]
    try:
        for record in records:
            visit.session.delete(record)
        visit.session.flush()
    except IntegrityError:
        visit.session.rollback()
        problems = [f"Other records still need these {view.nouns}, so nothing was deleted."]
        return _ask(visit, view, _load(visit, view, keys), 0, problems, 409)
    what = f"{view.name} “{names[0]}” was" if len(names) == 1 else f"{len(names)} {view.nouns} were"
    visit.browser.notify("success", f"{what} deleted.")
    return visit.redirect(list_to_return_to(visit, view))


def _asked_for(visit: Visit, view: RecordView) -> tuple[list[Any], int]:
    """The keys in ``pks`` (repeated, or separated by commas), and how many cannot be any."""
    given = visit.form if visit.posted and "pks" in visit.form else visit.request.query_params
    texts = [
        text.strip()
        for value in given.getlist("pks")
        if isinstance(value, str)
        for text in value.split(",")
        if text.strip()
    ]
    if not texts:
        raise HTTPException(
            400, f"No {view.nouns} were chosen. Tick some in the list, then delete them."
        )
    if len(texts) > MOST_AT_ONCE:
        raise HTTPException(400, f"Delete at most {MOST_AT_ONCE} {view.nouns} at once.")
    parsed = {text: parse_key(view, text) for text in texts}
    keys = list(dict.fromkeys(key for key in parsed.values() if key is not None))
    return keys, sum(1 for key in parsed.values() if key is None)


def _load(visit: Visit, view: RecordView, keys: list[Any]) -> list[Any]:
    key = key_attribute(view)
    statement: Select[Any] = select(view.model).where(key.in_(keys)).order_by(key)
    if visit.posted:
        statement = statement.with_for_update()
    return list(visit.session.scalars(statement))


def _ask(
    visit: Visit,
    view: RecordView,
    records: list[Any],
    missing: int,
    problems: list[str],
    status: int,
) -> Response:
    keys = [key_of(view, record) for record in records]
    if missing:
        noun = view.noun if missing == 1 else view.nouns
        verb = "does" if missing == 1 else "do"
        problems = [f"{missing} {noun} of those chosen {verb} not exist any more.", *problems]
    one = len(records) == 1
    heading = f"Delete “{records[0]}”?" if one else f"Delete {len(records)} {view.nouns}?"
    list_href = cancel = list_to_return_to(visit, view)
    back = next_of(visit, view)
    if one and visit.may("details", view, records[0]):
        cancel = visit.site.href(view.identity, "details", keys[0])
        cancel = carrying(cancel, back)
    page = DeletePage(
        heading=heading,
        noun=view.noun if one else view.nouns,
        action=visit.site.href(view.identity, "delete"),
        pks=",".join(str(key) for key in keys),
        records=tuple(record_link(visit, view, record) for record in records),
        going=tuple(what_goes_along(visit, view, keys)),
        cancel_href=cancel,
        problems=tuple(problems),
        hidden=((NEXT, back),) if back else (),
    )
    crumbs = (Link(view.name_plural, list_href), Link("Delete"))
    return visit.page("delete.html", heading, page, crumbs=crumbs, status=status)
