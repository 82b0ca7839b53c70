"""The page of a form: as opened, as searched in, as refused, with or without its record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from wtforms import Form

from backoffice.admin.field_permissions import HIDDEN
from backoffice.admin.forms.build import LOCKED, draw, may_add
from backoffice.admin.forms.choices import build_choice, build_links
from backoffice.admin.forms.fields import ChecksField, LinksField, RelationField
from backoffice.admin.forms.merge import Merge
from backoffice.admin.forms.originals import OPENED
from backoffice.admin.forms.save import Refusal
from backoffice.admin.pages.form import FieldConflict, FormField, FormPage
from backoffice.admin.pages.parts import Choice, Link, OptionGroup
from backoffice.admin.records.cells import cell_for
from backoffice.admin.records.keys import key_text, write_key
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import crumbs_to, delete_href, history_href
from backoffice.admin.return_url import NEXT, carrying, list_to_return_to, next_of
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView

SAVE = "Save"
CONTINUE = "Save and continue editing"
ANOTHER = "Save and add another"
RESTORE = "Restore and save"


@dataclass(frozen=True)
class Shown:
    """A form to show: as opened, as searched in, or as refused."""

    form: Form
    record: Any | None = None
    refusal: Refusal | None = None
    version: str = ""
    opened: str = ""
    """What the hidden field of that name holds; "" for none."""
    merged: Merge | None = None
    gone: Any = None
    """The key of a record that does not exist any more."""
    buttons: tuple[str, ...] | None = None
    locked: Mapping[str, str] = field(default_factory=dict)
    """Fields to be shown as text, each with the reason."""


def show(context: Context, view: RecordView, shown: Shown) -> Response:
    """The page; its status is the refusal's, or 200."""
    record, refusal = shown.record, shown.refusal or Refusal()
    for name, message in refusal.fields.items():
        if name in shown.form:
            shown.form[name].errors = [message] if message else []
    key = None if shown.gone is None else write_key(view, shown.gone)
    if record is not None:
        key = key_text(view, record)
    screen = ("edit", key) if key is not None else ("create",)
    back = next_of(context, view)
    hidden = [(NEXT, back)] if back else []
    conflicts = shown.merged.conflicts if shown.merged is not None else {}
    if shown.version:
        hidden.append(("version", shown.version))
    if shown.locked:
        hidden.append((LOCKED, ",".join(shown.locked)))
    elif context.form.get(LOCKED):
        hidden.append((LOCKED, str(context.form.get(LOCKED))))
    if shown.opened:
        hidden.append((OPENED, shown.opened))
    buttons = shown.buttons
    if not shown.form._fields:
        buttons = ()
    elif buttons is None:
        buttons = (SAVE, CONTINUE, ANOTHER) if may_add(context, view) else (SAVE, CONTINUE)
    heading = record_label(record) if record is not None else f"Add {view.label}"
    if shown.gone is not None:
        heading = f"Deleted {view.label}"
    page = FormPage(
        heading=heading,
        label=view.label,
        action=context.site.href(view.identity, *screen),
        fields=tuple(_fields(context, view, shown, conflicts, refusal)),
        buttons=buttons,
        cancel_href=list_to_return_to(context, view),
        problems=tuple(refusal.problems),
        news=tuple(shown.merged.news) if shown.merged is not None and conflicts else (),
        hidden=tuple(hidden),
        details_href=(
            carrying(context.site.href(view.identity, "details", key), back)
            if record is not None and context.may("details", view, record)
            else None
        ),
        history_href=history_href(context, view, key) if record is not None else None,
        delete_href=delete_href(context, view, record) if record is not None else None,
    )
    if record is not None:
        crumbs = crumbs_to(context, view, record)
    else:
        list_link = Link(view.name_plural, list_to_return_to(context, view))
        crumbs = (list_link, Link(heading))
    title = f"Edit {heading}" if record is not None else heading
    status = refusal.status if refusal else 200
    return page_response(context, "form.html", title, page, crumbs=crumbs, status=status)


def _fields(
    context: Context,
    view: RecordView,
    shown: Shown,
    conflicts: dict[str, FieldConflict],
    refusal: Refusal,
) -> list[FormField]:
    find = context.form.get("find")
    drawn: list[FormField] = []
    told = ""
    for name in (*view.get_form_columns(), *view.form_extra_fields):
        if name in shown.locked:
            is_hidden = name in context.hidden(view)
            if shown.record is None and not is_hidden:
                continue  # there is nothing to show
            text = HIDDEN if is_hidden else locked_text(context, view, shown.record, name)
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
        find_text = str(context.form.get(f"{one.name}_find", "")) if find == one.name else None
        if isinstance(one, RelationField):
            label, chosen = str(one.label.text), one._value()
            choice = build_choice(
                context, view, name, chosen, label=label, posted=one.name, find_text=find_text
            )
        elif isinstance(one, LinksField):
            groups, choice = build_links(context, view, one, name, find_text=find_text)
        elif isinstance(one, ChecksField):
            groups = view.option_groups(context, name, one.chosen)
        drawn.append(draw(one, choice, groups, conflicts.get(name)))
    return drawn


def locked_text(context: Context, view: RecordView, record: Any, name: str) -> str | None:
    """What a form shows for a field that is locked; None to leave it out."""
    text = cell_for(context, view, record, name).text if hasattr(record, name) else ""
    return view.locked_text(context, record, name, text)
