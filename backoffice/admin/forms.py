"""Forms: built once for each view, from its columns."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Text
from sqlalchemy.orm import MANYTOONE, ColumnProperty
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from wtforms import Form
from wtforms.fields.core import UnboundField

from backoffice.admin import fields
from backoffice.admin.columns import plain_type, python_type
from backoffice.admin.pages import Choice, FieldConflict, FormField, Option, OptionGroup
from backoffice.admin.view import attribute_name

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView


class UnknownColumn(TypeError):
    """A form column whose type has no field; the view must say which through form_overrides."""


def build_form(view: "RecordView") -> type[Form]:
    """The WTForms class of a view's ``form_columns`` and, after them, ``form_extra_fields``.

    Raises:
        UnknownColumn: a column's type has no field.
    """
    members = {name: _field(view, name) for name in view.get_form_columns()}
    # Made again: WTForms puts fields in the order in which they were made, and these were first.
    extras: dict[str, Any] = view.form_extra_fields
    for name, extra in extras.items():
        members[name] = UnboundField(extra.field_class, *extra.args, **extra.kwargs)
    return type(f"{view.model.__name__}Form", (Form,), members)


def _field(view: "RecordView", name: str) -> Any:
    options: dict[str, Any] = {"label": view.label_for(name), "unit": view.unit_for(name)}
    if name in view.mapper.relationships:
        relation = view.mapper.relationships[name]
        if relation.direction is not MANYTOONE:
            raise UnknownColumn(f"{view.model.__name__}.{name}: a form edits its own links only")
        options["required"] = not any(column.nullable for column in relation.local_columns)
        factory: Callable[..., Any] = fields.RelationField
    else:
        prop = view.mapper.attrs[name]
        if not isinstance(prop, ColumnProperty) or not isinstance(prop.columns[0], Column):
            raise UnknownColumn(f"{view.model.__name__}.{name}: only columns can be edited")
        column = prop.columns[0]
        options["required"] = _required(column)
        options["description"] = column.doc or ""
        options["default"] = _default(column)
        factory, extra = _factory(view, column)
        options |= extra
    kinds = {attribute_name(attribute): kind for attribute, kind in view.form_kinds.items()}
    if name in kinds:
        options["kind"] = kinds[name]
    options |= view.form_args.get(name, {})
    overrides = {attribute_name(key): override for key, override in view.form_overrides.items()}
    return overrides.get(name, factory)(**options)


def _required(column: Column[Any]) -> bool:
    return not column.nullable and column.default is None and column.server_default is None


def _default(column: Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


def _factory(view: "RecordView", column: Column[Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    implementation = plain_type(column.type)
    if isinstance(implementation, Text):
        return fields.TextField, {"maximum": fields.LONGEST_TEXT}
    values = python_type(column.type)
    if issubclass(values, Enum):
        return fields.EnumField, {"members": values}
    if isinstance(implementation, String):
        return fields.LineField, {"maximum": implementation.length}
    for known, factory in _FACTORIES:
        if issubclass(values, known):
            return factory, {}
    raise UnknownColumn(
        f"{view.model.__name__}.{column.key}: no form field for {column.type!r}; "
        "name one in form_overrides"
    )


_FACTORIES: tuple[tuple[type, Callable[..., Any]], ...] = (
    (bool, fields.BooleanField),
    (int, fields.WholeNumberField),
    (Decimal, fields.DecimalField),
    (datetime, fields.MomentField),
    (date, fields.DateField),
)


def draw(
    field: Any,
    choice: Choice | None = None,
    groups: tuple[OptionGroup, ...] = (),
    conflict: FieldConflict | None = None,
) -> FormField:
    """What the template needs of a field, with what was typed and the first error."""
    if isinstance(field, fields.EnumField):
        chosen = field._value()
        choice = Choice(
            name=field.name,
            label=str(field.label.text),
            options=tuple(
                Option(member.name, str(member.value), member.name == chosen)
                for member in field.members
            ),
        )
    return FormField(
        name=field.name,
        label=str(field.label.text),
        kind=field.kind,
        value="" if field.kind in ("boolean", "checks") else field._value(),
        checked=field.kind == "boolean" and bool(field.data),
        error=str(field.errors[0]) if field.errors else "",
        help=str(field.description or ""),
        unit=field.unit,
        required=field.required,
        maximum=field.maximum,
        autocomplete=field.autocomplete,
        choice=choice,
        groups=groups,
        conflict=conflict,
    )
