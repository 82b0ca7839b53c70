"""A record's relation to one other, as lists read it: joined to be shown and sorted by, and as a
condition to filter by. Whatever joins the two: a key of one column or several, in either table, or
the same table once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, select, true, tuple_
from sqlalchemy.orm import MANYTOONE, aliased, contains_eager, defer
from sqlalchemy.orm.exc import UnmappedColumnError
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList

from backoffice.admin.attributes import label_names
from backoffice.admin.records.keys import among
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db.queries.search import found_in
from backoffice.db.types import MYSQL


def is_to_one(view: RecordView, name: str) -> bool:
    """Whether ``name`` is a relation that leads to one record at most."""
    relation = view.mapper.relationships.get(name)
    return relation is not None and not relation.uselist


# Joined ---------------------------------------------------------------------------------


def joined(view: RecordView, name: str) -> Any:
    """The related model as a list of ``view`` joins it: an alias where its table may stand in the
    statement by another way, too."""
    key = ("joined", name)
    if key not in view.cache:
        relation = view.mapper.relationships[name]
        model = relation.mapper.class_
        alone = not _meets_another(view, name)
        view.cache[key] = model if alone else aliased(model, flat=True)
    return view.cache[key]


def join(statement: Select[Any], view: RecordView, name: str, *, shown: bool) -> Select[Any]:
    """``statement`` with the records joined that the relation leads to, and loaded if ``shown``."""
    entity, relation = joined(view, name), getattr(view.model, name)
    if entity is not view.mapper.relationships[name].mapper.class_:
        relation = relation.of_type(entity)
    # An inner join where there is always one, so that it may be walked from either end;
    # MariaDB and MySQL would walk it from the wrong one, and sort all (3 s for a page of
    # 300,000 items, not 0.1).
    optional = is_optional(view, name) or view.site.database.dialect in MYSQL
    statement = statement.join(relation, isouter=optional)
    if not shown:
        return statement
    # What the related records compute is not told in a cell, and may be a query for each.
    mapper = view.mapper.relationships[name].mapper
    skipped = [
        defer(getattr(entity, one.key))
        for one in mapper.column_attrs
        if not isinstance(one.columns[0], Column) and one.key not in label_names(mapper.class_)
    ]
    loaded = contains_eager(relation)
    return statement.options(loaded.options(*skipped) if skipped else loaded)


def is_optional(view: RecordView, name: str) -> bool:
    """Whether a record may have none."""
    relation = view.mapper.relationships[name]
    return relation.direction is not MANYTOONE or any(
        column.nullable or not column.foreign_keys for column in relation.local_columns
    )


def _meets_another(view: RecordView, name: str) -> bool:
    mapper = view.mapper
    target = mapper.relationships[name].mapper
    if target.inherits is not None or target.polymorphic_on is not None:
        return True
    others = [one for one in mapper.relationships if one.key != name and not one.uselist]
    tables = {*mapper.tables, *(table for one in others for table in one.mapper.tables)}
    computed = [one for one in mapper.column_attrs if not isinstance(one.columns[0], Column)]
    return bool(computed) or not tables.isdisjoint(target.tables)


# As a condition -------------------------------------------------------------------------


@dataclass(frozen=True)
class Ends:
    """The columns that a relation compares, each with that on the other side.

    ``by_key``: the other side's are its primary key, in its order.
    """

    local: tuple[Any, ...]
    remote: tuple[Any, ...]
    by_key: bool

    @property
    def is_single(self) -> bool:
        return len(self.local) == 1


def ends(view: RecordView, name: str) -> Ends | None:
    """What the relation compares; None where that is not simply columns with columns."""
    key = ("ends", name)
    if key not in view.cache:
        view.cache[key] = _find_ends(view, name)
    found: Ends | None = view.cache[key]
    return found


def _find_ends(view: RecordView, name: str) -> Ends | None:
    relation = view.mapper.relationships[name]
    pairs = relation.local_remote_pairs or ()
    if relation.secondary is not None or not pairs or not _is_plain(relation.primaryjoin, pairs):
        return None
    target = relation.mapper
    try:
        found = {
            _name(target, remote): (_attribute(view.mapper, local), _attribute(target, remote))
            for local, remote in pairs
        }
    except UnmappedColumnError:
        return None
    keys = [_name(target, column) for column in target.primary_key]
    by_key = set(keys) == set(found)
    ordered = [found[key] for key in keys] if by_key else list(found.values())
    return Ends(tuple(own for own, _ in ordered), tuple(other for _, other in ordered), by_key)


def _is_plain(condition: Any, pairs: Sequence[Any]) -> bool:
    """Whether a join's condition is that the pairs are equal, and nothing else."""
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


def belongs_to(
    view: RecordView, name: str, keys: Sequence[Any], context: Context | None
) -> ColumnElement[bool]:
    """The condition that the related record is one of those with ``keys`` (of its own view), of
    those that the person may see."""
    target, found = view.related_view(name), ends(view, name)
    if found is None or not found.by_key or not _sees_all(target, context):
        return related(view, name, among(target, keys), context)
    own = found.local[0] if found.is_single else tuple_(*found.local)
    return own.in_(list(keys))


def related(
    view: RecordView, name: str, condition: ColumnElement[bool], context: Context | None
) -> ColumnElement[bool]:
    """The condition that there is a related record that meets ``condition``, and that the person
    may see; of the list's own table alone."""
    target, found = view.related_view(name), ends(view, name)
    if context is not None and not _sees_all(target, context):
        condition = and_(condition, target.visible(context))
    if found is None:
        return getattr(view.model, name).has(condition)  # type: ignore[no-any-return]
    keys = select(*found.remote).where(condition)
    if not found.is_single:
        return tuple_(*found.local).in_(keys.correlate(None))
    kind = kind_of(found.local[0])
    return found_in(found.local[0], keys, resolvable=kind.is_number and kind.encoded_as_number)


def _sees_all(target: RecordView, context: Context | None) -> bool:
    return context is None or target.visible(context) is true()
