"""An action's form: a form of WTForms, drawn and read as records' forms are."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import wtforms
from wtforms import Field

from backoffice.admin.actions import Action
from backoffice.admin.forms.build import draw_field
from backoffice.admin.forms.fields import ChecksField, ColumnField, RecordField, RelationField
from backoffice.admin.forms.refusals import Refusal
from backoffice.admin.forms.translations import translated
from backoffice.admin.pages.form import FormField
from backoffice.admin.pages.parts import Choice, FieldKind, Option, OptionGroup
from backoffice.admin.records.action_links import BACK
from backoffice.admin.view import Context
from backoffice.columns.text import UNSTORABLE, is_storable
from backoffice.language import _

ONCE = "once"
"""Hidden input with the one-time key."""

DO = "do"
"""Name of the buttons."""

ACT = "act"
PREVIEW = "preview"
"""The values of the buttons."""

OUR_NAMES = frozenset({"csrf_token", "pks", "next", ONCE, BACK, DO})
"""Names of inputs that belong to the page and not to the form."""

KINDS: dict[type[Field], FieldKind | None] = {
    wtforms.RadioField: "radios",
    wtforms.SelectMultipleField: "checks",
    wtforms.SelectField: "choice",
    wtforms.TextAreaField: "text",
    wtforms.EmailField: "email",
    wtforms.PasswordField: "password",
    wtforms.IntegerField: "number",
    wtforms.DecimalField: "money",
    wtforms.FloatField: "money",
    wtforms.TimeField: "time",
    wtforms.DateField: "date",
    wtforms.DateTimeField: "moment",
    wtforms.BooleanField: "boolean",
    wtforms.StringField: "line",
    # Derived from those above, and something else in a browser.
    wtforms.HiddenField: None,
    wtforms.SubmitField: None,
    wtforms.MonthField: None,
    wtforms.WeekField: None,
    wtforms.FileField: None,
    wtforms.MultipleFileField: None,
}
"""The control of a field by its class, or the nearest of its bases; None for none."""

MANY = ("boolean", "checks")
"""Controls that may send more than one value."""


def open_action_form(context: Context, action: Action) -> Any | None:
    """The action's form, filled in from the request if it is a POST; None if it has none."""
    if action.form is None:
        return None
    return translated(action.form)(context.form if context.posted else None)


def read_action_form(context: Context, form: Any | None) -> Refusal:
    """Validate a posted form; its fields then have their ``data``. Returns what is wrong with it,
    by the fields' names."""
    fields: dict[str, Field] = {} if form is None else {field.name: field for field in form}
    refusal = Refusal(problems=[*_unknown_names(context, fields)])
    for name, field in fields.items():
        given = context.form.getlist(name)
        if len(given) > 1 and kind_of_field(field) not in MANY:
            refusal.fields[name] = _("This field was sent more than once.")
        elif any(not isinstance(value, str) for value in given):
            refusal.fields[name] = _("Enter text, not a file.")
        elif not all(is_storable(str(value)) for value in given):
            refusal.fields[name] = _(UNSTORABLE)
    if form is not None and not refusal.fields:
        form.validate()
        for name, field in fields.items():
            if field.errors:
                refusal.fields[name] = str(field.errors[0])
    return refusal


def _unknown_names(context: Context, fields: dict[str, Field]) -> Iterator[str]:
    """A sentence for each posted name that the form does not have."""
    for name in dict.fromkeys(context.form.keys()):
        if name not in fields and name not in OUR_NAMES:
            printable = "".join(character for character in name[:40] if character.isprintable())
            yield _("This form has no field named “{name}”.", name=printable)


def kind_of_field(field: Field) -> FieldKind | None:
    """The control of a field; None if it cannot be drawn."""
    if isinstance(field, RecordField):
        bound_to_view = isinstance(field, ColumnField | ChecksField | RelationField)
        return None if bound_to_view else field.kind
    return next((KINDS[base] for base in type(field).__mro__ if base in KINDS), None)


def draw_action_fields(form: Any | None, refusal: Refusal) -> tuple[FormField, ...]:
    """The form's fields as the template prints them, with what was typed."""
    fields = [] if form is None else list(form)
    for field in fields:
        if field.name in refusal.fields:
            field.errors = [refusal.fields[field.name]]
    return tuple(_draw(field) for field in fields)


def _draw(field: Any) -> FormField:
    if isinstance(field, RecordField):
        return draw_field(field)
    kind = kind_of_field(field)
    assert kind is not None  # checked at the start
    label = _(str(field.label.text))
    choice: Choice | None = None
    groups: tuple[OptionGroup, ...] = ()
    if kind in ("choice", "radios", "checks"):
        # A choice is its value, its text and whether it is selected.
        options = tuple(Option(str(one[0]), str(one[1]), bool(one[2])) for one in _choices(field))
        choice = Choice(name=field.name, label=label, options=options)
        if kind == "checks":
            choice, groups = None, (OptionGroup("", options),)
    return FormField(
        name=field.name,
        label=label,
        kind=kind,
        value="" if kind in ("boolean", "password") or choice or groups else _text(field),
        checked=kind == "boolean" and bool(field.data),
        error=str(field.errors[0]) if field.errors else "",
        help=_(str(field.description or "")),
        required=bool(field.flags.required) or _must_be_chosen(field, choice),
        blank=_("None"),
        maximum=field.flags.maxlength,
        choice=choice,
        groups=groups,
    )


def _must_be_chosen(field: Any, choice: Choice | None) -> bool:
    """Whether WTForms refuses a choice that was left blank."""
    if choice is None or field.flags.optional:
        return False
    return not any(option.value == "" for option in choice.options)


def _choices(field: Any) -> list[Any]:
    if field.has_groups():
        return [option for _label, options in field.iter_groups() for option in options]
    return list(field.iter_choices())


def _text(field: Any) -> str:
    """The text of a field's input: what was typed, or else its value."""
    if field.raw_data:
        return " ".join(str(value) for value in field.raw_data)
    value = field.data
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
