"""Forms: built once for each view, from its columns and what their kinds say."""

from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import MANYTOMANY, MANYTOONE, RelationshipProperty
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from wtforms.fields.core import UnboundField

from backoffice.admin.attributes import attribute_name
from backoffice.admin.field_permissions import missing_view
from backoffice.admin.forms.fields import (
    ChecksField,
    ColumnField,
    LinksField,
    RecordField,
    RecordForm,
    RelationField,
    drawn_as,
)
from backoffice.admin.pages.form import FieldConflict, FormField
from backoffice.admin.pages.parts import Choice, Option, OptionGroup
from backoffice.admin.records.values import column_of
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind, kind_of

LOCKED = "locked"
"""Hidden field: names of the fields that the form showed as text when it was opened. They stay out
of it when it is posted, whatever has changed since: what is not there is not an empty value."""

OUR_FIELDS = frozenset({"csrf_token", "save", "find", "next", "version", "opened", "was", LOCKED})
"""Posted names that belong to the page and not to the record."""

OF_THE_RECORD = "field."
"""What a record's field is posted with before its name, where that name is one of ours."""


def form_class_of(view: RecordView) -> type[RecordForm]:
    """``build_form`` of a view, made once."""
    if "form" not in view.cache:
        view.cache["form"] = build_form(view)
    form: type[RecordForm] = view.cache["form"]
    return form


def build_form(view: RecordView) -> type[RecordForm]:
    """The form of a view's ``form_columns`` and, after them, ``form_extra_fields``.

    A column that no form can write (``why_not_written``) has no field.
    """
    members = {
        name: _field(view, name)
        for name in view.get_form_columns()
        if not why_not_written(view, name)
    }
    # Made again: WTForms puts fields in the order in which they were made, and these were first.
    extras: dict[str, Any] = view.form_extra_fields
    for name, extra in extras.items():
        options = extra.kwargs | {"name": posted_name(name)}
        members[name] = UnboundField(extra.field_class, *extra.args, **options)
    return type(f"{view.model.__name__}Form", (RecordForm,), {"members": members})


def posted_name(name: str) -> str:
    """What a record's field is called in the form: its name, if that is none of ours."""
    ours = name in OUR_FIELDS or name.startswith("choice_") or name.endswith("_find")
    return f"{OF_THE_RECORD}{name}" if ours else name


def why_not_written(view: RecordView, name: str) -> str:
    """Why no form of this view can write an attribute, as a sentence; "" if one can."""
    if name in view.mapper.relationships:
        return _why_not_linked(view.mapper.relationships[name])
    column = column_of(view, name)
    if column is None or column.computed is not None:
        return "This is computed. It cannot be changed by itself."
    if column.identity is not None or _is_given(column):
        return "The database gives this number."
    kind = kind_of(column)
    is_ours = name in map(attribute_name, view.form_overrides)
    if not is_ours and (not kind.editable or drawn_as(kind, nullable=True) == "locked"):
        return "Values of this kind cannot be edited here."
    return ""


def _why_not_linked(relation: RelationshipProperty[Any]) -> str:
    if relation.viewonly:
        return "This is computed. It cannot be changed by itself."
    if relation.lazy in ("dynamic", "write_only", "raise"):
        return "Lists of this length cannot be edited here."
    if relation.direction in (MANYTOONE, MANYTOMANY):
        return ""
    return "This is changed from the other side."


def _is_given(column: Column[Any]) -> bool:
    """Whether the database counts the column up by itself."""
    return column.table.autoincrement_column is column


def is_of_key(view: RecordView, name: str) -> bool:
    """Whether an attribute or a relation is a part of the record's key, which never changes."""
    keys = set(view.mapper.primary_key)
    if name in view.mapper.relationships:
        relation = view.mapper.relationships[name]
        return relation.direction is MANYTOONE and not keys.isdisjoint(relation.local_columns)
    return column_of(view, name) in keys


def _field(view: RecordView, name: str) -> Any:
    options: dict[str, Any] = {
        "label": view.label_for(name),
        "unit": view.unit_for(name),
        "name": posted_name(name),
    }
    factory: type[RecordField]
    of_column: dict[str, Any] = {}
    if name in view.mapper.relationships:
        relation = view.mapper.relationships[name]
        if relation.direction is MANYTOONE:
            options["required"] = not any(column.nullable for column in relation.local_columns)
            factory = RelationField
        else:
            factory = LinksField
    else:
        column = column_of(view, name)
        assert column is not None
        factory = ColumnField
        options["required"] = not column.nullable and not _has_default(column)
        options["description"] = column.doc or kind_of(column).hint
        options["default"] = _default(column)
        of_column = {
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
    made_by: Any = overrides.get(name, factory)
    asks_its_kind = isinstance(made_by, type) and issubclass(made_by, ColumnField)
    return made_by(**options, **(of_column if asks_its_kind else {}))


def _has_default(column: Column[Any]) -> bool:
    return column.default is not None or column.server_default is not None


def _default(column: Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


def why_kept(kind: Kind, value: Any) -> str:
    """Why a stored value of that kind cannot be edited, as a sentence; "" if it can."""
    if value is None:
        return ""
    if kind.too_long_to_edit(value):
        return "This is too long to be edited here. It stays as it is."
    if isinstance(value, str) and "\x00" in value:
        return "This holds characters that no form can hold. It stays as it is."
    return ""


def draw(
    field: Any,
    choice: Choice | None = None,
    groups: tuple[OptionGroup, ...] = (),
    conflict: FieldConflict | None = None,
) -> FormField:
    """What the template needs of a field, with what was typed and the first error."""
    is_column = isinstance(field, ColumnField)
    value = "" if isinstance(field, ChecksField) else field._value()
    if is_column and field.kind == "choice":
        options = tuple(Option(text, label, text == value) for text, label in field.choices)
        choice = Choice(name=field.name, label=str(field.label.text), options=options)
    return FormField(
        name=field.name,
        label=str(field.label.text),
        kind=_kind_for(field.kind, value),
        value=value,
        checked=field.kind == "boolean" and bool(field.data),
        error=str(field.errors[0]) if field.errors else "",
        help=str(field.description or ""),
        unit=field.unit,
        required=field.must_be_filled if is_column else field.required,
        blank="Not set" if is_column else "None",
        maximum=field.maximum,
        autocomplete=field.autocomplete,
        choice=choice,
        groups=groups,
        conflict=conflict,
    )


def _kind_for(kind: Any, value: str) -> Any:
    """The control for a text: a box of one line would drop its line breaks, and one for an address
    the blanks at its ends."""
    if kind in ("line", "email") and ("\n" in value or "\r" in value):
        return "text"
    return "line" if kind == "email" and value != value.strip() else kind


def missing_to_add(context: Context, view: RecordView) -> tuple[str, RecordView] | None:
    """The first required field of a new record that the person may not see, with the view that
    they would have to be allowed to list; None where they can fill in the form."""
    for name in view.get_form_columns():
        field = form_class_of(view).members.get(name)
        if field is not None and name in context.hidden(view) and field.kwargs.get("required"):
            guard = missing_view(context, view, name)
            return name, guard if guard is not None else view
    return None


def may_add(context: Context, view: RecordView) -> bool:
    """Whether the person may create a record and can choose all that it needs; every link to the
    form of a new record asks it."""
    return context.may("create", view) and missing_to_add(context, view) is None
