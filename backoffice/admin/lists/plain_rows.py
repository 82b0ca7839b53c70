"""A list's rows as plain values: SELECTed column by column, without an entity for each record.

To make entities takes longer than the database takes for the page. A list needs none of them if all
that it shows is columns of its records and the labels of related ones, and nothing of the view or
the model computes in Python what is shown (``row_shape``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapper

from backoffice.admin.attributes import is_labelled_by_values, label_names, table_column
from backoffice.admin.lists.relations import is_to_one, join, join_target
from backoffice.admin.pages.parts import Cell
from backoffice.admin.records.cells import details_address, hidden_cell, print_value_of
from backoffice.admin.records.keys import key_names, key_part_writer, mapper_key, quote_key
from backoffice.admin.records.labels import label_of_values
from backoffice.admin.records.seen import look_up, seen_keys
from backoffice.admin.view import Context, RecordView

PlainRow = Sequence[Any]
"""The values of a record's row, in the order of ``RowShape.columns``."""


@dataclass(frozen=True)
class RecordPlaces:
    """The places in a row of one record's key and of the values of its label."""

    mapper: Mapper[Any]
    key: tuple[int, ...]
    label: tuple[int, ...]


@dataclass(frozen=True)
class RowShape:
    """What to SELECT for a list's rows, and where it is in them.

    ``columns``: to SELECT. ``record``: the places of the record's own key and label. ``values``:
    the place of each shown column. ``related``: the places of each shown related record; its key is
    NULL if there is none.
    """

    columns: tuple[Any, ...]
    record: RecordPlaces
    values: dict[str, int]
    related: dict[str, RecordPlaces]


def row_shape(view: RecordView, shown: Sequence[str]) -> RowShape | None:
    """How to read the columns ``shown`` of a view's records as plain values. None where entities
    are needed.

    These are views with their own ``cell`` or ``cells``, or with a mark beside a shown column;
    models of a hierarchy, and those with their own ``__str__``; shown attributes that are neither
    columns nor relations to one record.
    """
    return view.cache.get(("row shape", tuple(shown)), lambda: _find_row_shape(view, shown))


def _find_row_shape(view: RecordView, shown: Sequence[str]) -> RowShape | None:
    has_own_cells = (
        type(view).cell is not RecordView.cell or type(view).cells is not RecordView.cells
    )
    if has_own_cells or view.marks.keys() & set(shown) or not _is_plain(view.mapper):
        return None
    reader = _ShapeReader()
    values: dict[str, int] = {}
    related: dict[str, RecordPlaces] = {}
    record = reader.record(view.mapper, view.model)
    for name in shown:
        if is_to_one(view, name):
            mapper = view.mapper.relationships[name].mapper
            if not _is_plain(mapper) or name in view.marks_of_values:
                return None
            related[name] = reader.record(mapper, join_target(view, name))
        elif table_column(view.mapper, name) is not None:
            values[name] = reader.place(view.model, name)
        else:
            return None
    return RowShape(tuple(reader.columns), record, values, related)


def _is_plain(mapper: Mapper[Any]) -> bool:
    """Whether a record's label is made of values of its own columns."""
    return (
        mapper.inherits is None
        and mapper.polymorphic_on is None
        and is_labelled_by_values(mapper.class_)
        and all(table_column(mapper, name) is not None for name in label_names(mapper.class_))
    )


class _ShapeReader:
    """Collects the columns to SELECT, each once."""

    def __init__(self) -> None:
        self.columns: list[Any] = []
        self._places: dict[tuple[Any, str], int] = {}

    def place(self, entity: Any, name: str) -> int:
        """The place of an attribute of ``entity``, a model or an alias of one."""
        place = self._places.setdefault((entity, name), len(self.columns))
        if place == len(self.columns):
            self.columns.append(getattr(entity, name))
        return place

    def record(self, mapper: Mapper[Any], entity: Any) -> RecordPlaces:
        key = tuple(self.place(entity, name) for name in key_names(mapper))
        labels = label_names(mapper.class_)
        return RecordPlaces(mapper, key, tuple(self.place(entity, name) for name in labels))


def select_plain(view: RecordView, shape: RowShape, sort_names: Sequence[str]) -> Select[Any]:
    """SELECT all records as plain values, joined to what is shown and to what sorts them."""
    statement: Select[Any] = select(*shape.columns).select_from(view.model)
    for name in dict.fromkeys((*shape.related, *sort_names)):
        if is_to_one(view, name):
            statement = join(statement, view, name, shown=False)
    return statement


# Printing -------------------------------------------------------------------------------


def key_printer(places: RecordPlaces) -> Callable[[PlainRow], str]:
    """The function that returns a record's key as text, from a row."""
    key = mapper_key(places.mapper)
    if not key.is_single:
        return lambda row: key.encode(tuple(row[place] for place in places.key))
    (place,), encode = places.key, key_part_writer(key.kinds[0])
    return lambda row: encode(row[place])


def label_printer(context: Context, places: RecordPlaces) -> Callable[[PlainRow], str]:
    """The function that returns a record's label, from a row; "#5" if the person may not see labels
    of such records."""
    key = key_printer(places)
    view = context.site.nearest_view(places.mapper.class_)
    if view is not None and context.fields(view).label_hidden:
        return lambda row: f"#{key(row)}"
    if len(places.label) == 1:
        (place,) = places.label

        def write(row: PlainRow) -> str:
            value = row[place]
            is_text = type(value) is str and value.strip()
            return value if is_text else label_of_values((value,), key(row))

        return write
    return lambda row: label_of_values([row[place] for place in places.label], key(row))


def print_cells(
    context: Context,
    view: RecordView,
    shape: RowShape,
    rows: Sequence[PlainRow],
    names: Sequence[str],
) -> list[tuple[Cell, ...]]:
    """The cells of ``rows`` for the columns ``names``. A column that is not in the shape is hidden
    from the person."""
    columns: list[list[Cell]] = []
    for name in names:
        if name in shape.related:
            columns.append(_print_related(context, shape.related[name], rows))
        elif name in shape.values:
            print_value, place = print_value_of(view, name), shape.values[name]
            columns.append([print_value(context, row[place]) for row in rows])
        else:
            columns.append([hidden_cell() for _row in rows])
    return list(zip(*columns, strict=True))


def _print_related(context: Context, places: RecordPlaces, rows: Sequence[PlainRow]) -> list[Cell]:
    address = details_address(context, places.mapper.class_)
    key_of, label_of = key_printer(places), label_printer(context, places)
    first, *_others = places.key
    seen = _seen_keys(context, places, rows)

    def print_one(row: PlainRow) -> tuple[str, str | None]:
        if row[first] is None:
            return "", None
        key = key_of(row)
        if seen is not None and not seen[key]:
            return f"#{key}", None
        return label_of(row), None if address is None else address + quote_key(key)

    # Fifty rows lead to a few records.
    printed: dict[tuple[Any, ...], tuple[str, str | None]] = {}
    cells = []
    for row in rows:
        key = tuple([row[place] for place in places.key])
        found = printed.get(key) or printed.setdefault(key, print_one(row))
        cells.append(Cell(found[0], "relation", found[1]))
    return cells


def _seen_keys(
    context: Context, places: RecordPlaces, rows: Sequence[PlainRow]
) -> dict[str, bool] | None:
    """Whether the person may see each related record, by its key; None if they may see all. One
    statement, if the view has a condition for that."""
    view = context.site.nearest_view(places.mapper.class_)
    if view is None or context.sees_all(view):
        return None
    key_of, first = key_printer(places), places.key[0]
    look_up(context, view, [key_of(row) for row in rows if row[first] is not None])
    return seen_keys(context, view)
