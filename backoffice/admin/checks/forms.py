"""Problems with a view's form: fields that cannot be changed, and columns that it lacks."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import MANYTOMANY, ColumnProperty, RelationshipProperty
from wtforms.fields.core import UnboundField

from backoffice.admin.attributes import attribute_name
from backoffice.admin.checks.names import option, qualified, sets
from backoffice.admin.forms.fields import RecordField
from backoffice.admin.options import has_form
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of


def form_problems(view: RecordView) -> Iterator[str]:
    """The problems with a view's form. ``view``: one that ``check_names`` passed."""
    if not has_form(view):
        return
    if not view.form_columns and not view.form_excluded_columns:
        model = view.model.__name__
        yield (
            f"{option(view, 'form_columns')} is missing: name the fields of the form, as "
            f"[{model}.{_example_column(view)}, …], or write can_create = can_edit = False."
        )
        return
    names = view.get_form_columns()
    for name in names:
        yield from _read_only_field(view, name)
    yield from _options_without_effect(view, names)
    if view.allows("create") and not sets(view, "apply"):
        yield from _missing_columns(view, names)


def _example_column(view: RecordView) -> str:
    names = (name for name, column in view.mapper.columns.items() if not column.primary_key)
    return next(names, "name")


def _read_only_field(view: RecordView, name: str) -> Iterator[str]:
    where, what = option(view, "form_columns"), qualified(view, name)
    remedy = "Remove it from form_columns."
    relation = view.mapper.relationships.get(name)
    if relation is not None:
        yield from _read_only_relation(view, name, relation)
        return
    prop = view.mapper.attrs.get(name)
    column = prop.columns[0] if isinstance(prop, ColumnProperty) else None
    if not isinstance(column, Column):
        yield (f"{where}: {what} is an expression, not a column, and cannot be changed. {remedy}")
    elif column.computed is not None:
        yield f"{where}: {what} is computed by the database and cannot be changed. {remedy}"
    elif column.identity is not None:
        yield f"{where}: {what} is numbered by the database and cannot be changed. {remedy}"
    elif column is view.mapper.version_id_col:
        yield f"{where}: {what} counts the record's versions and cannot be changed. {remedy}"


def _read_only_relation(
    view: RecordView, name: str, relation: RelationshipProperty[Any]
) -> Iterator[str]:
    where, what = option(view, "form_columns"), qualified(view, name)
    if relation.viewonly:
        yield (
            f"{where}: {what} is viewonly and cannot be changed. Remove it from form_columns; "
            "column_details_list shows it."
        )
    elif relation.uselist and relation.direction is not MANYTOMANY:
        target = relation.mapper.class_.__name__
        back = relation.back_populates or "…"
        yield (
            f"{where}: {what} leads to many {target} records, which hold the link themselves. "
            f"Remove it from form_columns, and put {target}.{back} into those of their own view."
        )


def _options_without_effect(view: RecordView, names: list[str]) -> Iterator[str]:
    fields = {*names, *view.form_extra_fields}
    for name in ("form_args", "form_overrides", "form_kinds"):
        for key in map(attribute_name, getattr(view, name)):
            if key not in names:
                why = "a form_extra_field says it itself" if key in fields else "not in the form"
                yield (
                    f"{option(view, name)}: {key!r} has no effect ({why}). Remove it, or put "
                    f"{qualified(view, key)} into form_columns."
                )
    overrides: dict[Any, Any] = view.form_overrides
    for key, override in overrides.items():
        if not (isinstance(override, type) and issubclass(override, RecordField)):
            yield (
                f"{option(view, 'form_overrides')}: {attribute_name(key)!r} must be a class of "
                "backoffice.admin.forms.fields, or one derived from RecordField."
            )
    extra: dict[str, Any] = view.form_extra_fields
    for key, field in extra.items():
        where = option(view, "form_extra_fields")
        if not (isinstance(field, UnboundField) and issubclass(field.field_class, RecordField)):
            yield (
                f"{where}: {key!r} must be a field of backoffice.admin.forms.fields, or of a class "
                "derived from RecordField."
            )
        elif key in names:
            yield f"{where}: {key!r} is in form_columns as well. Remove it from one of them."


def _missing_columns(view: RecordView, names: list[str]) -> Iterator[str]:
    """Required columns that the form of a new record does not fill in."""
    filled = {*names, *view.form_extra_fields}
    by_relation = {
        column
        for name in filled & set(view.mapper.relationships.keys())
        for column in view.mapper.relationships[name].local_columns
    }
    columns: dict[str, Any] = dict(view.mapper.columns.items())
    for name, column in columns.items():
        if (
            not isinstance(column, Column)
            or column in by_relation
            or not _is_required(view, column)
        ):
            continue
        where = option(view, "form_columns")
        if name in filled and kind_of(column).editable:
            continue
        if name in filled:
            yield (
                f"{where}: {qualified(view, name)} ({kind_of(column).name}) is required, and no "
                "form can fill it in. Give the column a default, or write can_create = False."
            )
        else:
            yield (
                f"{where} lacks {qualified(view, name)}, which is required (NOT NULL, without a "
                "default). Put it in, give the column a default, or write can_create = False."
            )


def _is_required(view: RecordView, column: Column[Any]) -> bool:
    mapper = view.mapper
    if column.nullable or column.default is not None or column.server_default is not None:
        return False
    if column.computed is not None or column.identity is not None:
        return False
    if column is column.table.autoincrement_column or column is mapper.version_id_col:
        return False
    if column is mapper.polymorphic_on and mapper.polymorphic_identity is not None:
        return False
    # A joined table takes its key from its parent table.
    return not (mapper.inherits is not None and column.primary_key and column.foreign_keys)
