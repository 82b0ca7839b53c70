"""Cells: how a page prints the values of records, by the kind of their columns."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Mapper

from backoffice.admin.attributes import attribute_of, table_column
from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.parts import Cell, CellKind, Mark
from backoffice.admin.records.keys import key_writer, quote_key
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.seen import is_record_seen, is_seen, look_up_records
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind, kind_of
from backoffice.columns.kind import Align
from backoffice.config import Settings
from backoffice.language import current_language
from backoffice.language.dates import datetime_text, relative_time
from backoffice.language.numbers import plain_numbers

LONG = 80
"""Characters of a text that a list shows. The whole text is on hover and on the details page."""


@cache
def value_kind(mapper: Mapper[Any], name: str) -> Kind | None:
    """The kind of the attribute ``name``: a column, or an expression that the model computes. None
    if it has no SQL type, such as a relation or a property of Python."""
    model: Any = mapper.class_
    attribute = attribute_of(model, name)
    return None if attribute is None else kind_of(attribute)


@cache
def cell_kind(mapper: Mapper[Any], name: str) -> CellKind:
    """How the attribute ``name`` prints."""
    if name in mapper.relationships:
        return "relation"
    kind = value_kind(mapper, name)
    if kind is None:
        return "text"
    return "email" if name == "email" and kind.print == "text" else kind.print


def column_align(view: RecordView, name: str) -> Align:
    """Whether a column of a view's list is aligned to the left or the right."""
    aggregate = view.column_aggregates.get(name)
    kind = aggregate.kind if aggregate else value_kind(view.mapper, name)
    return "left" if kind is None else kind.align


def column_kind(view: RecordView, name: str) -> CellKind:
    """How a column of a view's list prints."""
    if aggregate := view.column_aggregates.get(name):
        return aggregate.kind.print
    return view.column_kind(name) or cell_kind(view.mapper, name)


def cell_for(context: Context, view: RecordView, record: Any, name: str) -> Cell:
    """The cell of one attribute of a loaded record: by the view's ``cell``, or else by its kind."""
    own = view.cell(context, record, name)
    if own is not None:
        return own
    cell = print_value_of(view, name)(context, getattr(record, name))
    return _with_mark(context, record, cell, view.marks.get(name))


def cells_for(
    context: Context, view: RecordView, records: Sequence[Any], names: Sequence[str]
) -> list[list[Cell]]:
    """The cells of several records, a row for each record. The same as ``cell_for`` of each, but
    how a column prints is looked up once, and which related records the person may see."""
    for name in names:
        relation = view.mapper.relationships.get(name)
        if relation is not None and not relation.uselist and _has_unseen(context, relation.mapper):
            look_up_records(context, [getattr(record, name) for record in records])
    own = view.cells(context, records, names)
    if own is not None:
        return own
    if type(view).cell is not RecordView.cell:
        return [[cell_for(context, view, record, name) for name in names] for record in records]
    columns = [(name, print_value_of(view, name), view.marks.get(name)) for name in names]
    return [
        [
            _with_mark(context, record, print_cell(context, getattr(record, name)), mark)
            if mark
            else print_cell(context, getattr(record, name))
            for name, print_cell, mark in columns
        ]
        for record in records
    ]


def print_value_of(view: RecordView, name: str) -> "Printer":
    """The function that prints the values of a column, with the view's ``value_marks``."""
    print_value = _printer(view.mapper, name, current_language().code)
    mark = view.marks_of_values.get(name)
    if mark is None:
        return print_value

    def print_marked(context: Context, value: Any) -> Cell:
        cell = print_value(context, value)
        if marked := mark(context, value):
            cell.mark, cell.tone = marked
        return cell

    return print_marked


def _with_mark(
    context: Context,
    record: Any,
    cell: Cell,
    mark: Callable[[Context, Any], Mark | None] | None,
) -> Cell:
    if mark and (marked := mark(context, record)):
        cell.mark, cell.tone = marked
    return cell


def cell_or_hidden(context: Context, view: RecordView, record: Any, name: str) -> Cell:
    """The cell of one field, or "–" if the person may not see the field. Then its value is not even
    read."""
    return cell_for(context, view, record, name) if context.may_see(view, name) else hidden_cell()


def cells_or_hidden(
    context: Context, view: RecordView, records: Sequence[Any], names: Sequence[str]
) -> list[list[Cell]]:
    """``cell_or_hidden`` of several records' fields, a row for each record."""
    hidden = context.hidden(view)
    if not hidden.intersection(names):
        return cells_for(context, view, records, names)
    rows = cells_for(context, view, records, [name for name in names if name not in hidden])
    return [
        [hidden_cell() if name in hidden else next(cells) for name in names]
        for cells in map(iter, rows)
    ]


def hidden_cell() -> Cell:
    """The cell for a value that the person may not see."""
    return Cell(HIDDEN_VALUE, "hidden", tone="muted")


Printer = Callable[[Context, Any], Cell]


@cache
def _printer(mapper: Mapper[Any], name: str, language: str) -> Printer:
    """The function that prints the attribute ``name`` in the current language, whose code is
    ``language``. Chosen once, and not for each cell."""
    printed_as = cell_kind(mapper, name)
    if printed_as == "relation":
        return _relations if mapper.relationships[name].uselist else _relation
    kind = value_kind(mapper, name)

    def print_value(context: Context, value: Any) -> Cell:
        return value_cell(context.settings, printed_as, kind, value)

    def print_text(context: Context, value: Any) -> Cell:
        if type(value) is not str:
            return value_cell(context.settings, printed_as, kind, value)
        return Cell(value, printed_as, None, value if len(value) > LONG else None)

    def print_key(context: Context, value: Any) -> Cell:
        if value is None or kind is None:
            return Cell("", printed_as)
        with plain_numbers():
            return Cell(kind.write(value), printed_as)

    if printed_as in ("number", "money") and kind is not None:
        if _is_key(mapper, name):
            return print_key
        show = kind.formatter()
        return lambda context, value: Cell("" if value is None else show(value), printed_as)
    return print_text if kind is None or kind.name == "text" else print_value


def _is_key(mapper: Mapper[Any], name: str) -> bool:
    """Whether a number only identifies a record. Then it prints without separators: "1781"."""
    column = table_column(mapper, name)
    return column is not None and (column.primary_key or bool(column.foreign_keys))


def value_cell(settings: Settings, printed_as: CellKind, kind: Kind | None, value: Any) -> Cell:
    """The cell of a value of a column of ``kind``. None and "" print as an empty cell."""
    if value is None or value == "":
        return Cell("", printed_as)
    if kind is None:
        text = str(value)
        return Cell(text, printed_as, hover=text if len(text) > LONG else None)
    if printed_as == "moment":
        return datetime_cell(settings, value)
    text = kind.show(value, settings.zone)
    if printed_as == "boolean":
        return Cell(text, printed_as, tone="success" if value else "muted")
    return Cell(text, printed_as, hover=text if len(text) > LONG else None)


def datetime_cell(settings: Settings, moment: datetime) -> Cell:
    """The cell of a time: how long ago, and the exact time on hover. A time without a zone is in
    UTC, as in databases that store no zones."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return Cell(
        relative_time(aware, datetime.now(UTC)), "moment", hover=exact_time(settings, aware)
    )


def exact_time(settings: Settings, moment: datetime) -> str:
    """A time to the second, in the zone of the settings, with the zone's name."""
    local = moment.astimezone(settings.zone)
    return f"{datetime_text(local.replace(tzinfo=None))} {local:%Z}"


def _relation(context: Context, related: Any) -> Cell:
    if related is None:
        return Cell("", "relation")
    model: Any = type(related)
    view = context.site.nearest_view(model)
    key = key_writer(model)(related)
    if view is not None and not is_seen(context, view, key):
        return Cell(f"#{key}", "relation")
    # Found once for a page, not for each row: permissions do not change within a unit of work.
    addresses: dict[type, str | None] = context.session.info.setdefault(_ADDRESSES, {})
    if model not in addresses:
        addresses[model] = details_address(context, model)
    address = addresses[model]
    href = None if address is None else address + quote_key(key)
    return Cell(record_label(context, related), "relation", href)


def _relations(context: Context, related: Any) -> Cell:
    """The labels of several related records, without those that the person may not see."""
    members = list(related.values() if hasattr(related, "values") else related)
    look_up_records(context, members)
    shown = [member for member in members if is_record_seen(context, member)]
    text = ", ".join(sorted(record_label(context, member) for member in shown))
    return Cell(text, "text", hover=text if len(text) > LONG else None)


def _has_unseen(context: Context, mapper: Mapper[Any]) -> bool:
    """Whether there may be records of a model that the person may not see."""
    views = (context.site.nearest_view(derived.class_) for derived in mapper.self_and_descendants)
    return any(view is not None and not context.sees_all(view) for view in views)


def details_address(context: Context, model: type) -> str | None:
    """The address of a model's details pages, without the key; None if the person may see none."""
    try:
        view = context.site.view_of(model)
    except LookupError:
        return None
    return context.site.href(view.identity, "details", "") if context.may("details", view) else None


_ADDRESSES = "backoffice.details_addresses"
