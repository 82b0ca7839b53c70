"""Problems with a view's ``column_aggregates``: relations, sums and sorts that cannot work."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.sql import visitors

from backoffice.admin.aggregates import Aggregate, RelatedCount, RelatedSum
from backoffice.admin.attributes import attribute_name
from backoffice.admin.checks.names import mapped_names, option
from backoffice.admin.lists.sorting import leads_index
from backoffice.admin.view import RecordView


def aggregate_problems(view: RecordView) -> Iterator[str]:
    """The problems with the aggregates of a view that ``check_names`` passed."""
    where = option(view, "column_aggregates")
    shown = {*view.get_list_columns(), *view.get_details_columns()}
    for name, aggregate in view.column_aggregates.items():
        if name not in shown:
            yield (
                f"{where}: {name!r} is not shown anywhere. Put it into column_list or "
                "column_details_list, or remove it."
            )
        yield from _sum_problems(view, name, aggregate)
    sortable = map(attribute_name, view.column_sortable_list)
    for name in (key for key in sortable if key in view.column_aggregates):
        yield from _sort_problems(view, name)


def aggregate_name_problems(view: RecordView) -> Iterator[str]:
    """The problems with the names and relations of aggregates, of a view that need not be
    registered."""
    where, model = option(view, "column_aggregates"), view.model.__name__
    for name, aggregate in view.column_aggregates.items():
        if not isinstance(aggregate, RelatedCount | RelatedSum):
            yield f"{where}: {name!r} is {aggregate!r}. Write a RelatedCount or a RelatedSum."
            continue
        if name in mapped_names(view.mapper):
            yield f"{where}: {model} already has {name!r}. Write another name."
        relation = getattr(aggregate.relation, "property", None)
        if (
            not isinstance(relation, RelationshipProperty)
            or not relation.uselist
            or relation is not view.mapper.relationships.get(relation.key)
        ):
            yield f"{where}: {name!r} needs a to-many relation of {model}."


def _sum_problems(view: RecordView, name: str, aggregate: Aggregate) -> Iterator[str]:
    if aggregate.expression is None:
        return
    where = option(view, "column_aggregates")
    # By the mapper: a view of the others that has a problem of its own is not registered.
    target = view.mapper.relationships[aggregate.relation_name].mapper
    if not aggregate.kind.is_number:
        yield f"{where}: {name!r} adds up something that is not a number ({aggregate.kind.name})."
    expression: Any = getattr(aggregate.expression, "expression", aggregate.expression)
    others = {
        f"{column.table.name}.{column.name}"
        for part in visitors.iterate(expression)
        for column in getattr(part, "base_columns", ())
        if isinstance(column, Column) and column.table not in target.tables
    }
    if others:
        yield (
            f"{where}: {name!r} reads {', '.join(sorted(others))}, which is not a column of "
            f"{target.class_.__name__}."
        )


def _sort_problems(view: RecordView, name: str) -> Iterator[str]:
    """An aggregate sorts a list by adding up the related records of each record: an index must find
    them, and they must be in another table."""
    relation = view.mapper.relationships[view.column_aggregates[name].relation_name]
    where = option(view, "column_sortable_list")
    if not set(view.mapper.tables).isdisjoint(relation.mapper.tables):
        yield f"{where}: {name!r} adds up records of the same table. Remove it."
        return
    column = _finding_column(relation)
    if column is not None and not leads_index(column):
        yield (
            f"{where}: no index finds the records that {name!r} adds up. Add one for "
            f"{column.table.name}.{column.name}, or remove it."
        )


def _finding_column(relation: RelationshipProperty[Any]) -> Column[Any] | None:
    """The first column by which the related records of a record, or the links to them, are
    found."""
    for _local, remote in relation.synchronize_pairs:
        if isinstance(remote, Column) and isinstance(remote.table, Table):
            return remote
    return None
