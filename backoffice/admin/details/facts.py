"""A record's fields with their values, as its page and the panel beside a list show them."""

from collections.abc import Callable, Sequence
from typing import Any

from backoffice.admin.lists.aggregates import aggregate_cells
from backoffice.admin.pages.details import Fact
from backoffice.admin.records.cells import cell_or_hidden
from backoffice.admin.records.keys import key_text
from backoffice.admin.view import Context, RecordView
from backoffice.language import _

Without = Callable[[RecordView, str], bool]


def record_facts(
    context: Context, view: RecordView, record: Any, without: Without | None = None
) -> tuple[Fact, ...]:
    """The fields of a loaded record, without its related records, and ``without`` those that the
    page shows elsewhere.

    No statement, but one for each relation whose records the page counts or adds up.
    """
    names = [
        name
        for name in view.get_details_columns()
        if not is_to_many(view, name) and not (without and without(view, name))
    ]
    added = aggregate_cells(context, view, [key_text(record)], names)
    return tuple(
        Fact(
            _label(view, name, names),
            added[name][0] if name in added else cell_or_hidden(context, view, record, name),
            view.unit_for(name),
        )
        for name in names
    )


def _label(view: RecordView, name: str, names: Sequence[str]) -> str:
    """The label of a field. A foreign key beside its relation would have the same one."""
    label, column = view.label_for(name), view.mapper.columns.get(name)
    is_reference = column is not None and bool(column.foreign_keys)
    if is_reference and any(other != name and view.label_for(other) == label for other in names):
        return _("{field} ID", field=label)
    return label


def is_to_many(view: RecordView, name: str) -> bool:
    """Whether a field is a relation to records of their own, not to parts of this record."""
    if name not in view.mapper.relationships or name in getattr(view.model, "links", ()):
        return False
    return bool(view.mapper.relationships[name].uselist)
