"""One changeset: who made it, and what it did to each record."""

from sqlalchemy import and_
from starlette.responses import Response

from backoffice.admin.changes.describe import (
    author_name,
    change_entries,
    changeset_link,
    readable_changes,
    readable_tables,
)
from backoffice.admin.changes.load import changeset_entry, load_changeset
from backoffice.admin.pages.history import ChangesetPage
from backoffice.admin.pages.parts import Cell, Link
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.history.queries import changes_of
from backoffice.models import Change, Changeset

MOST_CHANGES = 200
"""Changes that the page lists. The others are counted."""


def changeset_screen(context: Context, view: RecordView) -> Response:
    """What a changeset did to each record whose history the person may read.

    Raises:
        HTTPException: 404 where there is no such changeset; 403 where the person may read nothing
            of it.
    """
    changeset, summaries = load_changeset(context)
    entry = changeset_entry(context, changeset, summaries)
    tables = readable_tables(context)
    readable = and_(Change.model.in_(tables), readable_changes(context))
    changes = changes_of(context.session, changeset.id, readable, MOST_CHANGES)
    lines = change_entries(
        context, [(change, changeset) for change in changes], with_record=True, undo=False
    )
    number = sum(summary.readable for summary in summaries if summary.model in tables)
    page = ChangesetPage(
        heading=f"Changeset #{changeset.id}",
        entry=entry,
        facts=tuple(_facts(context, changeset, entry.reason)),
        changes=tuple(lines),
        more=f"And {number - len(lines):,} more records." if number > len(lines) else "",
    )
    crumbs = (Link(view.name_plural, context.site.href("changeset", "list")), Link(page.heading))
    return page_response(context, "changeset.html", page.heading, page, crumbs=crumbs)


def _facts(context: Context, changeset: Changeset, reason: str) -> list[tuple[str, Cell]]:
    facts = [("Who", Cell(author_name(changeset)))]
    if reason:
        facts.append(("Why", Cell(reason, "long")))
    if changeset.undoes_id is not None:
        link = changeset_link(context, changeset.undoes_id)
        facts.append(("Undoes", Cell(link.text, "relation", href=link.href)))
    if changeset.address:
        facts.append(("From", Cell(changeset.address)))
    if changeset.request_id:
        facts.append(("Request", Cell(changeset.request_id)))
    return facts
