"""Creating and editing one record: the same form, with and without a record under it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response
from wtforms import Form

from backoffice.admin import checks
from backoffice.admin.cells import value_cell
from backoffice.admin.choices import build_choice, load_chosen
from backoffice.admin.describing import may_undo_of, who
from backoffice.admin.field_rules import HIDDEN, may_add, missing_to_add, why_hidden
from backoffice.admin.fields import ChecksField, RelationField
from backoffice.admin.forms import draw
from backoffice.admin.keys import key_of, parse_key
from backoffice.admin.merging import (
    OPENED,
    SOMEBODY,
    WAS,
    Merge,
    merge,
    opened_with,
    read_texts,
)
from backoffice.admin.pages import (
    Choice,
    FieldConflict,
    FormField,
    FormPage,
    Link,
    OptionGroup,
)
from backoffice.admin.saving import LOCKED, Refusal, read_form, save
from backoffice.admin.screens.details import (
    crumbs_to,
    delete_href,
    history_href,
    load_record,
)
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.admin.way_back import NEXT, carrying, list_to_return_to, next_of
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.history.audited import table_of
from backoffice.history.reading import record_history
from backoffice.history.restoring import restore
from backoffice.models import Change

SAVE = "Save"
CONTINUE = "Save and continue editing"
ANOTHER = "Save and add another"
RESTORE = "Restore and save"

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
        given = {
            name: value
            for name, value in visit.request.query_params.items()
            if name in view.get_form_columns()
        }
        form = _form(view, locked, created=True, data=given)
        return _show(visit, view, _Shown(form=form))
    form = _form(view, locked, visit.form, created=True)
    if "find" in visit.form:
        return _show(visit, view, _Shown(form=form))
    values, refusal = read_form(visit, view, form, locked)
    record = view.model()
    if not refusal:
        refusal = save(visit, view, record, values, created=True)
    if refusal:
        return _show(visit, view, _Shown(form=form, refusal=refusal))
    return _leave(visit, view, record, "added")


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
        form = _form(view, locked, created=False, data=_written(view, record))
        shown = _Shown(form=form, record=record, version=_version(record), locked=locked)
        return _show(visit, view, shown)
    form = _form(view, locked, visit.form, created=False)
    if "find" in visit.form:
        shown = _Shown(
            form=form,
            record=record,
            version=_posted_version(visit),
            opened=_kept(visit),
            locked=locked,
        )
        return _show(visit, view, shown)
    return save_edit(visit, view, record, form, locked)


def save_edit(
    visit: Visit,
    view: RecordView,
    record: Any,
    form: Form,
    locked: Mapping[str, str],
    *,
    gone: Any = None,
) -> Response:
    """Save a posted form on a record that is there and locked for update, or say why not.

    ``locked``: the fields that the form does not have, with the reasons. ``gone``: the record's key
    where it was restored for this, and is gone again if the form is refused.
    """
    _chosen = load_chosen(visit, view, record, form)  # kept, so that the session keeps them
    values, refusal = read_form(visit, view, form, locked)
    theirs = _form(view, locked, created=False, data=_written(view, record))
    current = view.values_of(record)
    opened = _posted_version(visit)
    moved_on = bool(opened) and opened != _version(record)
    merged = Merge(values)
    if not refusal:
        merged = merge(visit, view, record, form, theirs, values, current, moved_on=moved_on)
        if merged.conflicts:
            undecided = dict.fromkeys(merged.conflicts, "")
            refusal = Refusal(fields=undecided, status=409)  # the page says what to choose
    if not refusal:
        refusal = save(visit, view, record, merged.values, created=False)
    if refusal:
        visit.session.rollback()
        if gone is not None:
            shown = _Shown(
                form=form,
                refusal=refusal,
                version=_posted_version(visit),
                opened=_kept(visit),
                gone=gone,
                buttons=(RESTORE,),
            )
            return _show(visit, view, shown)
        record = load_record(visit, view)
        for name in merged.taken if merged.conflicts else ():
            taken: Any = form._fields[name]
            taken.data, taken.typed = theirs._fields[name].data, None
        asked = merged.conflicts or not moved_on
        shown = _Shown(
            form=form,
            record=record,
            refusal=refusal,
            # Until the person has seen what moved on, their form stays the older one.
            version=_version(record) if asked else opened,
            opened=opened_with(theirs) if merged.conflicts else _kept(visit),
            merged=merged,
            locked=locked,
        )
        return _show(visit, view, shown)
    return _leave(visit, view, record, "saved", merged.news)


def gone_screen(visit: Visit, view: RecordView) -> Response:
    """A posted form whose record was deleted meanwhile: it may come back, with what was typed.

    Raises:
        HTTPException: 404, there never was such a record, or nobody knows what became of it.
    """
    table = table_of(view.mapper).name
    key = parse_key(view, visit.request.path_params["pk"])
    found = record_history(visit.session, table, str(key), before=None, limit=1)
    if not found or found[0][0].operation != "delete":
        raise HTTPException(404, f"This {view.noun} does not exist. It may have been deleted.")
    change, changeset = found[0]
    hidden = _hidden(visit, view)
    form = _form(view, hidden, visit.form, created=False)
    may_restore = visit.may("create", view) and visit.may(UNDO, view)
    reason = view.reason_against_undo(visit, [change]) if may_restore else ""
    may_restore = may_restore and not reason
    if may_restore and visit.form.get("save") == RESTORE:
        if restore(visit.session, view.mapper, Change.id == change.id):
            record = load_record(visit, view, for_update=True)
            locked = _locked(visit, view, record)
            form = _form(view, locked, visit.form, created=False)
            return save_edit(visit, view, record, form, locked, gone=key)
        problem = "It cannot be restored: its name was taken meanwhile, or what it is part of."
    else:
        at = value_cell(visit.settings, "moment", changeset.at).text
        by = f"{who(changeset)} deleted this {view.noun} {at}"
        if not visit.may(HISTORY, view):
            by = f"{SOMEBODY} deleted this {view.noun}"
        problem = f"{by}, so nothing is saved. {reason}".rstrip()
    shown = _Shown(
        form=form,
        refusal=Refusal(problems=[problem], status=409),
        version=_posted_version(visit),
        opened=_kept(visit),
        gone=key,
        buttons=(RESTORE,) if may_restore else (),
        locked=hidden,
    )
    return _show(visit, view, shown)


def _kept(visit: Visit) -> str:
    """The posted hidden field ``opened`` as it was."""
    return str(visit.form.get(OPENED, ""))


def _locked(visit: Visit, view: RecordView, record: Any) -> dict[str, str]:
    """The fields that the person may not change or see on ``record``, each with the reason, and
    those that were so when the posted form was opened."""
    locked = view.locked_fields(visit, record) | _hidden(visit, view)
    posted = visit.form.get(LOCKED, "")
    for name in posted.split(",") if isinstance(posted, str) else ():
        if name in (*view.get_form_columns(), *view.form_extra_fields):
            locked.setdefault(name, UNLOCKED)
    return locked


def _hidden(visit: Visit, view: RecordView) -> dict[str, str]:
    """The form's fields that the person may not see, each with the reason."""
    return {
        name: f"Not shown to you: {why_hidden(visit, view, name)}. It stays as it is."
        for name in view.get_form_columns()
        if name in visit.hidden(view)
    }


def _form(
    view: RecordView,
    locked: Mapping[str, str],
    posted: FormData | None = None,
    *,
    created: bool,
    data: dict[str, Any] | None = None,
) -> Form:
    """The form without its ``locked`` fields: what it does not have is not posted, merged or saved,
    and so stays as it is."""
    form = view.form_class(posted, data=data)
    view.prepare_form(form, created)
    for name in locked:
        if name in form:
            del form[name]
    return form


@dataclass(frozen=True)
class _Shown:
    """A form to show: as opened, as searched in, or as refused."""

    form: Form
    record: Any | None = None
    refusal: Refusal | None = None
    version: str = ""
    opened: str = ""
    merged: Merge | None = None
    gone: Any = None
    """The key of a record that does not exist any more."""
    buttons: tuple[str, ...] | None = None
    locked: Mapping[str, str] = field(default_factory=dict)
    """Fields to be shown as text, each with the reason."""


def _show(visit: Visit, view: RecordView, shown: _Shown) -> Response:
    record, refusal = shown.record, shown.refusal or Refusal()
    for name, message in refusal.fields.items():
        if name in shown.form:
            shown.form[name].errors = [message] if message else []
    key = key_of(view, record) if record is not None else shown.gone
    screen = ("edit", key) if key is not None else ("create",)
    back = next_of(visit, view)
    hidden = [(NEXT, back)] if back else []
    conflicts = shown.merged.conflicts if shown.merged is not None else {}
    if shown.version:
        hidden.append(("version", shown.version))
    if shown.locked:
        hidden.append((LOCKED, ",".join(shown.locked)))
    elif visit.form.get(LOCKED):
        hidden.append((LOCKED, str(visit.form.get(LOCKED))))
    if key is not None:
        hidden.append((OPENED, shown.opened or opened_with(shown.form)))
    if conflicts:
        before = read_texts(visit, OPENED) | read_texts(visit, WAS)
        hidden.append((WAS, json.dumps({name: before.get(name, "") for name in conflicts})))
    elif visit.form.get(WAS):
        hidden.append((WAS, str(visit.form.get(WAS))))
    buttons = shown.buttons
    if not shown.form._fields:
        buttons = ()
    elif buttons is None:
        buttons = (SAVE, CONTINUE, ANOTHER) if may_add(visit, view) else (SAVE, CONTINUE)
    heading = str(record) if record is not None else f"Add {view.noun}"
    if shown.gone is not None:
        heading = f"Deleted {view.noun}"
    page = FormPage(
        heading=heading,
        noun=view.noun,
        action=visit.site.href(view.identity, *screen),
        fields=tuple(_fields(visit, view, shown, conflicts, refusal)),
        buttons=buttons,
        cancel_href=list_to_return_to(visit, view),
        problems=tuple(refusal.problems),
        news=tuple(shown.merged.news) if shown.merged is not None and conflicts else (),
        hidden=tuple(hidden),
        details_href=(
            carrying(visit.site.href(view.identity, "details", key), back)
            if record is not None and visit.may("details", view, record)
            else None
        ),
        history_href=history_href(visit, view, key) if record is not None else None,
        delete_href=delete_href(visit, view, record) if record is not None else None,
    )
    if record is not None:
        crumbs = crumbs_to(visit, view, record)
    else:
        list_link = Link(view.name_plural, list_to_return_to(visit, view))
        crumbs = (list_link, Link(heading))
    title = f"Edit {heading}" if record is not None else heading
    status = refusal.status if refusal else 200
    return visit.page("form.html", title, page, crumbs=crumbs, status=status)


def _fields(
    visit: Visit,
    view: RecordView,
    shown: _Shown,
    conflicts: dict[str, FieldConflict],
    refusal: Refusal,
) -> list[FormField]:
    find = visit.form.get("find")
    drawn: list[FormField] = []
    told = ""
    for name in (*view.get_form_columns(), *view.form_extra_fields):
        if name in shown.locked:
            is_hidden = name in visit.hidden(view)
            text = HIDDEN if is_hidden else view.locked_text(visit, shown.record, name)
            if text is None:
                continue
            reason = shown.locked[name]
            label = view.field_label(name)
            # Of fields one below the other the first says why, for all of them.
            help_text = reason if reason != told else ""
            error = refusal.fields.get(name, "")
            drawn.append(FormField(name, label, "locked", value=text, help=help_text, error=error))
            told = reason
            continue
        told, one = "", shown.form._fields.get(name)
        if one is None:
            continue
        choice: Choice | None = None
        groups: tuple[OptionGroup, ...] = ()
        if isinstance(one, RelationField):
            find_text = str(visit.form.get(f"{name}_find", "")) if find == name else None
            choice = build_choice(
                visit, view, name, one._value(), label=str(one.label.text), find_text=find_text
            )
        elif isinstance(one, ChecksField):
            groups = view.option_groups(visit, name, one.chosen)
        drawn.append(draw(one, choice, groups, conflicts.get(name)))
    return drawn


def _written(view: RecordView, record: Any) -> dict[str, Any]:
    """The form's first values: a relation's is its key."""
    values = view.values_of(record)
    for name in view.get_form_columns():
        if name in view.mapper.relationships and values[name] is not None:
            values[name] = key_of(view.related_view(name), values[name])
    return values


def _version(record: Any) -> str:
    return str(getattr(record, "version", "") or "")


def _posted_version(visit: Visit) -> str:
    version = visit.form.get("version", "")
    return version if isinstance(version, str) else ""


def _leave(
    visit: Visit, view: RecordView, record: Any, done: str, news: Sequence[str] = ()
) -> Response:
    """Tell what was done, and what somebody else had done, and go where the button says."""
    key = key_of(view, record)
    back = next_of(visit, view)
    here = carrying(visit.site.href(view.identity, "edit", key), back)
    number = visit.session.changeset
    text = f"{view.name} “{record}” was {done}."
    if number is None:
        text = f"Nothing was changed in {view.noun} “{record}”."
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
        name: key_of(view.related_view(name), related)
        for name in view.get_form_columns()
        if name in view.mapper.relationships
        and visit.may_see(view, name)
        and (related := getattr(record, name)) is not None
    }
    return f"?{urlencode(kept)}" if kept else ""
