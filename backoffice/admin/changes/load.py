"""The changeset that an address names, as far as the person may see it."""

from starlette.exceptions import HTTPException

from backoffice.admin.changes.describe import (
    describe_changeset,
    readable_changes,
    readable_parts,
    readable_tables,
    updates_of_one_record,
)
from backoffice.admin.pages.history import Entry
from backoffice.admin.view import Context
from backoffice.columns.numbers import parse_whole_number
from backoffice.history.queries import Summary, undone_by
from backoffice.language import _
from backoffice.models import Changeset


def load_changeset(context: Context, number: int | None = None) -> tuple[Changeset, list[Summary]]:
    """The changeset of that number, or of the one in the address, with its summaries: what it did
    to each kind of record.

    Raises:
        HTTPException: 404 if there is none; 403 if the person may read nothing of it.
    """
    if number is None:
        number = parse_whole_number(context.request.path_params["pk"])
    changeset = context.session.get(Changeset, number) if number is not None else None
    if number is None or changeset is None:
        raise HTTPException(404, _("This change doesn't exist. It may have been pruned."))
    parts = readable_parts(context, [number]).get(number, [])
    readable = readable_tables(context)
    if parts and not any(part.model in readable and part.readable for part in parts):
        raise HTTPException(
            403, _("You don't have permission to see the history of these records.")
        )
    return changeset, parts


def changeset_entry(
    context: Context, changeset: Changeset, parts: list[Summary], *, with_values: bool = False
) -> Entry:
    """The line about a changeset from ``load_changeset``; one statement, for who undid it.

    ``with_values``: as the feed says it, with the values of a change to one record; one more
    statement for those.
    """
    number = changeset.id
    undone = undone_by(context.session, [number], readable_changes(context))
    updates = updates_of_one_record(context, {number: parts}) if with_values else {}
    return describe_changeset(context, changeset, parts, undone.get(number), updates.get(number))
