"""Editing a record: what two people changed is merged, or asked about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from backoffice.admin.changes.undo_permissions import why_not_restored
from backoffice.admin.forms.after_save import redirect_after_save
from backoffice.admin.forms.choices import load_related
from backoffice.admin.forms.conflicts import MergeDescription, describe_merge, posted_answers
from backoffice.admin.forms.deleted import describe_deletion, find_deletion, load_or_explain
from backoffice.admin.forms.fields import ChecksField, RecordForm
from backoffice.admin.forms.locked import fixed_fields, locked_fields
from backoffice.admin.forms.merge import Merge, field_edits, merge
from backoffice.admin.forms.open import (
    open_form,
    originals_signer,
    posted_originals,
    posted_version,
    record_version,
    stored_values,
)
from backoffice.admin.forms.originals import (
    Originals,
    OriginalsSigner,
    compared_fields,
    originals_of,
    set_original_texts,
)
from backoffice.admin.forms.page import RESTORE, FormState, form_response
from backoffice.admin.forms.refusals import Refusal
from backoffice.admin.forms.save import add_problems, read_form, save
from backoffice.admin.lists.neighbours import record_steps
from backoffice.admin.pages.steps import Steps
from backoffice.admin.records.keys import parse_key
from backoffice.admin.records.load import NoRecord, load_record
from backoffice.admin.records.values import differs
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import UNDO
from backoffice.history.undo.restore import restore_deleted
from backoffice.language import _
from backoffice.models import Change


@dataclass(frozen=True)
class _Posted:
    """A posted form and its record, which is locked for update.

    ``stored``: the form as it would be opened now. ``locked``: the fields that the form does not
    have, with the reasons. ``restored_key``: the record's key where it was restored for this; a
    refusal deletes it again.
    """

    record: Any
    form: RecordForm
    stored: RecordForm
    locked: Mapping[str, str]
    signer: OriginalsSigner
    restored_key: Any = None


def edit_screen(context: Context, view: RecordView) -> Response:
    """GET shows a record's form; POST saves it.

    The posted record is locked: a second save waits for the first and then sees what it did.

    Raises:
        NoRecord: 404, there is no such record, and the history does not know that it was
            deleted.
    """
    steps = None if context.posted else record_steps(context, view, "edit")
    if not context.posted:
        record = load_or_explain(context, view)
    else:
        try:
            record = load_record(context, view, for_update=True)
        except NoRecord:
            return _save_deleted(context, view)
    locked = locked_fields(context, view, record)
    if not context.posted:
        return _show_stored(context, view, record, locked, steps)

    form = open_form(view, locked, context.form, created=False)
    if "find" in context.form:
        state = FormState(
            form=form,
            record=record,
            version=posted_version(context),
            originals=posted_originals(context) or "",
            locked=locked,
        )
        return form_response(context, view, state)
    return _save(context, view, record, form, locked)


def _show_stored(
    context: Context,
    view: RecordView,
    record: Any,
    locked: Mapping[str, str],
    steps: Steps | None,
) -> Response:
    form = open_form(view, locked, created=False, data=stored_values(context, view, record))
    state = FormState(
        form=form,
        record=record,
        version=record_version(view, record),
        originals=originals_signer(context, view, record).write(Originals(originals_of(form))),
        locked=locked,
        steps=steps,
    )
    return form_response(context, view, state)


def _save(
    context: Context,
    view: RecordView,
    record: Any,
    form: RecordForm,
    locked: Mapping[str, str],
    *,
    restored_key: Any = None,
) -> Response:
    """Save a posted form on a record that is locked for update, or show it with what is wrong."""
    _related = load_related(context, view, record, form)  # held, so that the session finds them
    stored = open_form(view, locked, created=False, data=stored_values(context, view, record))
    signer = originals_signer(context, view, record)
    posted = _Posted(record, form, stored, locked, signer, restored_key)
    originals = signer.read(posted_originals(context))
    set_original_texts(form, stored, originals)
    values, refusal = read_form(context, view, form, locked)
    merged, description = Merge(values), MergeDescription()
    changed = False
    if not refusal.problems:  # else the form itself is not what the person was given
        merged, description = _merge(context, view, posted, originals, values, refusal)
        decided = {name: merged.values[name] for name in values if name not in refusal.fields}
        changed = differs(view, record, decided)
        if refusal:
            add_problems(context, view, record, decided, refusal, created=False)
        else:
            refusal = save(context, view, record, decided, created=False)
    if not refusal:
        return redirect_after_save(
            context, view, record, "saved", description.taken_over, changed=changed
        )
    context.session.rollback()
    return _show_refused(context, view, posted, originals, merged, description, refusal)


def _merge(
    context: Context,
    view: RecordView,
    posted: _Posted,
    originals: Originals,
    values: Mapping[str, Any],
    refusal: Refusal,
) -> tuple[Merge, MergeDescription]:
    """Merge the values that could be read with the stored ones, and add the conflicts to the
    refusal."""
    record, form = posted.record, posted.form
    stored, answers = view.values_of(record), posted_answers(context, form)
    is_trusted = not originals.is_posted and "" != posted_version(context) == record_version(
        view, record
    )
    comparable = {name: value for name, value in stored.items() if name not in refusal.fields}
    edits = field_edits(
        form, posted.stored, values, comparable, originals, answers, is_trusted=is_trusted
    )
    merged = merge(values, stored, edits)
    description = describe_merge(context, view, record, form, merged, answers, originals.noted)
    if merged.conflicts:  # the page says what to choose
        refusal.fields |= dict.fromkeys(merged.conflicts, "")
        refusal.status = 409
    return merged, description


def _show_refused(
    context: Context,
    view: RecordView,
    posted: _Posted,
    originals: Originals,
    merged: Merge,
    description: MergeDescription,
    refusal: Refusal,
) -> Response:
    """The form again, after a rollback. A field that was not posted, or whose posted value the
    merge reverted, shows what is stored."""
    for name, field in compared_fields(posted.form).items():
        is_sent = field.posted or isinstance(field, ChecksField)
        if name in posted.stored and (name in merged.reverted or not is_sent):
            field.data, field.typed = posted.stored[name].data, None
    is_restored = posted.restored_key is not None
    # Without a conflict the person has not seen what somebody else saved: the form stays as old.
    signed, version = posted_originals(context) or "", posted_version(context)
    noted = (*merged.taken_over, *description.noted)
    if merged.conflicts:
        pending = {name: edit.before for name, edit in merged.conflicts.items()}
        seen = originals_of(posted.stored)
        # A field that could not be read was not compared: it stays as old as it was.
        for name in refusal.fields.keys() - merged.conflicts.keys():
            if seen.pop(name, None) is not None and name in originals.values:
                seen[name] = originals.values[name]
            if name in originals.pending:
                pending[name] = originals.pending[name]
        signed = posted.signer.write(Originals(seen, pending, noted))
        version = version if is_restored else record_version(view, posted.record)
    elif noted and originals.values:
        signed = posted.signer.write(replace(originals, noted=noted))
    state = FormState(
        form=posted.form,
        record=None if is_restored else load_record(context, view),
        refusal=refusal,
        version=version,
        originals=signed,
        conflicts=description.conflicts,
        taken_over=[*description.noted.values(), *description.taken_over],
        deleted_key=posted.restored_key,
        buttons=(RESTORE,) if is_restored else None,
        locked=posted.locked,
    )
    return form_response(context, view, state)


def _save_deleted(context: Context, view: RecordView) -> Response:
    """A form was posted for a record that is deleted: offer to restore it with what was typed, or
    do so where that was the button.

    Raises:
        NoRecord: 404, the history does not know that the record was deleted.
    """
    key = parse_key(view, context.request.path_params["pk"])
    change, changeset = find_deletion(context, view, key)
    may_restore = context.may("create", view) and context.may(UNDO, view)
    reason = ""
    if may_restore and (closed := context.fields(view).closed):
        reason = why_not_restored(view, min(closed))
    elif may_restore:
        reason = view.reason_against_undo(context, [change])
    may_restore = may_restore and not reason
    hidden = fixed_fields(context, view)
    form = open_form(view, hidden, context.form, created=False)
    if may_restore and context.form.get("save") == RESTORE.value:
        if restore_deleted(context.session, view.mapper, Change.id == change.id):
            record = load_record(context, view, for_update=True)
            locked = locked_fields(context, view, record)
            form = open_form(view, locked, context.form, created=False)
            return _save(context, view, record, form, locked, restored_key=key)
        problem = _("It can't be restored: its name is used again, or what it belonged to is gone.")
    else:
        problem = f"{describe_deletion(context, view, changeset)} {reason}".rstrip()
    state = FormState(
        form=form,
        refusal=Refusal(problems=[problem], status=409),
        version=posted_version(context),
        originals=posted_originals(context) or "",
        deleted_key=key,
        buttons=(RESTORE,) if may_restore else (),
        locked=hidden,
    )
    return form_response(context, view, state)
