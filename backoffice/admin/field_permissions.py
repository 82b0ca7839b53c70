"""Which fields of a record a person may see. Every screen asks this one question, by
``Context.may_see``.

A person may see a field that refers to other records only if they may list those records. Where
they may not, "–" replaces the value, and they cannot search, filter, sort by or change the field.
Rules for single fields belong into ``hidden_fields`` (``admin/view.py``).
"""

from typing import Any

from sqlalchemy.sql import visitors

from backoffice.admin.view import Context, RecordView, guards_of

HIDDEN_VALUE = "–"
"""Replaces a value that the person may not see."""


def why_hidden(context: Context, view: RecordView, name: str) -> str:
    """Why the person may not see a field, as the end of a sentence: "you may not list
    categories"."""
    refusing = refusing_view(context, view, name)
    return f"you may not list {refusing.label_plural}" if refusing else "you may not see it"


def reads_hidden_field(view: RecordView, expression: Any, hidden: frozenset[str]) -> bool:
    """Whether an SQL expression reads a column of ``view`` that is among ``hidden``."""
    columns = {view.mapper.columns[name] for name in hidden if name in view.mapper.columns}
    if not columns:
        return False
    parts = visitors.iterate(getattr(expression, "expression", expression))
    return any(not columns.isdisjoint(getattr(part, "base_columns", ())) for part in parts)


def refusing_view(context: Context, view: RecordView, name: str) -> RecordView | None:
    """The first view that the person would have to be allowed to list to see a field; None if they
    may list all of those."""
    guards = guards_of(view).get(name, ())
    return next((guard for guard in guards if not context.may("list", guard)), None)
