"""Creating and editing one record: the same form, with and without a record under it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm.collections import collection_adapter
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin import checks
from backoffice.admin.changes.describe import may_undo_of, who
from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.forms.build import (
    LOCKED,
    form_class_of,
    is_of_key,
    may_add,
    missing_to_add,
    posted_name,
    why_kept,
    why_not_written,
)
from backoffice.admin.forms.choices import load_chosen
from backoffice.admin.forms.fields import ChecksField, RecordField, RecordForm
from backoffice.admin.forms.merge import SOMEBODY, Merge, merge
from backoffice.admin.forms.originals import (
    OPENED,
    Original,
    Originals,
    OriginalsSigner,
    compared_fields,
    originals_of,
)
from backoffice.admin.forms.page import ANOTHER, CONTINUE, RESTORE, Shown, show
from backoffice.admin.forms.save import Refusal, read_form, save
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.records.keys import key_text, parse_key, write_key
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.load import load_record
from backoffice.admin.records.values import column_of, differs, seen_among
from backoffice.admin.return_url import carrying, list_to_return_to, next_of
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.columns import Kind, kind_of
from backoffice.history.audited import history_name, version_column
from backoffice.history.queries import record_history
from backoffice.history.undo.restore import restore_deleted
from backoffice.models import Change

OF_THE_KEY = "This identifies the record. It cannot be changed."
UNLOCKED = "You could not change this when you opened the form. Open it again to change it."


def create_screen(context: Context, view: RecordView) -> Response:
    """A form for a new record; posted, the record. The address may fill fields in.

    Raises:
        HTTPException: 403, the person may not see a field that every new record needs.
    """
    if missing := missing_to_add(context, view):
        name, guard = missing
        what = f"A new {view.label} needs its {view.label_for(name).lower()} to be chosen."
        raise HTTPException(403, f"{what} {checks.refusal(guard, 'list')}")
    locked = view.locked_fields(context, None) | _hidden(context, view)
    if not context.posted:
        form = _form(view, locked, created=True)
        for name, one in form._fields.items():
            text = context.request.query_params.get(posted_name(name))
            if text is not None and isinstance(one, RecordField):
                one.prefill(text)
        return show(context, view, Shown(form=form))
    form = _form(view, locked, context.form, created=True)
    if "find" in context.form:
        return show(context, view, Shown(form=form))
    values, refusal = read_form(context, view, form, locked)
    record = view.model()
    if not refusal:
        refusal = save(context, view, record, values, created=True)
    if refusal:
        return show(context, view, Shown(form=form, refusal=refusal))
    return _leave(context, view, record, "added", changed=True)


def edit_screen(context: Context, view: RecordView) -> Response:
    """A record's form; posted, its new values. What two people changed is merged, or asked about.

    The posted record is locked: a second save waits for the first and then sees what it did.
    """
    try:
        record = load_record(context, view, for_update=context.posted)
    except HTTPException:
        if not context.posted:
            raise
        return gone_screen(context, view)
    locked = _locked(context, view, record)
    if not context.posted:
        form = _form(view, locked, created=False, data=_written(context, view, record))
        shown = Shown(
            form=form,
            record=record,
            version=_version(view, record),
            opened=_signer(context, view, record).write(Originals(originals_of(form))),
            locked=locked,
        )
        return show(context, view, shown)
    form = _form(view, locked, context.form, created=False)
    if "find" in context.form:
        shown = Shown(
            form=form,
            record=record,
            version=_posted_version(context),
            opened=_kept(context) or "",
            locked=locked,
        )
        return show(context, view, shown)
    return save_edit(context, view, record, form, locked)


def save_edit(
    context: Context,
    view: RecordView,
    record: Any,
    form: RecordForm,
    locked: Mapping[str, str],
    *,
    gone: Any = None,
) -> Response:
    """Save a posted form on a record that is there and locked for update, or say why not.

    ``locked``: the fields that the form does not have, with the reasons. ``gone``: the record's key
    where it was restored for this, and is gone again if the form is refused.
    """
    _chosen = load_chosen(context, view, record, form)  # kept, so that the session keeps them
    signer = _signer(context, view, record)
    originals = signer.read(_kept(context))
    theirs = _form(view, locked, created=False, data=_written(context, view, record))
    _say_what_was_shown(form, theirs, originals)
    values, refusal = read_form(context, view, form, locked)
    version = _posted_version(context)
    merged = Merge(values)
    if not refusal:
        merged = merge(
            context,
            view,
            record,
            form,
            theirs,
            values,
            view.values_of(record),
            originals,
            is_trusted=not originals.is_posted and "" != version == _version(view, record),
        )
        if merged.conflicts:
            undecided = dict.fromkeys(merged.conflicts, "")
            refusal = Refusal(fields=undecided, status=409)  # the page says what to choose
    changed = False
    if not refusal:
        changed = differs(view, record, merged.values)
        refusal = save(context, view, record, merged.values, created=False)
    if refusal:
        context.session.rollback()
        for name, one in compared_fields(form).items():
            is_sent = one.posted or isinstance(one, ChecksField)
            if name in theirs and (name in merged.given_up or not is_sent):
                one.data, one.typed = theirs[name].data, None
        opened = _kept(context) or ""
        if merged.conflicts:
            opened = signer.write(Originals(originals_of(theirs), merged.asked))
            version = _version(view, record) if gone is None else version
        shown = Shown(
            form=form,
            record=load_record(context, view) if gone is None else None,
            refusal=refusal,
            # Until the person has seen what moved on, their form stays the older one.
            version=version,
            opened=opened,
            merged=merged,
            gone=gone,
            buttons=None if gone is None else (RESTORE,),
            locked=locked,
        )
        return show(context, view, shown)
    return _leave(context, view, record, "saved", merged.news, changed=changed)


def _say_what_was_shown(form: RecordForm, theirs: RecordForm, originals: Originals) -> None:
    """Tell each field what its form showed when it was opened, so that it knows whether anybody
    touched it: a text is not always sent back as it was shown."""
    for name, one in form._fields.items():
        if not isinstance(one, RecordField):
            continue
        stored: Any = theirs._fields.get(name)
        original = originals.values.get(name)
        if original is None and stored is not None:
            original = Original.of(stored, stored.kept())
        if original is not None:
            one.was_shown = partial(original.was_shown, one)


def gone_screen(context: Context, view: RecordView) -> Response:
    """A posted form whose record was deleted meanwhile: it may come back, with what was typed.

    Raises:
        HTTPException: 404, there never was such a record, or nobody knows what became of it.
    """
    key = parse_key(view, context.request.path_params["pk"])
    text = "" if key is None else write_key(view, key)
    found = record_history(context.session, history_name(view.mapper), text, before=None, limit=1)
    if not found or found[0][0].operation != "delete":
        raise HTTPException(404, f"This {view.label} does not exist. It may have been deleted.")
    change, changeset = found[0]
    hidden = _hidden(context, view)
    form = _form(view, hidden, context.form, created=False)
    may_restore = context.may("create", view) and context.may(UNDO, view)
    reason = view.reason_against_undo(context, [change]) if may_restore else ""
    may_restore = may_restore and not reason
    if may_restore and context.form.get("save") == RESTORE:
        if restore_deleted(context.session, view.mapper, Change.id == change.id):
            record = load_record(context, view, for_update=True)
            locked = _locked(context, view, record)
            form = _form(view, locked, context.form, created=False)
            return save_edit(context, view, record, form, locked, gone=key)
        problem = "It cannot be restored: its name is taken now, or what it belonged to is gone."
    else:
        at = datetime_cell(context.settings, changeset.at).text
        by = f"{who(changeset)} deleted this {view.label} {at}"
        if not context.may(HISTORY, view):
            by = f"{SOMEBODY} deleted this {view.label}"
        problem = f"{by}, so nothing is saved. {reason}".rstrip()
    shown = Shown(
        form=form,
        refusal=Refusal(problems=[problem], status=409),
        version=_posted_version(context),
        opened=_kept(context) or "",
        gone=key,
        buttons=(RESTORE,) if may_restore else (),
        locked=hidden,
    )
    return show(context, view, shown)


def _kept(context: Context) -> str | None:
    """The posted hidden field ``opened`` as it was; None where it was not posted."""
    opened = context.form.get(OPENED)
    return opened if isinstance(opened, str) else None


def _signer(context: Context, view: RecordView, record: Any) -> OriginalsSigner:
    return OriginalsSigner(
        context.settings.signing_key,
        person=context.person.user_id,
        identity=view.identity,
        key=key_text(view, record),
    )


def _locked(context: Context, view: RecordView, record: Any) -> dict[str, str]:
    """The fields that the person may not change or see on ``record``, each with the reason, those
    that no form can change, and those that were so when the posted form was opened."""
    locked = _unwritten(view, record) | view.locked_fields(context, record) | _hidden(context, view)
    posted = context.form.get(LOCKED, "")
    for name in posted.split(",") if isinstance(posted, str) else ():
        if name in (*view.get_form_columns(), *view.form_extra_fields):
            locked.setdefault(name, UNLOCKED)
    return locked


def _unwritten(view: RecordView, record: Any) -> dict[str, str]:
    """The form's fields that nobody can change on ``record``, each with the reason."""
    never, kinds = _written_ever(view)
    kept = {name: why_kept(kind, getattr(record, name)) for name, kind in kinds.items()}
    return never | {name: reason for name, reason in kept.items() if reason}


def _written_ever(view: RecordView) -> tuple[dict[str, str], dict[str, Kind]]:
    """The form's fields that nobody can change on any record, each with the reason, and the kinds
    of its other columns; found out once."""
    if _WRITTEN_EVER not in view.cache:
        never, kinds = {}, {}
        for name in view.get_form_columns():
            if name not in form_class_of(view).members:
                never[name] = why_not_written(view, name)
            elif is_of_key(view, name):
                never[name] = OF_THE_KEY
            elif (column := column_of(view, name)) is not None:
                kinds[name] = kind_of(column)
        view.cache[_WRITTEN_EVER] = never, kinds
    found: tuple[dict[str, str], dict[str, Kind]] = view.cache[_WRITTEN_EVER]
    return found


_WRITTEN_EVER = "written ever"


def _hidden(context: Context, view: RecordView) -> dict[str, str]:
    """The form's fields that the person may not see, each with the reason."""
    hidden = context.hidden(view)
    return {
        name: f"Not shown to you: {why_hidden(context, view, name)}. It stays as it is."
        for name in view.get_form_columns()
        if name in hidden
    }


def _form(
    view: RecordView,
    locked: Mapping[str, str],
    posted: FormData | None = None,
    *,
    created: bool,
    data: dict[str, Any] | None = None,
) -> RecordForm:
    """The form without its ``locked`` fields: what it does not have is not posted, merged or saved,
    and so stays as it is."""
    form = form_class_of(view)(posted, data=data)
    for one in form._fields.values():
        if isinstance(one, RecordField):
            one.created = created
    view.prepare_form(form, created)
    for name in locked:
        if name in form:
            del form[name]
    return form


def _written(context: Context, view: RecordView, record: Any) -> dict[str, Any]:
    """The form's first values: those of relations are keys, of what the person may see."""
    values = view.values_of(record)
    for name in view.get_form_columns():
        related = values.get(name)
        if name not in view.mapper.relationships or related is None:
            continue
        target = view.related_view(name)
        if view.mapper.relationships[name].uselist:
            seen = seen_among(context, target, list(collection_adapter(related)))
            values[name] = sorted(key_text(target, one) for one in seen)
        else:
            values[name] = key_text(target, related)
    return values


def _version(view: RecordView, record: Any) -> str:
    """Our count of a record's changes; "" where it has none."""
    column = version_column(view.mapper)
    if column is None:
        return ""
    return str(getattr(record, view.mapper.get_property_by_column(column).key) or "")


def _posted_version(context: Context) -> str:
    version = context.form.get("version", "")
    return version if isinstance(version, str) else ""


def _leave(
    context: Context,
    view: RecordView,
    record: Any,
    done: str,
    news: Sequence[str] = (),
    *,
    changed: bool,
) -> Response:
    """Tell what was done, and what somebody else had done, and go where the button says."""
    back = next_of(context, view)
    here = carrying(context.site.href(view.identity, "edit", key_text(view, record)), back)
    number = context.session.changeset
    text = f"{view.name} “{record_label(record)}” was {done}."
    if number is None and not changed:
        text = f"Nothing was changed in {view.label} “{record_label(record)}”."
    text = " ".join([text, *news])
    operation = "create" if done == "added" else "update"
    may_undo = number is not None and may_undo_of(context, view, operation)
    undo = context.site.href("changeset", "undo", number) if may_undo else ""
    context.browser.notify("success", text, link="Undo" if may_undo else "", href=undo)
    button = context.form.get("save")
    if button == CONTINUE and context.may("edit", view, record):
        return context.redirect(here)
    if button == ANOTHER and may_add(context, view):
        create = context.site.href(view.identity, "create") + _prefilled(context, view, record)
        return context.redirect(carrying(create, back))
    return context.redirect(list_to_return_to(context, view))


def _prefilled(context: Context, view: RecordView, record: Any) -> str:
    """Whoever adds one after another adds to the same category: relations stay chosen."""
    kept = {
        posted_name(name): key_text(view.related_view(name), related)
        for name in view.get_form_columns()
        if name in view.mapper.relationships
        and not view.mapper.relationships[name].uselist
        and context.may_see(view, name)
        and (related := getattr(record, name)) is not None
    }
    return f"?{urlencode(kept)}" if kept else ""
