"""What options name that is not there, and what contradicts a view's model as a whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, get_args

from backoffice.admin.attributes import attribute_name
from backoffice.admin.checks.names import described, mapped_names, names_in, option, own, suggestion
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
    "form_args",
    "form_overrides",
    "form_kinds",
)
"""Options that say something of some attributes each."""

PRINTED = ("column_list", "column_details_list", "column_labels")
"""Those that may name what only the view's own ``cell`` or ``cells`` knows."""

WRITES = {"can_create": "create", "can_edit": "edit", "can_delete": "delete"}


def name_problems(view: RecordView) -> Iterator[str]:
    """What the options name that is not there, and what contradicts the model as a whole.

    ``view``: need not be registered, nor initialised.
    """
    yield from _read_only(view)
    extra = set(view.form_extra_fields)
    invented = set()
    if own(view, "cell") or own(view, "cells"):
        invented = {
            one
            for given in (view.column_list, view.column_details_list)
            for one in _given(given)
            if isinstance(one, str)
        }
    for name in (*LISTS, *MAPPINGS):
        more = (invented if name in PRINTED else set()) | (
            extra if name in MAPPINGS or name in PRINTED else set()
        )
        yield from names_in(view, name, _given(getattr(view, name)), more)
    yield from names_in(view, "column_default_sort", _sorted_by(view))
    yield from _kinds(view)
    yield from _pages(view)
    yield from _label(view)
    yield from _icon(view)


def _given(value: Any) -> Iterable[Any]:
    return () if isinstance(value, str) else value  # "__all__"


def _sorted_by(view: RecordView) -> list[Any]:
    default: Any = view.column_default_sort
    if not default:
        return []
    some = default if isinstance(default, list) else [default]
    return [one[0] if isinstance(one, tuple) else one for one in some]


def _read_only(view: RecordView) -> Iterator[str]:
    """A class without history is only shown; a view that says otherwise would be ignored."""
    if issubclass(view.model, Audited):
        return
    model = view.model.__name__
    for flag in (*WRITES, "has_history"):
        if own(view, flag) and getattr(view, flag):
            yield (
                f"{option(view, flag)}: {model} keeps no history and is read-only here. Make "
                f"{model} Audited, or take {flag} out."
            )


def relation_problems(view: RecordView, models: Collection[type]) -> Iterator[str]:
    """Relations that are shown and lead to records that no view shows; ``models``: those that
    some view does."""
    registered = set(models)
    parts = set(getattr(view.model, "links", ()))
    given: Mapping[str, Iterable[Any]] = {
        "column_list": view.get_list_columns(),
        "column_details_list": view.get_details_columns(),
        "form_columns": view.get_form_columns() if has_form(view) else (),
        "list_filters": view.list_filters,
        "column_searchable_list": view.column_searchable_list,
    }
    told = set()
    for name, attributes in given.items():
        for key in map(attribute_name, attributes):
            relation = view.mapper.relationships.get(key)
            if relation is None or key in parts or key in told:
                continue
            if not registered.intersection(relation.mapper.class_.__mro__):
                told.add(key)
                target = relation.mapper.class_.__name__
                how = "" if getattr(view, name) else f" Or name the columns in {name}."
                yield (
                    f"{option(view, name)}: {described(view, key)} leads to {target}, which no "
                    f"view shows. Put a view of {target} into VIEWS.{how}"
                )


def _kinds(view: RecordView) -> Iterator[str]:
    known = get_args(FieldKind)
    for kind in view.form_kinds.values():
        if kind not in known:
            yield (
                f"{option(view, 'form_kinds')}: {kind!r} is no kind of field."
                f"{suggestion(str(kind), known)}"
            )


def _pages(view: RecordView) -> Iterator[str]:
    sizes = list(view.page_size_options)
    if not sizes or view.page_size not in range(1, max(sizes) + 1):
        yield (
            f"{option(view, 'page_size')}: {view.page_size} is more than page_size_options offer. "
            f"Write page_size_options = [{view.page_size}, …]."
        )


def _label(view: RecordView) -> Iterator[str]:
    """What a record is called by is sorted and searched by, so it is columns."""
    names: Any = getattr(view.model, "label_from", None)
    if names is None:
        return
    known = mapped_names(view.mapper) - set(view.mapper.relationships.keys())
    where, model = described(view, "label_from"), view.model.__name__
    hint = next((name for name in _texts(view) if name not in names), "code")
    write = f'Write label_from = ("{hint}",) in {model}, by what its records are called.'
    if isinstance(names, str) or not names:
        yield f"{where} is {names!r}, and must name columns. {write}"
        return
    for name in names:
        if name not in known:
            yield f"{where}: {model} has no column {name!r}. {write}"


def _icon(view: RecordView) -> Iterator[str]:
    if view.icon and view.icon not in OUTLINES:
        hint = suggestion(view.icon, OUTLINES) or " Write the name of an outline, such as 'cube'."
        yield f"{option(view, 'icon')}: Heroicons have no outline {view.icon!r}.{hint}"


def _texts(view: RecordView) -> list[str]:
    return [
        name
        for name, column in view.mapper.columns.items()
        if kind_of(column).facet == "text" and "secret" not in getattr(column, "info", {})
    ]
