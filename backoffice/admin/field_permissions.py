"""Which fields of a record a person may see and change, and why not. Every screen asks these
questions: of the context (``Context.hidden``, ``may_see``, ``may_write``) or here.

A field is closed where the person's roles limit the fields of a view and none of them permits it.
A field that refers to other records is closed to people who may not list those. "–" replaces a
value that is not shown, and nobody can search, filter, sort by or change what they do not see.
"""

from collections.abc import Iterator
from typing import Any

from backoffice.admin.field_access import columns_read_by, guards_of
from backoffice.admin.view import Context, RecordView
from backoffice.language import _

HIDDEN_VALUE = "–"
"""Replaces a value that the person may not see."""


def why_hidden(context: Context, view: RecordView, name: str) -> str:
    """Why the person may not see a field, as the end of a sentence: "you don't have permission to
    see categories"."""
    refusing = refusing_view(context, view, name)
    if refusing is None:
        return _("you don't have permission to see it")
    return _("you don't have permission to see {labels}", labels=refusing.label_plural)


def refusing_view(context: Context, view: RecordView, name: str) -> RecordView | None:
    """The first view that the person would have to be allowed to list to see a field; None if they
    may list all of those."""
    guards: Any = guards_of(context.site.record_views, view).get(name, ())
    return next((guard for guard in guards if not context.may("list", guard)), None)


# What conditions and orders would tell ------------------------------------------------------


def reads_hidden_field(context: Context, expression: Any) -> bool:
    """Whether an SQL expression reads a column, of any view's table, that the person may not
    see."""
    hidden = hidden_columns(context)
    return bool(hidden) and not hidden.isdisjoint(columns_read_by(expression))


def hidden_columns(context: Context) -> frozenset[Any]:
    """The columns of all views' tables that the person may not see. Most people have none."""
    key = ("hidden columns", context.person.grants)
    return context.once(
        "hidden columns", lambda: context.site.cache.get(key, lambda: _find_hidden_columns(context))
    )


def _find_hidden_columns(context: Context) -> frozenset[Any]:
    return frozenset(
        column
        for view in context.site.record_views
        for name in context.hidden(view)
        if (column := view.mapper.columns.get(name)) is not None
    )


def unsearchable(context: Context, view: RecordView) -> frozenset[str]:
    """The fields that no word of the person's search is looked for in: those that they may not see,
    and relations to records whose labels they may not see."""
    return context.hidden(view).union(
        name for name, target in _related_views(view) if context.fields(target).label_hidden
    )


def unsortable(context: Context, view: RecordView) -> frozenset[str]:
    """The fields that the person's lists are not sorted by: the order would tell of a hidden value,
    or of the label of a record that they may not see."""
    relations = (
        *_related_views(view),
        *(
            (name, view.related_view(aggregate.relation_name))
            for name, aggregate in view.column_aggregates.items()
        ),
    )
    return unsearchable(context, view).union(
        name for name, target in relations if not context.sees_all(target)
    )


def why_unsortable(context: Context, view: RecordView, name: str) -> str:
    """Why a list is not sorted by a field, as the end of a sentence."""
    if not context.may_see(view, name):
        return why_hidden(context, view, name)
    aggregate = view.column_aggregates.get(name)
    labels = view.related_view(aggregate.relation_name if aggregate else name).label_plural
    return _("you don't have permission to see the names of all {labels}", labels=labels)


def _related_views(view: RecordView) -> Iterator[tuple[str, RecordView]]:
    """The relations to one record, each with the view of those records."""
    related: dict[str, RecordView] = view.cache.get(
        "related views", lambda: dict(_find_related_views(view)), always=True
    )
    return iter(related.items())


def _find_related_views(view: RecordView) -> Iterator[tuple[str, RecordView]]:
    for name, relation in view.mapper.relationships.items():
        target = view.site.nearest_view(relation.mapper.class_)
        if target is not None and not relation.uselist:
            yield name, target
