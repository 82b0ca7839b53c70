"""What an undo would do, as its page shows it: steps, obstacles and conflicts."""

from backoffice.admin.changes.describe import record_link
from backoffice.admin.changes.fields import describe_value, related_names, view_of_table
from backoffice.admin.pages.history import UndoConflict, UndoStep
from backoffice.admin.view import Context
from backoffice.history.undo.plan import Conflict, SkippedRecords, Step

MOST_LABELS = 5
"""Records that are named as obstacles. The others are counted."""

DOES = {"delete": "come back", "update": "go back to what they were", "create": "are deleted"}
DOES_ONE = {"delete": "comes back", "update": "goes back to what it was", "create": "is deleted"}
"""What an undo does to records, by what the changeset did to them."""


def describe_step(context: Context, step: Step) -> UndoStep:
    """What happens to one kind of record ("2 items go back to what they were"), and what cannot."""
    view = view_of_table(context, step.model)
    few = step.number < 2
    label = step.model if view is None else (view.label if few else view.label_plural)
    does = (DOES_ONE if few else DOES)[step.operation]
    unless = ", unless you tick it below" if not step.number and step.conflicts else ""
    # A hidden field can be what is in the way. Naming the records would give its value away.
    with_labels = view is None or not context.fields(view).fixed
    troubles = [_describe_skipped(skipped, with_labels=with_labels) for skipped in step.skipped]
    if step.secrets:
        troubles.append(f"{step.secrets:,} changed a password, which is not kept and stays.")
    text = f"{f'{step.number:,}' if step.number else 'No'} {label} {does}{unless}"
    return UndoStep(text, tuple(troubles))


def _describe_skipped(skipped: SkippedRecords, *, with_labels: bool) -> str:
    labels = ""
    if skipped.labels and with_labels:
        more = " …" if skipped.number > MOST_LABELS else ""
        labels = f" ({', '.join(skipped.labels[:MOST_LABELS])}{more})"
    return f"{skipped.number:,} cannot: {skipped.reason}{labels}"


def describe_conflicts(context: Context, conflicts: list[Conflict]) -> tuple[UndoConflict, ...]:
    """The fields that were changed again later, each with a box to undo it all the same.

    Costs one statement for each kind of related record that their values name.
    """
    ticked = context.form.getlist("overwrite")
    names = related_names(
        context,
        (
            (conflict.model, conflict.field, value)
            for conflict in conflicts
            for value in (conflict.before, conflict.after, conflict.now)
        ),
    )
    return tuple(
        _conflict(context, conflict, names, checked=conflict.token in ticked)
        for conflict in conflicts
    )


def _conflict(
    context: Context, conflict: Conflict, names: dict[tuple[str, str], str], *, checked: bool
) -> UndoConflict:
    view = view_of_table(context, conflict.model)
    before, after, now = (
        describe_value(context, view, conflict.field, value, names)
        for value in (conflict.before, conflict.after, conflict.now)
    )
    return UndoConflict(
        token=conflict.token,
        record=record_link(context, conflict.model, conflict.record_id, conflict.label),
        label=view.label_for(conflict.field) if view else conflict.field,
        before=before,
        after=after,
        now=now,
        checked=checked,
    )
