"""Which fields of a record a person may see: one question, asked by every screen.

A field that leads to other records may be seen by who may list those. Who may not sees "–" in its
place, and cannot search, filter or sort by it, nor change it. ``Visit.may_see`` is how to ask;
rules for single fields belong into ``hidden_fields``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import ONETOMANY
from sqlalchemy.sql import visitors

if TYPE_CHECKING:
    from backoffice.admin.context import Visit
    from backoffice.admin.view import RecordView

HIDDEN = "–"
"""What is shown in place of a value that the person may not see."""


Guards = Mapping[str, tuple["RecordView", ...]]

_GUARDS: WeakKeyDictionary["RecordView", Guards] = WeakKeyDictionary()
"""The same for everybody, and found out by the first request: not as a property of the view, which
SQLAdmin reads while it registers them, when others are still missing."""


def guards_of(view: "RecordView") -> Guards:
    """The fields of ``view`` that lead to other records, each with the views that one must be
    allowed to list to see it.

    A relation to one record, and the foreign key column under it: the view of that record. A
    relation to many is the same fact read from the other end, so it takes both views. Links (a
    user's roles) are part of their owner and are seen with it. Records that no view shows are
    nobody's to list, and guard nothing.
    """
    if view not in _GUARDS:
        _GUARDS[view] = _find_guards(view)
    return _GUARDS[view]


def _find_guards(view: "RecordView") -> Guards:
    views = {one.mapper.local_table: one for one in view.site.record_views}
    links = getattr(view.model, "links", ())
    guards: dict[str, tuple[RecordView, ...]] = {}
    for name, relation in view.mapper.relationships.items():
        target = views.get(relation.mapper.local_table)
        if target is not None and name not in links:
            ends = (target, view) if relation.direction is ONETOMANY else (target,)
            guards[name] = ends
    for name, column in view.mapper.columns.items():
        if column.primary_key:
            continue
        targets = (views.get(key.column.table) for key in column.foreign_keys)
        if found := tuple(target for target in targets if target is not None):
            guards[name] = found
    return guards


def hidden_fields(visit: "Visit", view: "RecordView") -> frozenset[str]:
    """The names of the fields of ``view`` that the person may not see. No statement is run.

    ``Visit.hidden`` keeps the answer for the request.
    """
    return frozenset(
        name
        for name, guards in guards_of(view).items()
        if not all(visit.may("list", guard) for guard in guards)
    )


def why_hidden(visit: "Visit", view: "RecordView", name: str) -> str:
    """Why the person may not see a field, as a sentence's end: "you may not list categories"."""
    guard = _missing(visit, view, name)
    return f"you may not list {guard.nouns}" if guard is not None else "you may not see it"


def missing_to_add(visit: "Visit", view: "RecordView") -> tuple[str, "RecordView"] | None:
    """The first required field of a new record that the person may not see, with the view that
    they would have to be allowed to list; None where they can fill in the form."""
    for name in view.get_form_columns():
        field = view.form_class.members.get(name)
        if field is not None and name in visit.hidden(view) and field.kwargs.get("required"):
            guard = _missing(visit, view, name)
            return name, guard if guard is not None else view
    return None


def may_add(visit: "Visit", view: "RecordView") -> bool:
    """Whether the person may create a record and can choose all that it needs; every link to the
    form of a new record asks it."""
    return visit.may("create", view) and missing_to_add(visit, view) is None


def shows_hidden(view: "RecordView", expression: Any, hidden: frozenset[str]) -> bool:
    """Whether an SQL expression reads a column of ``view`` that is among ``hidden``."""
    columns = {view.mapper.columns[name] for name in hidden if name in view.mapper.columns}
    if not columns:
        return False
    parts = visitors.iterate(getattr(expression, "expression", expression))
    return any(not columns.isdisjoint(getattr(part, "base_columns", ())) for part in parts)


def _missing(visit: "Visit", view: "RecordView", name: str) -> "RecordView | None":
    guards = guards_of(view).get(name, ())
    return next((guard for guard in guards if not visit.may("list", guard)), None)
