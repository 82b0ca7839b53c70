"""How values print: one cell per column type."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Text
from sqlalchemy.orm import Mapper

from backoffice.admin.columns import plain_type, python_type
from backoffice.admin.field_rules import HIDDEN
from backoffice.admin.keys import in_address, key_in
from backoffice.admin.pages import Cell, CellKind, Mark
from backoffice.config import Settings

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

LONG = 80
"""Characters of a long text that a list shows; the whole is on hover and on the details page."""


@cache
def kind_of(mapper: Mapper[Any], name: str) -> CellKind:
    """How the attribute ``name`` prints, by its column's type."""
    if name in mapper.relationships:
        return "relation"
    if name not in mapper.columns:
        return "text"
    column_type = mapper.columns[name].type
    values = python_type(column_type)
    if values is bool:
        return "boolean"
    if values is Decimal:
        return "money"
    if values in (int, float):
        return "number"
    if values in (datetime, date):
        return "moment"
    if name == "email":
        return "email"
    return "long" if isinstance(plain_type(column_type), Text) else "text"


def cell_for(visit: "Visit", view: "RecordView", record: Any, name: str) -> Cell:
    """The cell of one attribute of a loaded record."""
    cell = _printer(view.mapper, name)(visit, getattr(record, name))
    return _marked(visit, record, cell, view.marks.get(name))


def cells_for(
    visit: "Visit", view: "RecordView", records: Sequence[Any], names: Sequence[str]
) -> list[list[Cell]]:
    """``cell_for`` of several records' attributes, a row for each record: what is the same for a
    column is asked once."""
    columns = [(name, _printer(view.mapper, name), view.marks.get(name)) for name in names]
    return [
        [
            _marked(visit, record, print_cell(visit, getattr(record, name)), mark)
            if mark
            else print_cell(visit, getattr(record, name))
            for name, print_cell, mark in columns
        ]
        for record in records
    ]


def _marked(
    visit: "Visit", record: Any, cell: Cell, mark: Callable[["Visit", Any], Mark | None] | None
) -> Cell:
    if mark and (said := mark(visit, record)):
        cell.mark, cell.tone = said
    return cell


def seen_cell(visit: "Visit", view: "RecordView", record: Any, name: str) -> Cell:
    """The cell of one field as the view prints it; "–" where the person may not see the field,
    whose value is not even read then."""
    return view.cell(visit, record, name) if visit.may_see(view, name) else hidden_cell()


def seen_cells(
    visit: "Visit", view: "RecordView", records: Sequence[Any], names: Sequence[str]
) -> list[list[Cell]]:
    """``seen_cell`` of several records' fields, a row for each record."""
    hidden = visit.hidden(view)
    if not hidden.intersection(names):
        return view.cells(visit, records, names)
    rows = view.cells(visit, records, [name for name in names if name not in hidden])
    return [
        [hidden_cell() if name in hidden else next(cells) for name in names]
        for cells in map(iter, rows)
    ]


def hidden_cell() -> Cell:
    """What is shown for a value that the person may not see."""
    return Cell(HIDDEN, "hidden", tone="muted")


Printer = Callable[["Visit", Any], Cell]


@cache
def _printer(mapper: Mapper[Any], name: str) -> Printer:
    """What prints the attribute ``name``: chosen once, and not for every cell."""
    kind = kind_of(mapper, name)
    if kind == "relation":
        return _relation

    def print_value(visit: "Visit", value: Any) -> Cell:
        return value_cell(visit.settings, kind, value)

    def print_text(visit: "Visit", value: Any) -> Cell:
        if type(value) is not str:
            return value_cell(visit.settings, kind, value)
        return Cell(value, kind, None, value if len(value) > LONG else None)

    def print_number(visit: "Visit", value: Any) -> Cell:
        return Cell("" if value is None else f"{value:,}", kind)

    def print_key(visit: "Visit", value: Any) -> Cell:
        return Cell("" if value is None else str(value), kind)

    if kind == "number" and _is_key(mapper, name):
        return print_key
    if kind in ("number", "money"):
        return print_number
    return print_text if kind in ("text", "long", "email") else print_value


def _is_key(mapper: Mapper[Any], name: str) -> bool:
    """Whether the number only names a record: 1781 is no quantity, and is typed as it stands."""
    column: ColumnElement[Any] = mapper.columns[name]
    return isinstance(column, Column) and (column.primary_key or bool(column.foreign_keys))


def value_cell(settings: Settings, kind: CellKind, value: Any) -> Cell:
    """The cell of a plain value. None prints as an empty mark."""
    if value is None or value == "":
        return Cell("", kind)
    if kind == "boolean":
        return Cell("Yes" if value else "No", kind, tone="success" if value else "muted")
    if kind in ("money", "number"):
        return Cell(f"{value:,}", kind)
    if isinstance(value, datetime):
        return Cell(relative(value, datetime.now(UTC)), kind, hover=exact(settings, value))
    if isinstance(value, Enum):
        return Cell(str(value.value), kind)
    text = str(value)
    return Cell(text, kind, hover=text if len(text) > LONG else None)


def exact(settings: Settings, moment: datetime) -> str:
    """A moment to the second, in the zone of the settings, with that zone's name."""
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def relative(moment: datetime, now: datetime) -> str:
    """How long ago (or ahead) a moment is, in words: "3 days ago"."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 45:
        return "just now"
    for limit, length, word in _STEPS:
        if abs(seconds) < limit:
            count = max(1, round(abs(seconds) / length))
            span = f"{count} {word}{'' if count == 1 else 's'}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    raise AssertionError("the last step has no limit")


_STEPS = (
    (45 * 60, 60, "minute"),
    (22 * 3600, 3600, "hour"),
    (26 * 86400, 86400, "day"),
    (320 * 86400, 30.44 * 86400, "month"),
    (float("inf"), 365.25 * 86400, "year"),
)


def _relation(visit: "Visit", related: Any) -> Cell:
    if related is None:
        return Cell("", "relation")
    model = type(related)
    # Asked once a page, not for every row: nobody's rights change within a unit of work.
    addresses: dict[type, str | None] = visit.session.info.setdefault(_ADDRESSES, {})
    if model not in addresses:
        view = visit.site.view_of(model)
        may = visit.may("details", view)
        addresses[model] = visit.site.href(view.identity, "details", "") if may else None
    address = addresses[model]
    if address is None:
        return Cell(str(related), "relation")
    return Cell(str(related), "relation", address + in_address(key_in(related)))


_ADDRESSES = "backoffice.details_addresses"
