"""Creating and editing one record: the same form, with and without a record under it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response
from wtforms import Form

from backoffice.admin.choices import build_choice
from backoffice.admin.fields import RelationField
from backoffice.admin.forms import draw
from backoffice.admin.keys import key_of
from backoffice.admin.pages import FormField, FormPage, Link
from backoffice.admin.saving import Refusal, read_form, save
from backoffice.admin.screens.details import crumbs_to, delete_href, load_record
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.admin.way_back import NEXT, carrying, list_to_return_to, next_of

SAVE = "Save"
CONTINUE = "Save and continue editing"
ANOTHER = "Save and add another"


def create_screen(visit: Visit, view: RecordView) -> Response:
    """A form for a new record; posted, the record. The address may fill fields in."""
    if not visit.posted:
        given = {
            name: value
            for name, value in visit.request.query_params.items()
            if name in view.get_form_columns()
        }
        form = _form(view, created=True, data=given)
        return _show(visit, view, _Shown(form=form))
    form = _form(view, visit.form, created=True)
    if "find" in visit.form:
        return _show(visit, view, _Shown(form=form))
    values, refusal = read_form(visit, view, form)
    record = view.model()
    if not refusal:
        refusal = save(visit, view, record, values, created=True)
    if refusal:
        return _show(visit, view, _Shown(form=form, refusal=refusal))
    return _leave(visit, view, record, "added")


def edit_screen(visit: Visit, view: RecordView) -> Response:
    """A record's form; posted, its new values. A form opened before somebody else's save asks."""
    record = load_record(visit, view, for_update=visit.posted)
    if not visit.posted:
        form = _form(view, created=False, data=_written(view, record))
        return _show(visit, view, _Shown(form=form, record=record, version=_version(record)))
    form = _form(view, visit.form, created=False)
    version = _version(record)
    if "find" in visit.form:
        return _show(visit, view, _Shown(form=form, record=record, version=_posted_version(visit)))
    values, refusal = read_form(visit, view, form)
    opened = _posted_version(visit)
    if not refusal and opened and version and opened != version:
        refusal = _moved_on(view, record, values)
    if not refusal:
        refusal = save(visit, view, record, values, created=False)
    if refusal:
        record = load_record(visit, view)
        shown = _Shown(form=form, record=record, refusal=refusal, version=_version(record))
        return _show(visit, view, shown)
    return _leave(visit, view, record, "saved")


def _form(
    view: RecordView,
    posted: FormData | None = None,
    *,
    created: bool,
    data: dict[str, Any] | None = None,
) -> Form:
    form = view.form_class(posted, data=data)
    view.prepare_form(form, created)
    return form


@dataclass(frozen=True)
class _Shown:
    """A form to show: as opened, as searched in, or as refused."""

    form: Form
    record: Any | None = None
    refusal: Refusal | None = None
    version: str = ""


def _show(visit: Visit, view: RecordView, shown: _Shown) -> Response:
    record, refusal = shown.record, shown.refusal or Refusal()
    for name, message in refusal.fields.items():
        shown.form._fields[name].errors = [message]
    key = key_of(view, record) if record is not None else None
    screen = ("edit", key) if record is not None else ("create",)
    back = next_of(visit, view)
    hidden = [(NEXT, back)] if back else []
    if shown.version:
        hidden.append(("version", shown.version))
    buttons = [SAVE, CONTINUE]
    if visit.may("create", view):
        buttons.append(ANOTHER)
    heading = str(record) if record is not None else f"Add {view.noun}"
    page = FormPage(
        heading=heading,
        noun=view.noun,
        action=visit.site.href(view.identity, *screen),
        fields=tuple(_fields(visit, view, shown.form)),
        buttons=tuple(buttons),
        cancel_href=list_to_return_to(visit, view),
        problems=tuple(refusal.problems),
        hidden=tuple(hidden),
        details_href=(
            carrying(visit.site.href(view.identity, "details", key), back)
            if record is not None and visit.may("details", view, record)
            else None
        ),
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


def _fields(visit: Visit, view: RecordView, form: Form) -> list[FormField]:
    find = visit.form.get("find")
    drawn = []
    for name, one in form._fields.items():
        if not isinstance(one, RelationField):
            drawn.append(draw(one))
            continue
        find_text = str(visit.form.get(f"{name}_find", "")) if find == name else None
        choice = build_choice(
            visit, view, name, one._value(), label=str(one.label.text), find_text=find_text
        )
        drawn.append(draw(one, choice))
    return drawn


def _written(view: RecordView, record: Any) -> dict[str, Any]:
    """The form's first values: a relation's is its key."""
    values = view.values_of(record)
    for name in list(values):
        if name in view.mapper.relationships and values[name] is not None:
            values[name] = key_of(view.related_view(name), values[name])
    return values


def _version(record: Any) -> str:
    return str(getattr(record, "version", "") or "")


def _posted_version(visit: Visit) -> str:
    version = visit.form.get("version", "")
    return version if isinstance(version, str) else ""


def _moved_on(view: RecordView, record: Any, values: dict[str, Any]) -> Refusal:
    """Says what the record holds now, at each field where that differs from what was typed."""
    refusal = Refusal(status=409)
    refusal.problems.append(
        f"Somebody else saved this {view.noun} after you opened it. Your values are still below; "
        "Save puts them in place of theirs."
    )
    for name, value in values.items():
        if name in view.form_extra_fields:
            continue
        current = getattr(record, name)
        if current != value:
            refusal.fields[name] = f"It is now “{current}”."
    return refusal


def _leave(visit: Visit, view: RecordView, record: Any, done: str) -> Response:
    """Tell what was done and go where the button says."""
    key = key_of(view, record)
    back = next_of(visit, view)
    here = carrying(visit.site.href(view.identity, "edit", key), back)
    text = f"{view.name} “{record}” was {done}."
    may_edit = visit.may("edit", view, record)
    button = visit.form.get("save")
    if button == CONTINUE and may_edit:
        visit.browser.notify("success", text)
        return visit.redirect(here)
    visit.browser.notify("success", text, link="Edit again" if may_edit else "", href=here)
    if button == ANOTHER and visit.may("create", view):
        create = visit.site.href(view.identity, "create") + _prefilled(view, record)
        return visit.redirect(carrying(create, back))
    return visit.redirect(list_to_return_to(visit, view))


def _prefilled(view: RecordView, record: Any) -> str:
    """Whoever adds one after another adds to the same category: relations stay chosen."""
    kept = {
        name: key_of(view.related_view(name), related)
        for name in view.get_form_columns()
        if name in view.mapper.relationships and (related := getattr(record, name)) is not None
    }
    return f"?{urlencode(kept)}" if kept else ""
