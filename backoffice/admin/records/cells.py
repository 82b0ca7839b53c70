"""How values print: as the kind of their column says."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import Mapper

from backoffice.admin.attributes import attribute_of
from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.parts import Cell, CellKind, Mark
from backoffice.admin.records.keys import in_address, key_writer
from backoffice.admin.records.labels import record_label
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind
from backoffice.columns import kind_of as kind_of_column
from backoffice.columns.kind import Align
from backoffice.config import Settings

LONG = 80
"""Characters of a long text that a list shows; the whole is on hover and on the details page."""


@cache
def value_kind(mapper: Mapper[Any], name: str) -> Kind | None:
    """The kind of the attribute ``name``: a column, or an expression that the model computes. None
    where SQL knows no type of it, as of a relation or a plain property of Python."""
    model: Any = mapper.class_
    attribute = attribute_of(model, name)
    return None if attribute is None else kind_of_column(attribute)


@cache
def kind_of(mapper: Mapper[Any], name: str) -> CellKind:
    """How the attribute ``name`` prints."""
    if name in mapper.relationships:
        return "relation"
    kind = value_kind(mapper, name)
    if kind is None:
        return "text"
    return "email" if name == "email" and kind.print == "text" else kind.print


def column_align(mapper: Mapper[Any], name: str) -> Align:
    """At which side of its column the attribute ``name`` prints."""
    kind = value_kind(mapper, name)
    return "left" if kind is None else kind.align


def column_kind(view: RecordView, name: str) -> CellKind:
    """How a column of a view's list prints."""
    return view.column_kind(name) or kind_of(view.mapper, name)


def cell_for(context: Context, view: RecordView, record: Any, name: str) -> Cell:
    """The cell of one attribute of a loaded record: the view's own, else as its kind says."""
    own = view.cell(context, record, name)
    if own is not None:
        return own
    cell = _printer(view.mapper, name)(context, getattr(record, name))
    return _marked(context, record, cell, view.marks.get(name))


def cells_for(
    context: Context, view: RecordView, records: Sequence[Any], names: Sequence[str]
) -> list[list[Cell]]:
    """``cell_for`` of several records' attributes, a row for each record: what is the same for a
    column is asked once."""
    own = view.cells(context, records, names)
    if own is not None:
        return own
    if type(view).cell is not RecordView.cell:
        return [[cell_for(context, view, record, name) for name in names] for record in records]
    columns = [(name, _printer(view.mapper, name), view.marks.get(name)) for name in names]
    return [
        [
            _marked(context, record, print_cell(context, getattr(record, name)), mark)
            if mark
            else print_cell(context, getattr(record, name))
            for name, print_cell, mark in columns
        ]
        for record in records
    ]


def _marked(
    context: Context,
    record: Any,
    cell: Cell,
    mark: Callable[[Context, Any], Mark | None] | None,
) -> Cell:
    if mark and (said := mark(context, record)):
        cell.mark, cell.tone = said
    return cell


def seen_cell(context: Context, view: RecordView, record: Any, name: str) -> Cell:
    """The cell of one field as the view prints it; "–" where the person may not see the field,
    whose value is not even read then."""
    return cell_for(context, view, record, name) if context.may_see(view, name) else hidden_cell()


def seen_cells(
    context: Context, view: RecordView, records: Sequence[Any], names: Sequence[str]
) -> list[list[Cell]]:
    """``seen_cell`` of several records' fields, a row for each record."""
    hidden = context.hidden(view)
    if not hidden.intersection(names):
        return cells_for(context, view, records, names)
    rows = cells_for(context, view, records, [name for name in names if name not in hidden])
    return [
        [hidden_cell() if name in hidden else next(cells) for name in names]
        for cells in map(iter, rows)
    ]


def hidden_cell() -> Cell:
    """What is shown for a value that the person may not see."""
    return Cell(HIDDEN_VALUE, "hidden", tone="muted")


Printer = Callable[[Context, Any], Cell]


@cache
def _printer(mapper: Mapper[Any], name: str) -> Printer:
    """What prints the attribute ``name``: chosen once, and not for every cell."""
    drawn = kind_of(mapper, name)
    if drawn == "relation":
        return _relations if mapper.relationships[name].uselist else _relation
    kind = value_kind(mapper, name)

    def print_value(context: Context, value: Any) -> Cell:
        return value_cell(context.settings, drawn, kind, value)

    def print_text(context: Context, value: Any) -> Cell:
        if type(value) is not str:
            return value_cell(context.settings, drawn, kind, value)
        return Cell(value, drawn, None, value if len(value) > LONG else None)

    def print_key(context: Context, value: Any) -> Cell:
        return Cell("" if value is None or kind is None else kind.write(value), drawn)

    if drawn in ("number", "money") and kind is not None:
        if _is_key(mapper, name):
            return print_key
        show = kind.show
        return lambda context, value: Cell("" if value is None else show(value), drawn)
    return print_text if kind is None or kind.name == "text" else print_value


def _is_key(mapper: Mapper[Any], name: str) -> bool:
    """Whether the number only names a record: 1781 is no quantity, and is typed as it stands."""
    column = mapper.columns.get(name)
    return isinstance(column, Column) and (column.primary_key or bool(column.foreign_keys))


def value_cell(settings: Settings, drawn: CellKind, kind: Kind | None, value: Any) -> Cell:
    """The cell of a plain value of that kind. None prints as an empty mark."""
    if value is None or value == "":
        return Cell("", drawn)
    if kind is None:
        text = str(value)
        return Cell(text, drawn, hover=text if len(text) > LONG else None)
    if drawn == "moment":
        return datetime_cell(settings, value)
    text = kind.show(value, settings.zone)
    if drawn == "boolean":
        return Cell(text, drawn, tone="success" if value else "muted")
    return Cell(text, drawn, hover=text if len(text) > LONG else None)


def datetime_cell(settings: Settings, moment: datetime) -> Cell:
    """The cell of a moment: how long ago, and exactly when on hover. One without a zone is in UTC,
    which is how databases without zones keep them."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return Cell(relative(aware, datetime.now(UTC)), "moment", hover=exact(settings, aware))


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


def _relation(context: Context, related: Any) -> Cell:
    if related is None:
        return Cell("", "relation")
    model: Any = type(related)
    # Asked once a page, not for every row: nobody's rights change within a unit of work.
    addresses: dict[type, str | None] = context.session.info.setdefault(_ADDRESSES, {})
    if model not in addresses:
        addresses[model] = _details_of(context, model)
    address = addresses[model]
    if address is None:
        return Cell(record_label(related), "relation")
    key = key_writer(model)(related)
    return Cell(record_label(related), "relation", address + in_address(key))


def _relations(context: Context, related: Any) -> Cell:
    """Records that are a field of their owner, by name."""
    members = related.values() if hasattr(related, "values") else related
    text = ", ".join(sorted(map(str, members)))
    return Cell(text, "text", hover=text if len(text) > LONG else None)


def _details_of(context: Context, model: type) -> str | None:
    """What the addresses of such records' details pages begin with; None where the person may see
    none."""
    try:
        view = context.site.view_of(model)
    except LookupError:
        return None
    return context.site.href(view.identity, "details", "") if context.may("details", view) else None


_ADDRESSES = "backoffice.details_addresses"
