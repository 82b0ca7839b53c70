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
from backoffice.admin.cells import moment_cell
from backoffice.admin.choices import load_chosen
from backoffice.admin.describing import may_undo_of, who
from backoffice.admin.field_rules import may_add, missing_to_add, why_hidden
from backoffice.admin.fields import ChecksField, RecordField, RecordForm
from backoffice.admin.forms import LOCKED, is_of_key, posted_name, why_kept, why_not_written
from backoffice.admin.keys import key_text, parse_key, write_key
from backoffice.admin.merging import SOMEBODY, Merge, merge
from backoffice.admin.originals import (
    OPENED,
    Original,
    Originals,
    OriginalsSigner,
    compared_fields,
    originals_of,
)
from backoffice.admin.records.naming import record_label
from backoffice.admin.records.values import column_of, differs, seen_among
from backoffice.admin.saving import Refusal, read_form, save
from backoffice.admin.screens.details import load_record
from backoffice.admin.screens.form_page import ANOTHER, CONTINUE, RESTORE, Shown, show
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.admin.way_back import carrying, list_to_return_to, next_of
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.columns import Kind, kind_of
from backoffice.history.audited import history_name, version_column
from backoffice.history.queries import record_history
from backoffice.history.undo.restore import restore_deleted
from backoffice.models import Change

OF_THE_KEY = "This identifies the record. It cannot be changed."
UNLOCKED = "You could not change this when you opened the form. Open it again to change it."


def create_screen(visit: Visit, view: RecordView) -> Response:
    """A form for a new record; posted, the record. The address may fill fields in.

    Raises:
        HTTPException: 403, the person may not see a field that every new record needs.
    """
    if missing := missing_to_add(visit, view):
        name, guard = missing
        what = f"A new {view.noun} needs its {view.label_for(name).lower()} to be chosen."
        raise HTTPException(403, f"{what} {checks.refusal(guard, 'list')}")
    locked = view.locked_fields(visit, None) | _hidden(visit, view)
    if not visit.posted:
        form = _form(view, locked, created=True)
        for name, one in form._fields.items():
            text = visit.request.query_params.get(posted_name(name))
            if text is not None and isinstance(one, RecordField):
                one.prefill(text)
        return show(visit, view, Shown(form=form))
    form = _form(view, locked, visit.form, created=True)
    if "find" in visit.form:
        return show(visit, view, Shown(form=form))
    values, refusal = read_form(visit, view, form, locked)
    record = view.model()
    if not refusal:
        refusal = save(visit, view, record, values, created=True)
    if refusal:
        return show(visit, view, Shown(form=form, refusal=refusal))
    return _leave(visit, view, record, "added", changed=True)


def edit_screen(visit: Visit, view: RecordView) -> Response:
    """A record's form; posted, its new values. What two people changed is merged, or asked about.

    The posted record is locked: a second save waits for the first and then sees what it did.
    """
    try:
        record = load_record(visit, view, for_update=visit.posted)
    except HTTPException:
        if not visit.posted:
            raise
        return gone_screen(visit, view)
    locked = _locked(visit, view, record)
    if not visit.posted:
        form = _form(view, locked, created=False, data=_written(visit, view, record))
        shown = Shown(
            form=form,
            record=record,
            version=_version(view, record),
            opened=_signer(visit, view, record).write(Originals(originals_of(form))),
            locked=locked,
        )
        return show(visit, view, shown)
    form = _form(view, locked, visit.form, created=False)
    if "find" in visit.form:
        shown = Shown(
            form=form,
            record=record,
            version=_posted_version(visit),
            opened=_kept(visit) or "",
            locked=locked,
        )
        return show(visit, view, shown)
    return save_edit(visit, view, record, form, locked)


def save_edit(
    visit: Visit,
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
    _chosen = load_chosen(visit, view, record, form)  # kept, so that the session keeps them
    signer = _signer(visit, view, record)
    originals = signer.read(_kept(visit))
    theirs = _form(view, locked, created=False, data=_written(visit, view, record))
    _say_what_was_shown(form, theirs, originals)
    values, refusal = read_form(visit, view, form, locked)
    version = _posted_version(visit)
    merged = Merge(values)
    if not refusal:
        merged = merge(
            visit,
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
        refusal = save(visit, view, record, merged.values, created=False)
    if refusal:
        visit.session.rollback()
        for name, one in compared_fields(form).items():
            is_sent = one.posted or isinstance(one, ChecksField)
            if name in theirs and (name in merged.given_up or not is_sent):
                one.data, one.typed = theirs[name].data, None
        opened = _kept(visit) or ""
        if merged.conflicts:
            opened = signer.write(Originals(originals_of(theirs), merged.asked))
            version = _version(view, record) if gone is None else version
        shown = Shown(
            form=form,
            record=load_record(visit, view) if gone is None else None,
            refusal=refusal,
            # Until the person has seen what moved on, their form stays the older one.
            version=version,
            opened=opened,
            merged=merged,
            gone=gone,
            buttons=None if gone is None else (RESTORE,),
            locked=locked,
        )
        return show(visit, view, shown)
    return _leave(visit, view, record, "saved", merged.news, changed=changed)


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


def gone_screen(visit: Visit, view: RecordView) -> Response:
    """A posted form whose record was deleted meanwhile: it may come back, with what was typed.

    Raises:
        HTTPException: 404, there never was such a record, or nobody knows what became of it.
    """
    key = parse_key(view, visit.request.path_params["pk"])
    text = "" if key is None else write_key(view, key)
    found = record_history(visit.session, history_name(view.mapper), text, before=None, limit=1)
    if not found or found[0][0].operation != "delete":
        raise HTTPException(404, f"This {view.noun} does not exist. It may have been deleted.")
    change, changeset = found[0]
    hidden = _hidden(visit, view)
    form = _form(view, hidden, visit.form, created=False)
    may_restore = visit.may("create", view) and visit.may(UNDO, view)
    reason = view.reason_against_undo(visit, [change]) if may_restore else ""
    may_restore = may_restore and not reason
    if may_restore and visit.form.get("save") == RESTORE:
        if restore_deleted(visit.session, view.mapper, Change.id == change.id):
            record = load_record(visit, view, for_update=True)
            locked = _locked(visit, view, record)
            form = _form(view, locked, visit.form, created=False)
            return save_edit(visit, view, record, form, locked, gone=key)
        problem = "It cannot be restored: its name is taken now, or what it belonged to is gone."
    else:
        at = moment_cell(visit.settings, changeset.at).text
        by = f"{who(changeset)} deleted this {view.noun} {at}"
        if not visit.may(HISTORY, view):
            by = f"{SOMEBODY} deleted this {view.noun}"
        problem = f"{by}, so nothing is saved. {reason}".rstrip()
    shown = Shown(
        form=form,
        refusal=Refusal(problems=[problem], status=409),
        version=_posted_version(visit),
        opened=_kept(visit) or "",
        gone=key,
        buttons=(RESTORE,) if may_restore else (),
        locked=hidden,
    )
    return show(visit, view, shown)


def _kept(visit: Visit) -> str | None:
    """The posted hidden field ``opened`` as it was; None where it was not posted."""
    opened = visit.form.get(OPENED)
    return opened if isinstance(opened, str) else None


def _signer(visit: Visit, view: RecordView, record: Any) -> OriginalsSigner:
    return OriginalsSigner(
        visit.settings.signing_key,
        person=visit.person.user_id,
        identity=view.identity,
        key=key_text(view, record),
    )


def _locked(visit: Visit, view: RecordView, record: Any) -> dict[str, str]:
    """The fields that the person may not change or see on ``record``, each with the reason, those
    that no form can change, and those that were so when the posted form was opened."""
    locked = _unwritten(view, record) | view.locked_fields(visit, record) | _hidden(visit, view)
    posted = visit.form.get(LOCKED, "")
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
    if _WRITTEN_EVER not in view.statements:
        never, kinds = {}, {}
        for name in view.get_form_columns():
            if name not in view.form_class.members:
                never[name] = why_not_written(view, name)
            elif is_of_key(view, name):
                never[name] = OF_THE_KEY
            elif (column := column_of(view, name)) is not None:
                kinds[name] = kind_of(column)
        view.statements[_WRITTEN_EVER] = never, kinds
    found: tuple[dict[str, str], dict[str, Kind]] = view.statements[_WRITTEN_EVER]
    return found


_WRITTEN_EVER = "written ever"


def _hidden(visit: Visit, view: RecordView) -> dict[str, str]:
    """The form's fields that the person may not see, each with the reason."""
    hidden = visit.hidden(view)
    return {
        name: f"Not shown to you: {why_hidden(visit, view, name)}. It stays as it is."
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
    form = view.form_class(posted, data=data)
    for one in form._fields.values():
        if isinstance(one, RecordField):
            one.created = created
    view.prepare_form(form, created)
    for name in locked:
        if name in form:
            del form[name]
    return form


def _written(visit: Visit, view: RecordView, record: Any) -> dict[str, Any]:
    """The form's first values: those of relations are keys, of what the person may see."""
    values = view.values_of(record)
    for name in view.get_form_columns():
        related = values.get(name)
        if name not in view.mapper.relationships or related is None:
            continue
        target = view.related_view(name)
        if view.mapper.relationships[name].uselist:
            seen = seen_among(visit, target, list(collection_adapter(related)))
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


def _posted_version(visit: Visit) -> str:
    version = visit.form.get("version", "")
    return version if isinstance(version, str) else ""


def _leave(
    visit: Visit,
    view: RecordView,
    record: Any,
    done: str,
    news: Sequence[str] = (),
    *,
    changed: bool,
) -> Response:
    """Tell what was done, and what somebody else had done, and go where the button says."""
    back = next_of(visit, view)
    here = carrying(visit.site.href(view.identity, "edit", key_text(view, record)), back)
    number = visit.session.changeset
    text = f"{view.name} “{record_label(record)}” was {done}."
    if number is None and not changed:
        text = f"Nothing was changed in {view.noun} “{record_label(record)}”."
    text = " ".join([text, *news])
    operation = "create" if done == "added" else "update"
    may_undo = number is not None and may_undo_of(visit, view, operation)
    undo = visit.site.href("changeset", "undo", number) if may_undo else ""
    visit.browser.notify("success", text, link="Undo" if may_undo else "", href=undo)
    button = visit.form.get("save")
    if button == CONTINUE and visit.may("edit", view, record):
        return visit.redirect(here)
    if button == ANOTHER and may_add(visit, view):
        create = visit.site.href(view.identity, "create") + _prefilled(visit, view, record)
        return visit.redirect(carrying(create, back))
    return visit.redirect(list_to_return_to(visit, view))


def _prefilled(visit: Visit, view: RecordView, record: Any) -> str:
    """Whoever adds one after another adds to the same category: relations stay chosen."""
    kept = {
        posted_name(name): key_text(view.related_view(name), related)
        for name in view.get_form_columns()
        if name in view.mapper.relationships
        and not view.mapper.relationships[name].uselist
        and visit.may_see(view, name)
        and (related := getattr(record, name)) is not None
    }
    return f"?{urlencode(kept)}" if kept else ""
