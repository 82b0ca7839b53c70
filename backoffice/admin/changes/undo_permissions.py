"""Whether a person may undo a changeset, asked before the page offers it and before it is done."""

from starlette.exceptions import HTTPException

from backoffice.admin.changes.describe import may_read
from backoffice.admin.changes.fields import view_of_table
from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.view import Context
from backoffice.auth.permissions import UNDO
from backoffice.history.queries import Summary, changes_of
from backoffice.history.undo.changeset import NotUndoable, fields_updated
from backoffice.history.undo.plan import Step
from backoffice.models import Changeset

MOST_CHECKED = 200
"""Changes of one kind of record that are checked against the view's rules before the undo."""


def require_undo_permissions(context: Context, summaries: list[Summary]) -> None:
    """An undo needs the permission to read all of the changeset's history, to undo, and to make
    each write of the undo. 403 names the one that is missing."""
    if summaries and not may_read(context, [summary.model for summary in summaries]):
        raise HTTPException(
            403, "This act also did something that you may not see, so you cannot undo it."
        )
    for summary in summaries:
        view = view_of_table(context, summary.model)
        step = Step(summary.model, summary.operation, summary.number)
        if view is None:
            continue
        if not context.may(UNDO, view):
            raise HTTPException(403, f"You may not undo what was done to {view.label_plural}.")
        if not context.may(step.needs, view):
            raise HTTPException(
                403,
                f"Undoing this takes leave to {step.needs} {view.label_plural}, which you have "
                "not.",
            )


def require_visible_fields(
    context: Context, changeset: Changeset, summaries: list[Summary]
) -> None:
    """People cannot change what they may not see, by an undo either. One statement for each kind of
    record with fields that are hidden from the person; most people have none.

    Raises:
        NotUndoable: the changeset updated such a field.
    """
    for summary in summaries:
        view = view_of_table(context, summary.model)
        if view is None or summary.operation != "update" or not context.hidden(view):
            continue
        names = fields_updated(context.session, changeset.id, summary.model) & context.hidden(view)
        if names:
            name = min(names)
            raise NotUndoable(
                f"You cannot undo this: it changed {view.label_for(name)}, which is not shown to "
                f"you, since {why_hidden(context, view, name)}."
            )


def reason_against_undo(context: Context, changeset: Changeset, summaries: list[Summary]) -> str:
    """Why a view's ``reason_against_undo`` refuses, as a sentence; "" where none does. It is known
    before the undo, so that the page offers no button that would be refused."""
    if context.person.is_superuser:
        return ""
    for summary in summaries:
        view = view_of_table(context, summary.model)
        if view is not None and view.guards_changes:
            changes = changes_of(context.session, changeset.id, [summary.model], MOST_CHECKED)
            if reason := view.reason_against_undo(context, changes):
                return reason
    return ""
