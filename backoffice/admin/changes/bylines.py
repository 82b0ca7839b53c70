"""Who added a record and who changed it last, as its page says."""

from typing import Literal

from backoffice.admin.changes.describe import author_name
from backoffice.admin.pages.details import Byline
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.history.audited import history_name
from backoffice.history.loads import origin_of
from backoffice.history.queries import first_and_last
from backoffice.models import Changeset


def find_bylines(context: Context, view: RecordView, key: str) -> tuple[Byline, ...]:
    """Who added a record that exists, and who changed it last; nothing where the person may not
    read its history. One statement, and one more where no change added it: then a load may have.
    """
    if not context.may(HISTORY, view):
        return ()
    table = history_name(view.mapper)
    found = first_and_last(context.session, table, key)
    if found and found[-1][0].operation == "delete":
        # The history is of a record that was deleted. This one was loaded with its key.
        return _load(context, table, key, since=found[-1][1].id)
    if not found:
        return _load(context, table, key)
    first, last = found[0], found[-1]
    if first[0].operation == "create":
        lines: tuple[Byline, ...] = (_byline(context, "created", first[1]),)
    else:
        lines = _load(context, table, key, before=first[1].id)
    if last[0].operation == "update":
        lines += (_byline(context, "changed", last[1]),)
    elif last is not first:
        lines += (_byline(context, "restored", last[1]),)
    return lines


def _byline(
    context: Context, what: Literal["created", "changed", "restored"], changeset: Changeset
) -> Byline:
    at = datetime_cell(context.settings, changeset.at)
    href = context.site.href("changeset", "details", changeset.id)
    return Byline(what, author_name(changeset, within=True), at, href)


def _load(
    context: Context, table: str, key: str, *, before: int | None = None, since: int = 0
) -> tuple[Byline, ...]:
    """The load that is known to have added the record, after the changeset ``since``."""
    load = origin_of(context.session, table, key, before=before).load
    if load is None or load.changeset_id < since:
        return ()
    at = datetime_cell(context.settings, load.at)
    return (Byline("loaded", "", at, context.site.href("changeset", "details", load.changeset_id)),)
