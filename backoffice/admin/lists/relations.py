"""Relations to one record, as lists use them: joined, to show them and to sort by them; and as
conditions, to filter by them.

A relation may compare one column or several, on either side, and may lead to the same table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, select, tuple_
from sqlalchemy.orm import MANYTOONE, aliased, contains_eager, defer
from sqlalchemy.orm.exc import UnmappedColumnError
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList

from backoffice.admin.attributes import label_names
from backoffice.admin.records.keys import has_key_in
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db.queries.search import found_in
from backoffice.db.types import MYSQL


def is_to_one(view: RecordView, name: str) -> bool:
    """Whether ``name`` is a relation to one record."""
    relation = view.mapper.relationships.get(name)
    return relation is not None and not relation.uselist


# Joined ---------------------------------------------------------------------------------


def join_target(view: RecordView, name: str) -> Any:
    """The related model to join: an alias if the statement may contain its table already."""
    return view.cache.get(("join target", name), lambda: _make_join_target(view, name), always=True)


def _make_join_target(view: RecordView, name: str) -> Any:
    model = view.mapper.relationships[name].mapper.class_
    return aliased(model, flat=True) if _needs_alias(view, name) else model


def join(statement: Select[Any], view: RecordView, name: str, *, shown: bool) -> Select[Any]:
    """``statement`` joined to the related records. ``shown``: whether to load them as well."""
    entity, relation = join_target(view, name), getattr(view.model, name)
    mapper = view.mapper.relationships[name].mapper
    if entity is not mapper.class_:
        relation = relation.of_type(entity)
    # An inner join if there is always a related record: the database may start with either table.
    # MariaDB and MySQL would start with the wrong one and sort everything (3 s instead of 0.1 s for
    # a page of 300,000 items), so they get an outer join.
    optional = is_optional(view, name) or view.site.database.dialect in MYSQL
    statement = statement.join(relation, isouter=optional)
    if not shown:
        return statement
    # A cell shows the label only. An expression on the related model could cost a query a row.
    labels = label_names(mapper.class_)
    skipped = [
        defer(getattr(entity, attribute.key))
        for attribute in mapper.column_attrs
        if not isinstance(attribute.columns[0], Column) and attribute.key not in labels
    ]
    loaded = contains_eager(relation)
    return statement.options(loaded.options(*skipped) if skipped else loaded)


def is_optional(view: RecordView, name: str) -> bool:
    """Whether a record may have no related record."""
    relation = view.mapper.relationships[name]
    return relation.direction is not MANYTOONE or any(
        column.nullable or not column.foreign_keys for column in relation.local_columns
    )


def _needs_alias(view: RecordView, name: str) -> bool:
    mapper = view.mapper
    target = mapper.relationships[name].mapper
    if target.inherits is not None or target.polymorphic_on is not None:
        return True
    tables = set(mapper.tables)
    for relation in mapper.relationships:
        if relation.key != name and not relation.uselist:
            tables.update(relation.mapper.tables)
    # An expression may select from any table.
    has_expression = any(not isinstance(a.columns[0], Column) for a in mapper.column_attrs)
    return has_expression or not tables.isdisjoint(target.tables)


# As a condition -------------------------------------------------------------------------


@dataclass(frozen=True)
class RelationColumns:
    """The columns that a relation compares: ``local[0]`` with ``remote[0]``, and so on.

    ``remote_is_key``: the remote ones are the related table's primary key, in its order.
    """

    local: tuple[Any, ...]
    remote: tuple[Any, ...]
    remote_is_key: bool

    @property
    def is_single(self) -> bool:
        return len(self.local) == 1


def relation_columns(view: RecordView, name: str) -> RelationColumns | None:
    """The columns that a relation compares; None if its condition is more than that."""
    return view.cache.get(
        ("relation columns", name), lambda: _find_relation_columns(view, name), always=True
    )


def _find_relation_columns(view: RecordView, name: str) -> RelationColumns | None:
    relation = view.mapper.relationships[name]
    pairs = relation.local_remote_pairs or ()
    if (
        relation.secondary is not None
        or not pairs
        or not _is_equality_join(relation.primaryjoin, pairs)
    ):
        return None
    target = relation.mapper
    try:
        columns = {
            _name(target, remote): (_attribute(view.mapper, local), _attribute(target, remote))
            for local, remote in pairs
        }
    except UnmappedColumnError:
        return None
    keys = [_name(target, column) for column in target.primary_key]
    remote_is_key = set(keys) == set(columns)
    ordered = [columns[key] for key in keys] if remote_is_key else list(columns.values())
    return RelationColumns(
        tuple(local for local, _ in ordered), tuple(remote for _, remote in ordered), remote_is_key
    )


def _is_equality_join(condition: Any, pairs: Sequence[Any]) -> bool:
    """Whether a join's condition is that the pairs of columns are equal, and nothing else."""
    parts = [
        part
        for part in visitors.iterate(condition)
        if isinstance(part, BinaryExpression | BooleanClauseList)
    ]
    compared = [part for part in parts if isinstance(part, BinaryExpression)]
    return (
        all(part.operator in (operators.eq, operators.and_) for part in parts)
        and len(compared) == len(pairs)
        and all(isinstance(side, Column) for part in compared for side in (part.left, part.right))
    )


def _name(mapper: Any, column: Any) -> str:
    return str(mapper.get_property_by_column(column).key)


def _attribute(mapper: Any, column: Any) -> Any:
    return getattr(mapper.class_, _name(mapper, column))


def has_related_key(
    view: RecordView, name: str, keys: Sequence[Any], context: Context | None
) -> ColumnElement[bool]:
    """The condition that the related record has one of ``keys``, and that the person may see it."""
    target, columns = view.related_view(name), relation_columns(view, name)
    if columns is None or not columns.remote_is_key or not _sees_all(target, context):
        return has_related(view, name, has_key_in(target, keys), context)
    own: ColumnElement[Any] = columns.local[0] if columns.is_single else tuple_(*columns.local)
    if columns.is_single and len(keys) == 1:
        is_that: ColumnElement[bool] = own == keys[0]
        return is_that
    return own.in_(list(keys))


def has_related(
    view: RecordView, name: str, condition: ColumnElement[bool], context: Context | None
) -> ColumnElement[bool]:
    """The condition that the related record meets ``condition``, and that the person may see it.

    It uses columns of the list's own table and a subquery.
    """
    target, columns = view.related_view(name), relation_columns(view, name)
    if context is not None and not _sees_all(target, context):
        condition = and_(condition, context.visible(target))
    if columns is None:
        related: ColumnElement[bool] = getattr(view.model, name).has(condition)
        return related
    keys = select(*columns.remote).where(condition)
    if not columns.is_single:
        return tuple_(*columns.local).in_(keys.correlate(None))
    kind = kind_of(columns.local[0])
    return found_in(columns.local[0], keys, resolvable=kind.is_number and kind.encoded_as_number)


def _sees_all(target: RecordView, context: Context | None) -> bool:
    return context is None or context.sees_all(target)
