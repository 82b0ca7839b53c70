"""Which fields of a view somebody may read and write: by the fields that their roles permit, and by
the records that they may list.

``Context.fields`` asks this once for a view and a request, and every screen asks the context. It
runs no statement.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import MANYTOONE, ONETOMANY, RelationshipProperty
from sqlalchemy.sql import visitors

from backoffice.admin.attributes import (
    attribute_name,
    attribute_of,
    is_labelled_by_values,
    label_names,
)
from backoffice.admin.options import ViewOptions
from backoffice.auth.permissions import Fields
from backoffice.history.audited import version_field
from backoffice.history.encoding import is_secret
from backoffice.models import Audited

MayList = Callable[[Any], bool]
FieldsOf = Callable[[Any], Fields]
Guards = Mapping[str, tuple[ViewOptions, ...]]


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """What somebody may do with the fields of a view, by attribute name.

    ``hidden``: the fields that they may not read. ``fixed``: those that they may not write, the
    hidden ones among them. ``closed``: those of ``fixed`` that their roles do not permit to be
    written; the others lead to records that they may not list. ``label_hidden``: whether the labels
    of the records are hidden, because they show a hidden field.
    """

    hidden: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    label_hidden: bool = False

    @property
    def hides_own(self) -> bool:
        """Whether any field is hidden because no role permits it, and not only because it leads to
        records that the person may not list."""
        return not self.hidden.isdisjoint(self.closed)


UNLIMITED = FieldAccess()


def field_access(
    views: Sequence[ViewOptions],
    view: ViewOptions,
    *,
    readable: FieldsOf,
    writable: FieldsOf,
    may_list: MayList,
) -> FieldAccess:
    """What somebody may do with the fields of ``view``.

    ``views``: all views. ``readable``, ``writable``: the fields that their roles permit of a view.
    ``may_list``: whether they may list a view's records.
    """
    read, write = readable(view), writable(view)
    unread = {name for name, field in fields_by_attribute(view).items() if field not in read}
    hidden = unread | {
        name
        for name, guards in guards_of(views, view).items()
        if not all(may_list(guard) for guard in guards)
    }
    hidden |= {
        name
        for name, (target, field) in _other_ends(views, view).items()
        if field not in readable(target)
    }
    is_limited = any(not readable(other).all for other in views)
    columns = _closed_columns(views, readable) if is_limited else set()
    hidden |= {name for name, read in _computed(view).items() if not read.isdisjoint(columns)}
    hidden |= {
        name
        for name, aggregate in view.column_aggregates.items()
        if aggregate.relation_name in hidden
        or (
            aggregate.expression is not None
            and not columns_read_by(aggregate.expression).isdisjoint(columns)
        )
    }
    closed = {name for name, field in fields_by_attribute(view).items() if field not in write}
    if not (hidden or closed):
        return UNLIMITED
    return FieldAccess(
        frozenset(hidden),
        frozenset(hidden | closed),
        frozenset(closed),
        _is_label_hidden(view, hidden, is_limited=not read.all),
    )


# The fields of a view -------------------------------------------------------------------


def limitable_fields(view: ViewOptions) -> tuple[str, ...]:
    """The fields of a view that a role may permit one by one, in the order of its form, details and
    list."""
    return tuple(dict.fromkeys(fields_by_attribute(view).values()))


def fields_by_attribute(view: ViewOptions) -> Mapping[str, str]:
    """The fields by the names of a view's attributes.

    A foreign key column is the same field as its relation. The key of a record is in addresses and
    cannot be hidden, our version tells nothing, and secrets are shown to nobody: these are no
    fields.
    """
    return view.cache.get("fields", lambda: _find_fields(view), always=True)


def _find_fields(view: ViewOptions) -> dict[str, str]:
    if not view.has_fields:
        return {}
    mapper = view.mapper
    version = version_field(mapper) if issubclass(view.model, Audited) else None
    names = dict.fromkeys(
        (
            *view.get_form_columns(),
            *view.form_extra_fields,
            *view.get_details_columns(),
            *view.get_list_columns(),
            *map(attribute_name, view.column_searchable_list),
            *map(attribute_name, view.column_sortable_list),
            *map(attribute_name, view.list_filters),
            *mapper.column_attrs.keys(),
            *mapper.relationships.keys(),
        )
    )
    found = {}
    for name in names:
        if name in view.column_aggregates:  # follows from fields of other records
            continue
        column = mapper.columns.get(name)
        if isinstance(column, Column) and column.table is not None:
            if column.primary_key or name == version or is_secret(column):
                continue
            relations = list(_relations_by(view, column))
            if len(relations) == 1:
                found[name] = relations[0].key
                continue
        found[name] = name
    return found


def _relations_by(view: ViewOptions, column: Column[Any]) -> Iterator[RelationshipProperty[Any]]:
    """The relations to one record that a foreign key column makes."""
    for relation in view.mapper.relationships:
        is_to_one = relation.direction is MANYTOONE and not relation.viewonly
        if is_to_one and column.foreign_keys and column in relation.local_columns:
            yield relation


# What follows from other views ----------------------------------------------------------


def guards_of(views: Sequence[ViewOptions], view: ViewOptions) -> Guards:
    """The fields of ``view`` that refer to other records, each with the views that a person must be
    allowed to list to see it.

    For a relation to one record, and for its foreign key column, that is the view of the record.
    For a relation to many it is both views, because it is the same fact from the other end. Links
    (a user's roles) belong to their owner and are seen with it. Records that no view shows guard
    nothing.
    """
    # By the first request, when all views are there. A cached property would come too early:
    # SQLAdmin reads all attributes of a view when it registers it.
    return view.cache.get("guards", lambda: _find_guards(views, view), always=True)


def _find_guards(views: Sequence[ViewOptions], view: ViewOptions) -> Guards:
    by_table = {other.mapper.local_table: other for other in views}
    links = getattr(view.model, "links", ())
    guards: dict[str, tuple[ViewOptions, ...]] = {}
    for name, relation in view.mapper.relationships.items():
        target = by_table.get(relation.mapper.local_table)
        if target is not None and name not in links:
            ends = (target, view) if relation.direction is ONETOMANY else (target,)
            guards[name] = ends
    for name, column in view.mapper.columns.items():
        if column.primary_key:
            continue
        targets = (by_table.get(key.column.table) for key in column.foreign_keys)
        if found := tuple(target for target in targets if target is not None):
            guards[name] = found
    return guards


def _other_ends(
    views: Sequence[ViewOptions], view: ViewOptions
) -> Mapping[str, tuple[ViewOptions, str]]:
    """The relations to many that are the other end of a field: "items" of a category is the
    category of items. Each with the field's view and name."""
    return view.cache.get("other ends", lambda: _find_other_ends(views, view), always=True)


def _find_other_ends(
    views: Sequence[ViewOptions], view: ViewOptions
) -> dict[str, tuple[ViewOptions, str]]:
    by_model = {other.model: other for other in views}
    ends: dict[str, tuple[ViewOptions, str]] = {}
    for name, relation in view.mapper.relationships.items():
        target = by_model.get(relation.mapper.class_)
        if target is None or relation.direction is MANYTOONE:
            continue
        if name in getattr(view.model, "links", ()):
            continue
        remote = [
            target.mapper.get_property_by_column(column).key
            for column in relation.remote_side
            if column in target.mapper.columns.values()
        ]
        fields = fields_by_attribute(target)
        for attribute in (relation.back_populates, *remote):
            if attribute in fields:
                ends[name] = (target, fields[attribute])
                break
    return ends


def _closed_columns(views: Sequence[ViewOptions], readable: FieldsOf) -> set[Column[Any]]:
    """The tables' columns of all fields that somebody may not read."""
    return {
        column
        for view in views
        if not (read := readable(view)).all
        for name, field in fields_by_attribute(view).items()
        if field not in read
        and isinstance(column := view.mapper.columns.get(name), Column)
        and column.table is not None
    }


def _computed(view: ViewOptions) -> Mapping[str, frozenset[Any]]:
    """The attributes that SQL computes, each with the columns that it reads."""
    return view.cache.get("computed", lambda: _find_computed(view), always=True)


def _find_computed(view: ViewOptions) -> dict[str, frozenset[Any]]:
    computed = {}
    for name in list(view.mapper.all_orm_descriptors.keys()):
        column = view.mapper.columns.get(name)
        if isinstance(column, Column) and column.table is not None:
            # A column that the database computes from others.
            if column.computed is None:
                continue
            computed[name] = frozenset({column, *_named_in(column)})
        elif (attribute := attribute_of(view.model, name)) is not None:
            computed[name] = frozenset(columns_read_by(attribute))
    return computed


def _named_in(column: Column[Any]) -> set[Column[Any]]:
    """The columns of its table that the SQL text of a computed column names."""
    assert column.computed is not None
    words = set(re.findall(r"\w+", str(column.computed.sqltext)))
    return {other for other in column.table.columns if other.name in words}


def columns_read_by(expression: Any) -> set[Any]:
    """The tables' columns that an SQL expression reads."""
    parts = visitors.iterate(getattr(expression, "expression", expression))
    return {column for part in parts for column in getattr(part, "base_columns", ())}


# Labels ---------------------------------------------------------------------------------


def _is_label_hidden(view: ViewOptions, hidden: set[str], *, is_limited: bool) -> bool:
    """Whether a record's label shows a hidden field. Nobody knows what a model's own ``__str__``
    shows, so it is hidden from people whose fields are limited."""
    if is_limited and not is_labelled_by_values(view.model):
        return True
    return not hidden.isdisjoint(label_names(view.model))
