"""Problems with a view's options: names that do not exist, and what contradicts the model."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, get_args

from backoffice.admin.attributes import attribute_name
from backoffice.admin.checks.aggregates import aggregate_name_problems
from backoffice.admin.checks.names import (
    attribute_problems,
    mapped_names,
    option,
    qualified,
    sets,
    suggestion,
)
from backoffice.admin.options import has_form
from backoffice.admin.pages.icons import OUTLINES
from backoffice.admin.pages.parts import FieldKind
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of
from backoffice.models import Audited

LISTS = (
    "column_list",
    "column_exclude_list",
    "column_details_list",
    "column_details_exclude_list",
    "column_searchable_list",
    "column_sortable_list",
    "list_filters",
    "always_loaded",
    "form_columns",
    "form_excluded_columns",
)
"""Options that are sequences of attributes."""

MAPPINGS = (
    "column_labels",
    "column_units",
    "column_marks",
    "value_marks",
    "form_args",
    "form_overrides",
    "form_kinds",
)
"""Options that are mappings by attribute."""

NAMES_AGGREGATES = ("column_list", "column_details_list", "column_sortable_list")
"""Options that may name the columns of ``column_aggregates``."""

PRINTED = ("column_list", "column_details_list", "column_labels")
"""Options that may name what is not an attribute: the view's ``cell`` or ``cells`` prints it."""

WRITES = {"can_create": "create", "can_edit": "edit", "can_delete": "delete"}


def name_problems(view: RecordView) -> Iterator[str]:
    """The problems with the options of a view, which need not be registered or initialised."""
    yield from _read_only_problems(view)
    extra = set(view.form_extra_fields)
    printed = set()
    if sets(view, "cell") or sets(view, "cells"):
        printed = {
            name
            for value in (view.column_list, view.column_details_list)
            for name in _attributes(value)
            if isinstance(name, str)
        }
    for name in (*LISTS, *MAPPINGS):
        more = (printed if name in PRINTED else set()) | (
            extra if name in MAPPINGS or name in PRINTED else set()
        )
        more |= set(view.column_aggregates) if name in NAMES_AGGREGATES else set()
        yield from attribute_problems(view, name, _attributes(getattr(view, name)), more)
    yield from aggregate_name_problems(view)
    yield from attribute_problems(view, "column_default_sort", _default_sort_attributes(view))
    yield from _form_kind_problems(view)
    yield from _page_size_problems(view)
    yield from _label_problems(view)
    yield from _icon_problems(view)
    if sets(view, "may_condition") and not sets(view, "may"):
        yield (
            f"{option(view, 'may_condition')} is the SQL form of may, but {type(view).__name__} "
            "has no may, so nothing would check single records. Write both."
        )


def _attributes(value: Any) -> Iterable[Any]:
    return () if isinstance(value, str) else value  # "__all__" names no attribute


def _default_sort_attributes(view: RecordView) -> list[Any]:
    default: Any = view.column_default_sort
    if not default:
        return []
    terms = default if isinstance(default, list) else [default]
    return [term[0] if isinstance(term, tuple) else term for term in terms]


def _read_only_problems(view: RecordView) -> Iterator[str]:
    """A model without history is read-only. A view that turns on its form would be ignored."""
    if issubclass(view.model, Audited):
        return
    model = view.model.__name__
    for flag in (*WRITES, "has_history"):
        if sets(view, flag) and getattr(view, flag):
            yield (
                f"{option(view, flag)}: {model} has no history and is read-only here. Make "
                f"{model} Audited, or remove {flag}."
            )


def relation_problems(view: RecordView, models: Collection[type]) -> Iterator[str]:
    """Relations that a view shows, to records that no view shows. ``models``: all that have a
    view."""
    registered = set(models)
    parts = set(getattr(view.model, "links", ()))
    shown: Mapping[str, Iterable[Any]] = {
        "column_list": view.get_list_columns(),
        "column_details_list": view.get_details_columns(),
        "form_columns": view.get_form_columns() if has_form(view) else (),
        "list_filters": view.list_filters,
        "column_searchable_list": view.column_searchable_list,
    }
    reported = set()
    for name, attributes in shown.items():
        for key in map(attribute_name, attributes):
            relation = view.mapper.relationships.get(key)
            if relation is None or key in parts or key in reported:
                continue
            if not registered.intersection(relation.mapper.class_.__mro__):
                reported.add(key)
                target = relation.mapper.class_.__name__
                how = "" if getattr(view, name) else f" Or name the columns in {name}."
                yield (
                    f"{option(view, name)}: {qualified(view, key)} leads to {target}, which no "
                    f"view shows. Put a view of {target} into VIEWS.{how}"
                )


def _form_kind_problems(view: RecordView) -> Iterator[str]:
    known = get_args(FieldKind)
    for kind in view.form_kinds.values():
        if kind not in known:
            yield (
                f"{option(view, 'form_kinds')}: {kind!r} is not a kind of field."
                f"{suggestion(str(kind), known)}"
            )


def _page_size_problems(view: RecordView) -> Iterator[str]:
    sizes = list(view.page_size_options)
    if not sizes or view.page_size not in range(1, max(sizes) + 1):
        yield (
            f"{option(view, 'page_size')}: {view.page_size} is more than page_size_options offers. "
            f"Write page_size_options = [{view.page_size}, …]."
        )


def _label_problems(view: RecordView) -> Iterator[str]:
    """``label_from`` has to name columns, since lists sort and search by it."""
    names: Any = getattr(view.model, "label_from", None)
    if names is None:
        return
    known = mapped_names(view.mapper) - set(view.mapper.relationships.keys())
    where, model = qualified(view, "label_from"), view.model.__name__
    hint = next((name for name in _text_columns(view) if name not in names), "code")
    write = f'Write label_from = ("{hint}",) in {model}: the columns that name a record.'
    if isinstance(names, str) or not names:
        yield f"{where} is {names!r}, but must name columns. {write}"
        return
    for name in names:
        if name not in known:
            yield f"{where}: {model} has no column {name!r}. {write}"


def _icon_problems(view: RecordView) -> Iterator[str]:
    if view.icon and view.icon not in OUTLINES:
        hint = suggestion(view.icon, OUTLINES) or " Write the name of an outline, such as 'cube'."
        yield f"{option(view, 'icon')}: Heroicons has no outline {view.icon!r}.{hint}"


def _text_columns(view: RecordView) -> list[str]:
    return [
        name
        for name, column in view.mapper.columns.items()
        if kind_of(column).facet == "text" and "secret" not in getattr(column, "info", {})
    ]
