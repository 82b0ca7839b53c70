"""Building forms: one form class for each view, from its columns and their kinds."""

from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import MANYTOMANY, MANYTOONE, RelationshipProperty
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from wtforms.fields.core import UnboundField

from backoffice.admin.attributes import attribute_name, table_column
from backoffice.admin.forms.fields import (
    ChecksField,
    ColumnField,
    LinksField,
    RecordField,
    RecordForm,
    RelationField,
    control_for,
)
from backoffice.admin.pages.form import FieldConflict, FormField
from backoffice.admin.pages.parts import Choice, Option, OptionGroup
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind, kind_of
from backoffice.language import N_, _

LOCKED = "locked"
"""Hidden input: names of the fields that the form showed as text when it was opened. They are left
out when the form is read, even if the person may edit them by then: the form posted no value for
them, and that must not be read as an empty value."""

OUR_FIELDS = frozenset({"csrf_token", "save", "find", "next", "version", "opened", "was", LOCKED})
"""Names of inputs that belong to the page and not to the record."""

FIELD_PREFIX = "field."
"""Put before the posted name of a record's field that has the name of an input of ours."""


def form_class_of(view: RecordView) -> type[RecordForm]:
    """The view's form class, built once."""
    return view.cache.get("form", lambda: build_form(view), always=True)


def build_form(view: RecordView) -> type[RecordForm]:
    """A form class with a field for each of a view's ``form_columns``, followed by its
    ``form_extra_fields``. A column that no form can write (``why_not_editable``) has no field."""
    members = {
        name: _build_field(view, name)
        for name in view.get_form_columns()
        if not why_not_editable(view, name)
    }
    # Made again for their posted names.
    extras: dict[str, Any] = view.form_extra_fields
    for name, extra in extras.items():
        options = extra.kwargs | {"name": posted_name(name)}
        members[name] = UnboundField(extra.field_class, *extra.args, **options)
    return type(f"{view.model.__name__}Form", (RecordForm,), {"members": members})


def posted_name(name: str) -> str:
    """The name that a record's field is posted by: its own name, unless an input of ours has it."""
    is_ours = name in OUR_FIELDS or name.startswith("choice_") or name.endswith("_find")
    return f"{FIELD_PREFIX}{name}" if is_ours else name


def why_not_editable(view: RecordView, name: str) -> str:
    """Why no form of this view can edit an attribute, as a sentence to translate; "" if one can."""
    if name in view.mapper.relationships:
        return _why_relation_not_editable(view.mapper.relationships[name])
    column = table_column(view.mapper, name)
    if column is None or column.computed is not None:
        return N_("This is computed and can't be changed.")
    if column.identity is not None or _is_generated(column):
        return N_("The database sets this number.")
    kind = kind_of(column)
    is_overridden = name in map(attribute_name, view.form_overrides)
    is_locked = not kind.editable or control_for(kind, nullable=True) == "locked"
    if is_locked and not is_overridden:
        return N_("Values of this kind can't be edited here.")
    return ""


def _why_relation_not_editable(relation: RelationshipProperty[Any]) -> str:
    if relation.viewonly:
        return N_("This is computed and can't be changed.")
    if relation.lazy in ("dynamic", "write_only", "raise"):
        return N_("Lists of this length can't be edited here.")
    if relation.direction in (MANYTOONE, MANYTOMANY):
        return ""
    return N_("Change this from the other side.")


def _is_generated(column: Column[Any]) -> bool:
    """Whether the database numbers the column by itself."""
    return column.table.autoincrement_column is column


def is_part_of_key(view: RecordView, name: str) -> bool:
    """Whether an attribute or relation belongs to the record's key, which never changes."""
    keys = set(view.mapper.primary_key)
    if name in view.mapper.relationships:
        relation = view.mapper.relationships[name]
        return relation.direction is MANYTOONE and not keys.isdisjoint(relation.local_columns)
    return table_column(view.mapper, name) in keys


def _build_field(view: RecordView, name: str) -> Any:
    options: dict[str, Any] = {
        "label": view.declared_label(name),
        "unit": view.unit_for(name),
        "name": posted_name(name),
    }
    factory: type[RecordField]
    column_options: dict[str, Any] = {}
    if name in view.mapper.relationships:
        relation = view.mapper.relationships[name]
        if relation.direction is MANYTOONE:
            options["required"] = not any(column.nullable for column in relation.local_columns)
            factory = RelationField
        else:
            factory = LinksField
    else:
        column = table_column(view.mapper, name)
        assert column is not None
        factory = ColumnField
        options["required"] = not column.nullable and not _has_default(column)
        options["description"] = column.doc or ""
        options["default"] = _default(column)
        column_options = {
            "value_kind": kind_of(column),
            "dialect": view.site.database.dialect,
            "zone": view.site.settings.zone,
            "nullable": bool(column.nullable),
            "has_default": _has_default(column),
        }
    kinds = {attribute_name(attribute): kind for attribute, kind in view.form_kinds.items()}
    if name in kinds:
        options["kind"] = kinds[name]
    options |= view.form_args.get(name, {})
    overrides = {attribute_name(key): override for key, override in view.form_overrides.items()}
    field_class: Any = overrides.get(name, factory)
    if isinstance(field_class, type) and issubclass(field_class, ColumnField):
        return field_class(**options, **column_options)
    return field_class(**options)


def _has_default(column: Column[Any]) -> bool:
    return column.default is not None or column.server_default is not None


def _default(column: Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


def why_value_not_editable(kind: Kind, value: Any) -> str:
    """Why no form can edit a stored value of that kind, as a sentence; "" if one can."""
    if value is None:
        return ""
    if kind.too_long_to_edit(value):
        return _("This is too long to edit here. It won't change.")
    if isinstance(value, str) and "\x00" in value:
        return _("This has characters that a form can't hold. It won't change.")
    return ""


def draw_field(
    form_field: Any,
    choice: Choice | None = None,
    groups: tuple[OptionGroup, ...] = (),
    conflict: FieldConflict | None = None,
) -> FormField:
    """A field as the template prints it, with what was typed and its first error."""
    is_column = isinstance(form_field, ColumnField)
    value = "" if isinstance(form_field, ChecksField) else form_field.input_text()
    if is_column and form_field.kind == "choice":
        options = tuple(Option(text, label, text == value) for text, label in form_field.choices)
        choice = Choice(name=form_field.name, label=_(str(form_field.label.text)), options=options)
    return FormField(
        name=form_field.name,
        label=_(str(form_field.label.text)),
        kind=_control_for_text(form_field.kind, value),
        value=value,
        checked=form_field.kind == "boolean" and bool(form_field.data),
        error=str(form_field.errors[0]) if form_field.errors else "",
        help=_help(form_field),
        unit=form_field.unit,
        required=form_field.must_be_filled if is_column else form_field.required,
        blank=_("Not set") if is_column else _("None"),
        maximum=form_field.maximum,
        autocomplete=form_field.autocomplete,
        choice=choice,
        groups=groups,
        conflict=conflict,
    )


def _help(form_field: Any) -> str:
    """The sentence below a field: the column's own, or else how to write its values."""
    if form_field.description:
        return _(str(form_field.description))
    return form_field.value_kind.help if isinstance(form_field, ColumnField) else ""


def _control_for_text(kind: Any, value: str) -> Any:
    """The control for a text. A browser drops line breaks from an input of one line, and blanks at
    the ends from an input for an e-mail address."""
    if kind in ("line", "email") and ("\n" in value or "\r" in value):
        return "text"
    return "line" if kind == "email" and value != value.strip() else kind


def missing_to_add(context: Context, view: RecordView) -> str | None:
    """The first required field of a new record that the person may not write; None if they may
    write every required field."""
    fixed = context.fields(view).fixed
    if not fixed:  # the usual case, which each list asks
        return None
    for name in (*view.get_form_columns(), *view.form_extra_fields):
        unbound = form_class_of(view).members.get(name)
        if unbound is not None and name in fixed and _is_required(view, name):
            return name
    return None


def _is_required(view: RecordView, name: str) -> bool:
    """Whether the form of a new record requires a field, as ``prepare_form`` leaves it."""
    form = view.cache.get("empty form", lambda: _empty_form(view), always=True)
    return name in form and bool(getattr(form[name], "required", False))


def _empty_form(view: RecordView) -> RecordForm:
    form = form_class_of(view)()
    view.prepare_form(form, created=True)
    return form


def may_add(context: Context, view: RecordView) -> bool:
    """Whether the person may create a record and may write every field that it needs. A page that
    links to the form of a new record asks this first."""
    return context.may("create", view) and missing_to_add(context, view) is None
