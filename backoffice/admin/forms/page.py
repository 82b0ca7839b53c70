"""The page of a form: as opened, after a search, or refused; for a new, a stored or a deleted
record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.forms.build import LOCKED, draw_field, may_add
from backoffice.admin.forms.choices import build_choice, build_links
from backoffice.admin.forms.fields import ChecksField, LinksField, RecordForm, RelationField
from backoffice.admin.forms.originals import ORIGINALS_FIELD
from backoffice.admin.forms.refusals import Refusal
from backoffice.admin.pages.form import Button, FieldConflict, FormField, FormPage
from backoffice.admin.pages.parts import Choice, Link, OptionGroup
from backoffice.admin.pages.steps import Steps
from backoffice.admin.records.action_links import record_actions
from backoffice.admin.records.cells import cell_for
from backoffice.admin.records.keys import key_text, write_key
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import crumbs_to, delete_href, history_href
from backoffice.admin.return_url import NEXT, next_value, return_url, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.language import N_, _

SAVE = Button("Save", N_("Save"))
# The value is older than the text: programs that fill in the form send it.
CONTINUE = Button("Save and continue editing", N_("Save and stay"))
ANOTHER = Button("Save and add another", N_("Save and add another"))
RESTORE = Button("Restore and save", N_("Restore and save"))
"""The buttons. Their texts are translated where they are shown; their values never are."""


@dataclass(frozen=True)
class FormState:
    """What the page of a form shows. ``record``: None for a new record, and for a deleted one."""

    form: RecordForm
    record: Any | None = None
    refusal: Refusal | None = None
    version: str = ""
    originals: str = ""
    """The signed values that the form was opened with; "" for none."""
    conflicts: Mapping[str, FieldConflict] = field(default_factory=dict)
    """The fields that the person has to decide, by name."""
    taken_over: Sequence[str] = ()
    """Sentences about changes of others that the form took over."""
    deleted_key: Any = None
    """The key of a record that was deleted while its form was open."""
    buttons: tuple[Button, ...] | None = None
    """The buttons; None for the usual ones."""
    locked: Mapping[str, str] = field(default_factory=dict)
    """The fields that are shown as text, each with the reason."""
    steps: Steps | None = None
    """The steps to other records, if nothing was typed yet."""


def form_response(context: Context, view: RecordView, state: FormState) -> Response:
    """The page of a form. Its status is that of the refusal, or 200."""
    record, refusal = state.record, state.refusal or Refusal()
    for name, message in refusal.fields.items():
        if name in state.form:
            state.form[name].errors = [message] if message else []
    key = None if state.deleted_key is None else write_key(view, state.deleted_key)
    if record is not None:
        key = key_text(record)
    screen = ("edit", key) if key is not None else ("create",)
    buttons = state.buttons
    if not state.form.fields:
        buttons = ()
    elif buttons is None:
        buttons = (SAVE, CONTINUE, ANOTHER) if may_add(context, view) else (SAVE, CONTINUE)
    heading = (
        record_label(context, record) if record is not None else _("Add {label}", label=view.label)
    )
    if state.deleted_key is not None:
        heading = _("Deleted {label}", label=view.label)
    list_href = return_url(context, view)
    page = FormPage(
        heading=heading,
        label=view.label,
        action=context.site.href(view.identity, *screen),
        fields=tuple(_draw_fields(context, view, state, refusal)),
        buttons=tuple(Button(button.value, _(button.text)) for button in buttons),
        cancel_href=list_href,
        message=_locked_reason(context, view, record),
        problems=tuple(refusal.problems),
        taken_over=tuple(state.taken_over),
        hidden=_hidden_inputs(context, view, state),
        details_href=(
            with_next(context.site.href(view.identity, "details", key), next_value(context, view))
            if record is not None and context.may("details", view, record)
            else None
        ),
        history_href=history_href(context, view, key) if record is not None else None,
        delete_href=delete_href(context, view, record) if record is not None else None,
        actions=record_actions(context, view, record, "edit") if record is not None else (),
        steps=state.steps,
    )
    if record is not None:
        crumbs = crumbs_to(context, view, record)
    else:
        crumbs = (Link(view.title_plural, list_href), Link(heading))
    title = _("Edit {name}", name=heading) if record is not None else heading
    status = refusal.status if refusal else 200
    return page_response(context, "form.html", title, page, crumbs=crumbs, status=status)


def _locked_reason(context: Context, view: RecordView, record: Any | None) -> str:
    """Why the whole record is locked, as a sentence; "" if it is not."""
    return "" if record is None else context.refusal("edit", view, record)


def _hidden_inputs(
    context: Context, view: RecordView, state: FormState
) -> tuple[tuple[str, str], ...]:
    """Names and values of the form's hidden inputs."""
    locked = ",".join(state.locked) or str(context.form.get(LOCKED) or "")
    inputs = [
        (NEXT, next_value(context, view)),
        ("version", state.version),
        (LOCKED, locked),
        (ORIGINALS_FIELD, state.originals),
    ]
    return tuple((name, value) for name, value in inputs if value)


def _draw_fields(
    context: Context, view: RecordView, state: FormState, refusal: Refusal
) -> list[FormField]:
    drawn: list[FormField] = []
    reason_above = _locked_reason(context, view, state.record)  # the page has it above the form
    for name in (*view.get_form_columns(), *view.form_extra_fields):
        if name in state.locked:
            text = _locked_text(context, view, state.record, name)
            if text is None:
                continue
            reason = state.locked[name]
            # Of locked fields in a row with the same reason, only the first one shows it.
            help_text = "" if reason == reason_above else reason
            reason_above = reason
            drawn.append(
                FormField(
                    name,
                    view.field_label(name),
                    "locked",
                    value=text,
                    help=help_text,
                    error=refusal.fields.get(name, ""),
                )
            )
        else:
            reason_above = ""
            if name in state.form:
                drawn.append(_draw_input(context, view, state, name))
    return drawn


def _draw_input(context: Context, view: RecordView, state: FormState, name: str) -> FormField:
    form_field = state.form[name]
    searched = context.form.get("find") == form_field.name
    find_text = str(context.form.get(f"{form_field.name}_find", "")) if searched else None
    choice: Choice | None = None
    groups: tuple[OptionGroup, ...] = ()
    if isinstance(form_field, RelationField):
        choice = build_choice(
            context,
            view,
            name,
            form_field.input_text(),
            label=_(str(form_field.label.text)),
            posted=form_field.name,
            find_text=find_text,
        )
    elif isinstance(form_field, LinksField):
        groups, choice = build_links(context, view, form_field, name, find_text=find_text)
    elif isinstance(form_field, ChecksField):
        groups = view.option_groups(context, name, form_field.chosen)
    return draw_field(form_field, choice, groups, state.conflicts.get(name))


def _locked_text(context: Context, view: RecordView, record: Any | None, name: str) -> str | None:
    """What the form shows for a locked field; None to leave the field out."""
    if name in context.hidden(view):
        return HIDDEN_VALUE
    if record is None:
        return None
    text = cell_for(context, view, record, name).text if hasattr(record, name) else ""
    return view.locked_text(context, record, name, text)
