"""What an undo would do, as its page shows it: steps with records, obstacles and conflicts."""

from collections.abc import Iterator, Sequence
from typing import Any

from backoffice.admin.changes.describe import record_link
from backoffice.admin.changes.fields import (
    describe_value,
    field_changes,
    related_names,
    view_of_table,
)
from backoffice.admin.pages.history import UndoConflict, UndoPreview, UndoStep
from backoffice.admin.view import Context
from backoffice.history.undo.plan import Conflict, SkippedRecords, Step
from backoffice.history.undo.previews import Preview
from backoffice.language import N_, _, ngettext, number

MOST_LABELS = 5
"""Records that are named as obstacles. The others are counted."""

MOST_WHOLE = 3
"""Records that are restored or deleted whose fields are all shown. Of more only the names are."""

WILL = {
    "delete": N_("{records} will be restored"),
    "update": N_("{records} will be changed back"),
    "create": N_("{records} will be deleted"),
}
WILL_NOT = {
    "delete": N_("No {records} will be restored"),
    "update": N_("No {records} will be changed back"),
    "create": N_("No {records} will be deleted"),
}
"""What an undo does to records, by what the changeset did to them."""

Names = dict[tuple[str, str], str]


def describe_plan(
    context: Context, steps: Sequence[Step]
) -> tuple[tuple[UndoStep, ...], tuple[UndoConflict, ...]]:
    """What happens to each kind of record, and the fields that were changed again later, each with
    a box to undo it anyway.

    Costs one statement for each kind of related record that their values name.
    """
    names = related_names(context, _values_in(steps))
    ticked = context.form.getlist("overwrite")
    conflicts = tuple(
        _conflict(context, conflict, names, checked=conflict.token in ticked)
        for step in steps
        for conflict in step.conflicts
    )
    return tuple(_describe_step(context, step, names) for step in steps), conflicts


def _values_in(steps: Sequence[Step]) -> Iterator[tuple[str, str, Any]]:
    """Table, field and value of each value that the page shows."""
    for step in steps:
        for preview in step.previews:
            for values in (preview.before, preview.after):
                for name, value in (values or {}).items():
                    yield preview.model, name, value
        for conflict in step.conflicts:
            for value in (conflict.before, conflict.after, conflict.now):
                yield conflict.model, conflict.field, value


def _describe_step(context: Context, step: Step, names: Names) -> UndoStep:
    view = view_of_table(context, step.model)
    if step.number:
        records = view.counted(step.number) if view else f"{number(step.number)} {step.model}"
        text = _(WILL[step.operation], records=records)
    elif step.conflicts:
        text = _("Nothing will be changed back unless you select it below")
    else:
        records = view.label_plural if view else step.model
        text = _(WILL_NOT[step.operation], records=records)
    # A hidden field can be what is in the way. Naming the records would give its value away.
    names_records = view is None or not context.fields(view).fixed
    troubles = [_describe_skipped(skipped, names_records) for skipped in step.skipped]
    if step.secrets:
        troubles.append(
            ngettext(
                "{count} password was changed. Passwords are not kept, so it stays.",
                "{count} passwords were changed. Passwords are not kept, so they stay.",
                step.secrets,
            )
        )
    previews: tuple[UndoPreview, ...] = ()
    if names_records or not step.skipped:
        whole = step.operation == "update" or step.number <= MOST_WHOLE
        previews = tuple(_preview(context, one, names, whole) for one in step.previews)
    more = step.number - len(previews)
    return UndoStep(
        text,
        tuple(troubles),
        previews,
        ngettext("And {count} more.", "And {count} more.", more) if previews and more > 0 else "",
    )


def _preview(context: Context, preview: Preview, names: Names, whole: bool) -> UndoPreview:
    view = view_of_table(context, preview.model)
    return UndoPreview(
        record_link(context, preview.model, preview.record_id, preview.label),
        preview.operation,
        tuple(field_changes(context, view, preview, names)) if whole else (),
    )


def _describe_skipped(skipped: SkippedRecords, with_labels: bool) -> str:
    labels = ", ".join(skipped.labels[:MOST_LABELS]) if with_labels else ""
    if not labels:
        return ngettext(
            "{count} can't be undone: {reason}",
            "{count} can't be undone: {reason}",
            skipped.number,
            reason=skipped.reason,
        )
    if skipped.number > MOST_LABELS:
        labels = f"{labels} …"
    return ngettext(
        "{count} can't be undone: {reason} ({names})",
        "{count} can't be undone: {reason} ({names})",
        skipped.number,
        reason=skipped.reason,
        names=labels,
    )


def _conflict(context: Context, conflict: Conflict, names: Names, *, checked: bool) -> UndoConflict:
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
