"""One changeset: who made it, and what it did to each record."""

from dataclasses import replace

from sqlalchemy import and_
from starlette.responses import Response

from backoffice.admin.changes.describe import (
    change_entries,
    changeset_link,
    readable_changes,
    readable_tables,
)
from backoffice.admin.changes.load import changeset_entry, load_changeset
from backoffice.admin.pages.history import ChangesetPage, Title
from backoffice.admin.pages.parts import Link
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.history.queries import changes_of
from backoffice.language import _, ngettext
from backoffice.models import Change, Changeset

MOST_CHANGES = 200
"""Changes that the page lists. The others are counted."""


def changeset_screen(context: Context, view: RecordView) -> Response:
    """What a changeset did to each record whose history the person may read.

    Raises:
        HTTPException: 404 if there is no such changeset; 403 if the person may read nothing
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
    if len(lines) == number == 1:  # its fields say more than what kind of record it is
        title = lines[0].title
        entry, lines = replace(entry, title=title), [replace(lines[0], title=Title("", title.link))]
    undoes = changeset.undoes_id
    page = ChangesetPage(
        heading=entry.title.text,
        entry=entry,
        changes=tuple(lines),
        undoes=changeset_link(context, undoes) if undoes is not None else None,
        technical=tuple(_technical(changeset)),
        more=more_records(number - len(lines)) if number > len(lines) else "",
    )
    crumbs = (Link(view.title_plural, context.site.href("changeset", "list")), Link(page.heading))
    return page_response(context, "changeset.html", page.heading, page, crumbs=crumbs)


def more_records(number: int) -> str:
    """The sentence about records that a page does not list."""
    return ngettext("And {count} more record.", "And {count} more records.", number)


def _technical(changeset: Changeset) -> list[tuple[str, str]]:
    facts = [(_("Change"), f"#{changeset.id}")]
    if changeset.address:
        facts.append((_("IP address"), changeset.address))
    if changeset.request_id:
        facts.append((_("Request ID"), changeset.request_id))
    return facts
