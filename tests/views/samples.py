"""A record of any view, as somebody types it: found out from the view's own form."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice.admin.forms.build import form_class_of
from backoffice.admin.forms.fields import ColumnField, RelationField
from backoffice.admin.records.keys import key_expression
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from tests.cast import PASSWORD, Browser, text_of

WORDS = ("line", "text", "email")
SHOWN = (*WORDS, "number", "money")
"""Kinds of fields whose value is on the page as it was typed."""


@dataclass(frozen=True)
class Sample:
    """Fields that make a valid record, in the form's order; their values differ by ``number``.

    ``changed``: one of them with another value, which its details page shows. ``required``: the
    first that must be filled in with words. ``unique``: whether a second record like it is refused.
    """

    typed: dict[str, str]
    changed: tuple[str, str]
    required: str
    others: tuple[str, ...]
    unique: bool


def sample(browser: Browser, view: RecordView, database: Database, number: int = 1) -> Sample:
    """A record for ``view``. Those that it must be linked to are made, by ``browser``."""
    form = form_class_of(view)()
    view.prepare_form(form, created=True)
    fields: list[Any] = list(form)
    typed: dict[str, str] = {}
    for position, field in enumerate(fields):
        if isinstance(field, RelationField):
            target = view.related_view(field.name)
            value = str(create(browser, target, database, number * 100 + position))
        else:
            value = written(field, number)
        if value:
            typed[field.name] = value
    words = [field.name for field in fields if field.kind in WORDS and field.required]
    shown = [field for field in fields if field.kind in SHOWN]
    # A field that may be the same in many records, if there is one: that is what people edit.
    unique = unique_names(view)
    another = min(shown, key=lambda field: (field.name in unique, field.kind not in WORDS))
    return Sample(
        typed,
        changed=(another.name, written(another, number + 50)),
        required=words[0],
        others=tuple(field.name for field in shown if field.name != words[0]),
        unique=bool(unique & typed.keys()),
    )


def create(browser: Browser, view: RecordView, database: Database, number: int = 1) -> int:
    """Add a sample through the screens, and return its key."""
    return add(browser, view, database, sample(browser, view, database, number))


def add(browser: Browser, view: RecordView, database: Database, made: Sample) -> int:
    """Add that record through the screens, and return its key."""
    path = f"/admin/{view.identity}/create"
    browser.get(path)
    response = browser.post(path, {**made.typed, "save": "Save"})
    assert response.status_code == 303, text_of(response)
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.max(key_expression(view)))) or 0


def written(field: Any, number: int) -> str:
    """What somebody types into a field that is not a relation; "" for nothing."""
    if isinstance(field, ColumnField) and field.kind == "choice":
        return field.value_kind.choices[0][0]
    match field.kind:
        case "line" | "text":
            return f"{field.label.text} × {number}"[-(field.maximum or 1000) :]
        case "email":
            return f"somebody{number}@example.com"
        case "number":
            return str(number)
        case "money":
            return f"{number}.25"
        case "boolean":
            return "true" if field.default else ""
        case "moment":
            return "2026-03-31T14:30:00"
        case "date":
            return "2026-03-31"
        case "password":
            return PASSWORD
    assert not field.required, f"say in tests/views/samples.py what is typed into {field.kind!r}"
    return ""


def unique_names(view: RecordView) -> set[str]:
    """The attributes that no two records share."""
    table = view.mapper.local_table
    assert isinstance(table, sa.Table)
    alone = [
        next(iter(constraint.columns))
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint) and len(constraint.columns) == 1
    ]
    return {view.mapper.get_property_by_column(column).key for column in alone}
