"""Whether a person may undo a changeset, asked before the page offers it and before it is done."""

from starlette.exceptions import HTTPException

from backoffice.admin.changes.describe import may_read_parts, may_undo_of
from backoffice.admin.changes.fields import view_of_table
from backoffice.admin.changes.record_rules import refusal_of_undo
from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import UNDO
from backoffice.history.audited import history_name
from backoffice.history.queries import Summary, changes_of
from backoffice.history.secrets import restorable_fields
from backoffice.history.undo.changeset import NotUndoable, fields_updated
from backoffice.history.undo.plan import Step
from backoffice.language import N_, _
from backoffice.models import Change, Changeset

NEEDED = {
    "create": N_("You can't undo this: you don't have permission to add {labels}."),
    "edit": N_("You can't undo this: you don't have permission to edit {labels}."),
    "delete": N_("You can't undo this: you don't have permission to delete {labels}."),
}

MOST_CHECKED = 200
"""Changes of one kind of record that are checked against the view's rules before the undo."""


def may_undo_update(context: Context, view: RecordView) -> bool:
    """Whether the person may undo an update of a record of ``view`` that this request wrote, and it
    set more than secrets, such as a password, which no undo brings back. No statement."""
    if not may_undo_of(context, view, "update"):
        return False
    table, fields = history_name(view.mapper), context.session.fields_set
    return any((table, name) in fields for name in restorable_fields(view.mapper))


def require_undo_permissions(context: Context, summaries: list[Summary]) -> None:
    """An undo needs the permission to read all of the changeset's history, to undo, and to make
    each write of the undo. 403 names the one that is missing."""
    if summaries and not may_read_parts(context, summaries):
        raise HTTPException(
            403,
            _(
                "You can't undo this: it also changed something that you don't have permission to "
                "see."
            ),
        )
    for summary in summaries:
        view = view_of_table(context, summary.model)
        step = Step(summary.model, summary.operation, summary.number)
        if view is None:
            continue
        if not context.may(UNDO, view):
            raise HTTPException(
                403,
                _(
                    "You don't have permission to undo changes to {labels}.",
                    labels=view.label_plural,
                ),
            )
        if not context.may(step.needs, view):
            raise HTTPException(
                403,
                _(NEEDED[step.needs], labels=view.label_plural),
            )


def require_writable_fields(
    context: Context, changeset: Changeset, summaries: list[Summary]
) -> None:
    """An undo writes no field that the person may not write: not by setting it back, and not by
    restoring a record that has it. Such an undo is refused as a whole. One statement for each kind
    of record with fields that the person may not write; most people have none.

    Raises:
        NotUndoable: the undo would write such a field.
    """
    for summary in summaries:
        view = view_of_table(context, summary.model)
        if view is None or not context.fields(view).fixed:
            continue
        if summary.operation == "delete":
            if closed := context.fields(view).closed:
                raise NotUndoable(why_not_restored(view, min(closed)))
        elif summary.operation == "create":
            # Whether such a record was edited since would tell of fields that are not shown.
            if context.fields(view).hides_own:
                raise NotUndoable(
                    _(
                        "You can't undo this: some fields of {labels} are not shown to you. You "
                        "can delete the {label} instead.",
                        labels=view.label_plural,
                        label=view.label,
                    )
                )
        elif summary.operation == "update":
            updated = fields_updated(context.session, changeset.id, summary.model)
            if names := updated & context.fields(view).fixed:
                raise NotUndoable(_why_not_reverted(context, view, min(names)))


def why_not_restored(view: RecordView, name: str) -> str:
    """Why the person cannot restore deleted records of ``view``, as a sentence. ``name``: a field
    that their roles do not permit them to write."""
    return _(
        "You can't restore {labels}: that would set {field}, which you don't have permission to "
        "change.",
        labels=view.label_plural,
        field=view.field_label(name),
    )


def _why_not_reverted(context: Context, view: RecordView, name: str) -> str:
    label = view.field_label(name)
    if context.may_see(view, name):
        return _(
            "You can't undo this: it changed {field}, which you don't have permission to change.",
            field=label,
        )
    return _(
        "You can't undo this: it changed {field}, which is not shown to you, since {reason}.",
        field=label,
        reason=why_hidden(context, view, name),
    )


def reason_against_undo(context: Context, changeset: Changeset, summaries: list[Summary]) -> str:
    """Why a view's ``reason_against_undo`` refuses, as a sentence; "" where none does. It is known
    before the undo, so that the page offers no button that would be refused. The rules about
    single records are asked as well."""
    if reason := refusal_of_undo(context, changeset.id, summaries):
        return reason
    if context.person.is_superuser:
        return ""
    for summary in summaries:
        view = view_of_table(context, summary.model)
        if view is not None and view.guards_changes:
            of_model = Change.model == summary.model
            changes = changes_of(context.session, changeset.id, of_model, MOST_CHECKED)
            if reason := view.reason_against_undo(context, changes):
                return reason
    return ""
