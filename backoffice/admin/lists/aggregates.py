"""Counts and sums of related records, for the rows of a page: one statement for each relation."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, true, tuple_
from sqlalchemy.orm import aliased

from backoffice.admin.aggregates import Aggregate
from backoffice.admin.field_permissions import reads_hidden_field
from backoffice.admin.lists.relations import relation_columns
from backoffice.admin.pages.parts import Cell
from backoffice.admin.records.cells import hidden_cell
from backoffice.admin.records.keys import key_from_row, key_names, parse_key, write_key
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.language import _, number

MOST_ROWS = 200_000
"""Related records that are read for all rows of a page together. Where there are more, the columns
are empty and say why; the page of a single record says "200,000+"."""

Found = Mapping[str, Sequence[Any]]
"""The number of related records and the sums, by the record's key as text."""


def aggregate_cells(
    context: Context, view: RecordView, keys: Sequence[str], names: Sequence[str]
) -> dict[str, list[Cell]]:
    """The cells of those of the columns ``names`` that are aggregates, one for each of ``keys`` (as
    text), by column name."""
    cells: dict[str, list[Cell]] = {}
    by_relation: dict[str, dict[str, Aggregate]] = {}
    for name in names:
        aggregate = view.column_aggregates.get(name)
        if aggregate is None:
            continue
        if not may_see_aggregate(context, view, name):
            cells[name] = [hidden_cell() for _key in keys]
        else:
            by_relation.setdefault(aggregate.relation_name, {})[name] = aggregate
    for relation, aggregates in by_relation.items():
        found = _fetch(context, view, relation, list(aggregates.values()), keys)
        sums = [name for name, aggregate in aggregates.items() if aggregate.expression is not None]
        for name, aggregate in aggregates.items():
            place = 1 + sums.index(name) if name in sums else 0
            cells[name] = [
                _too_many(view, relation, aggregate, len(keys))
                if found is None
                else _cell(aggregate, found[key][place] if key in found else 0)
                for key in keys
            ]
    return cells


def may_see_aggregate(context: Context, view: RecordView, name: str) -> bool:
    """Whether the person may see an aggregate: the relation, and every column that it reads."""
    aggregate = view.column_aggregates[name]
    if not context.may_see(view, name) or not context.may_see(view, aggregate.relation_name):
        return False
    return aggregate.expression is None or not reads_hidden_field(context, aggregate.expression)


def _cell(aggregate: Aggregate, value: Any) -> Cell:
    kind = aggregate.kind
    value = int(value or 0) if kind.encoded_as_number else Decimal(value or 0)
    return Cell(kind.show(_to_scale(kind, value)), kind.print)


def _to_scale(kind: Any, value: Any) -> Any:
    """A decimal with the digits of its column: nothing added up is "0.00"."""
    scale = getattr(kind, "scale", None)
    return value.quantize(Decimal(1).scaleb(-scale)) if scale and value.is_finite() else value


def _too_many(view: RecordView, relation: str, aggregate: Aggregate, rows: int) -> Cell:
    records = view.related_view(relation).label_plural
    if rows > 1:
        hover = _("There are too many {records} on this page to add them up.", records=records)
        return Cell("", aggregate.kind.print, hover=hover)
    if aggregate.expression is None:
        return Cell(f"{number(MOST_ROWS)}+", aggregate.kind.print)
    hover = _("There are too many {records} to add them up.", records=records)
    return Cell("", aggregate.kind.print, hover=hover)


def _fetch(
    context: Context,
    view: RecordView,
    relation: str,
    aggregates: Sequence[Aggregate],
    keys: Sequence[str],
) -> Found | None:
    """What the related records add up to; None if there are too many. One statement."""
    parsed = [parse_key(view, key) for key in keys]
    if not parsed:
        return {}
    expressions = [a.expression for a in aggregates if a.expression is not None]
    target = view.related_view(relation)
    visible = true() if context.sees_all(target) else context.visible(target)
    statement = select_aggregates(view, relation, expressions, visible)
    rows = context.session.connection().execute(statement, {"keys": parsed}).all()
    width = len(key_names(view.mapper))
    if sum(row[width] for row in rows) > MOST_ROWS:
        return None
    return {write_key(view, key_from_row(view, row)): row[width:] for row in rows}


def select_aggregates(
    view: RecordView, relation: str, expressions: Sequence[Any], visible: ColumnElement[bool]
) -> Select[Any]:
    """SELECT the key of each of the records ``keys`` (a parameter), how many related records it
    has, and the sums of ``expressions`` over them; no row where it has none."""
    dialect = view.site.database.dialect
    owner_keys, source = _owner_keys(view, relation)
    key = owner_keys[0] if len(owner_keys) == 1 else tuple_(*owner_keys)
    related = (
        source.add_columns(
            *(column.label(f"key_{place}") for place, column in enumerate(owner_keys)),
            *(part.label(f"value_{place}") for place, part in enumerate(expressions)),
        )
        .where(key.in_(bindparam("keys", expanding=True)), visible)
        .limit(MOST_ROWS + 1)
        .subquery()
    )
    columns = list(related.c)[1:]
    groups = columns[: len(owner_keys)]
    values = zip(expressions, columns[len(owner_keys) :], strict=True)
    sums = [kind_of(part).sql_sum(dialect, value) for part, value in values]
    return select(*groups, func.count(), *sums).group_by(*groups)


def _owner_keys(view: RecordView, relation: str) -> tuple[list[Any], Select[Any]]:
    """The columns that hold the key of the record that a related one belongs to, and a SELECT of
    all related records to add columns to."""
    names = key_names(view.mapper)
    target = view.related_view(relation).model
    columns = relation_columns(view, relation)
    start: Select[Any] = select(literal(1).label("one"))
    if columns is not None:
        remote = {
            local.key: remote for local, remote in zip(columns.local, columns.remote, strict=True)
        }
        if set(remote) == set(names):
            return [remote[name] for name in names], start.select_from(target)
    owner: Any = aliased(view.model)  # the related records may be in the same table
    joined = start.select_from(owner).join(getattr(owner, relation))
    return [getattr(owner, name) for name in names], joined


def sort_value(view: RecordView, name: str) -> Any:
    """An aggregate of one record, as an expression to sort the view's list by: a subquery."""
    aggregate = view.column_aggregates[name]
    owner_keys, source = _owner_keys(view, aggregate.relation_name)
    own_keys = [getattr(view.model, key) for key in key_names(view.mapper)]
    if aggregate.expression is None:
        value: Any = func.count()
    else:
        value = func.coalesce(func.sum(aggregate.expression), 0)
    belongs = [theirs == own for theirs, own in zip(owner_keys, own_keys, strict=True)]
    statement = source.with_only_columns(value, maintain_column_froms=True).where(*belongs)
    return statement.correlate(view.model).scalar_subquery()
