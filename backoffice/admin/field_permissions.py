"""Which fields of a record a person may see: one question, asked by every screen.

A field that leads to other records may be seen by who may list those. Who may not sees "–" in its
place, and cannot search, filter or sort by it, nor change it. ``Context.may_see`` is how to ask;
rules for single fields belong into ``hidden_fields``.
"""

from typing import Any

from sqlalchemy.sql import visitors

from backoffice.admin.view import Context, RecordView, guards_of

HIDDEN = "–"
"""What is shown in place of a value that the person may not see."""


def why_hidden(context: Context, view: RecordView, name: str) -> str:
    """Why the person may not see a field, as a sentence's end: "you may not list categories"."""
    guard = missing_view(context, view, name)
    return f"you may not list {guard.label_plural}" if guard is not None else "you may not see it"


def shows_hidden(view: RecordView, expression: Any, hidden: frozenset[str]) -> bool:
    """Whether an SQL expression reads a column of ``view`` that is among ``hidden``."""
    columns = {view.mapper.columns[name] for name in hidden if name in view.mapper.columns}
    if not columns:
        return False
    parts = visitors.iterate(getattr(expression, "expression", expression))
    return any(not columns.isdisjoint(getattr(part, "base_columns", ())) for part in parts)


def missing_view(context: Context, view: RecordView, name: str) -> RecordView | None:
    guards = guards_of(view).get(name, ())
    return next((guard for guard in guards if not context.may("list", guard)), None)
