"""Which models the history keeps, under which name, with which fields, and what goes with their
rows when those are deleted.

Models that inherit from one another (by one table or by several) are one history: that of the base.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapper, configure_mappers
from sqlalchemy.orm.exc import UnmappedColumnError

from backoffice.columns import Key
from backoffice.history.encoding import encode
from backoffice.models import Audited, Base

BASES: tuple[type[DeclarativeBase], ...] = (Base,)
"""The declarative bases whose ``Audited`` classes have a history."""


def audited_mappers() -> dict[str, Mapper[Any]]:
    """The audited models' mappers by the name of their history; of a hierarchy the base's.

    Do not change the dictionary: it is kept.
    """
    configure_mappers()
    return _mappers(BASES, sum(len(base.metadata.tables) for base in BASES))


@cache
def _mappers(bases: tuple[type[DeclarativeBase], ...], _tables: int) -> dict[str, Mapper[Any]]:
    found = {
        history_name(mapper): mapper
        for base in bases
        for mapper in base.registry.mappers
        if issubclass(mapper.class_, Audited) and mapper.base_mapper is mapper
    }
    return dict(sorted(found.items()))


def history_name(mapper: Mapper[Any]) -> str:
    """What ``changes.model`` says: the table's name, with its schema if it is not in the default
    one; of an inherited model the base's."""
    table = table_of(mapper)
    return table.name if table.schema is None else f"{table.schema}.{table.name}"


def mapper_of_table(name: str) -> Mapper[Any] | None:
    """The audited model whose history has the name; None if there is none (any more)."""
    return audited_mappers().get(name)


def table_of(mapper: Mapper[Any]) -> sa.Table:
    """The table that holds a model's key; of an inherited model the base's."""
    table = mapper.base_mapper.local_table
    assert isinstance(table, sa.Table)
    return table


@cache
def key_of(mapper: Mapper[Any]) -> Key:
    """The key that a model's records are found by."""
    return Key.of(mapper.base_mapper)


def version_column(mapper: Mapper[Any]) -> sa.Column[Any] | None:
    """The counter that each write of ours raises; None if the model has none."""
    column = mapper.base_mapper.version_id_col if mapper.class_.versioned else None
    return column if isinstance(column, sa.Column) else None


def version_field(mapper: Mapper[Any]) -> str | None:
    """The name of the field whose column is ``version_column``."""
    column = version_column(mapper)
    return None if column is None else mapper.base_mapper.get_property_by_column(column).key


# Tables and fields ----------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A table that holds some fields of records, and the key by which it does.

    ``mapper``: the one whose own table it is; ``fields``: its columns but for an inherited key.
    """

    mapper: Mapper[Any]
    table: sa.Table
    key: Key
    fields: dict[str, sa.Column[Any]]

    @property
    def is_whole(self) -> bool:
        """Whether every record has a row here: whether it is the base's table."""
        return self.mapper.base_mapper is self.mapper


@cache
def parts_of(mapper: Mapper[Any]) -> tuple[Part, ...]:
    """The tables of a model's history: the base's, then those of joined inheritance, each after
    the one that it extends."""
    base = mapper.base_mapper
    key = key_of(base)
    parts = [Part(base, table_of(base), key, _fields(base, table_of(base), ()))]
    by_table = {parts[0].table: parts[0]}
    for child in base.self_and_descendants:
        table = child.local_table
        if not isinstance(table, sa.Table) or table in by_table or child.concrete:
            continue
        own = _inherited_key(table, by_table)
        part = Part(child, table, Key(own), _fields(child, table, own))
        by_table[table] = part
        parts.append(part)
    return tuple(parts)


def _inherited_key(table: sa.Table, parents: dict[Any, Part]) -> list[sa.Column[Any]]:
    """The columns that refer to the key of the table that this one extends, in its order."""
    for key in table.foreign_keys:
        parent = parents.get(key.column.table)
        if parent is not None and key.parent.primary_key:
            referring = {one.column: one.parent for one in table.foreign_keys}
            return [referring[column] for column in parent.key.columns]
    return list(table.primary_key.columns)


def _fields(mapper: Mapper[Any], table: sa.Table, without: Any) -> dict[str, sa.Column[Any]]:
    """A table's columns by field name, in its order. What the database computes is not kept."""
    found = {}
    for column in table.columns:
        if column.computed is not None or column in set(without):
            continue
        for one in mapper.self_and_descendants:  # a column of one table that a subclass added
            try:
                found[one.get_property_by_column(column).key] = column
            except UnmappedColumnError:
                continue
            break
    return found


@cache
def all_columns_of(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The columns of every record of a model's history by field name, of inherited models too (do
    not change the dictionary: it is kept)."""
    found: dict[str, sa.Column[Any]] = {}
    for part in parts_of(mapper):
        found |= part.fields
    return found


@cache
def columns_of(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The columns of a model's own records by field name (do not change the dictionary: it is
    kept)."""
    return {name: column for name, column in all_columns_of(mapper).items() if name in mapper.attrs}


@cache
def key_fields(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The names of the fields that are the key, in its order."""
    names = {column: name for name, column in all_columns_of(mapper).items()}
    return tuple(names[column] for column in key_of(mapper).columns)


def records_from(mapper: Mapper[Any], changes: Any = None, condition: Any = None) -> Any:
    """The rows of all records of a history: of the base's table, beside each those that extend it.

    ``changes``, ``condition``: what they are joined to, and how, so that it is kept without them.
    """
    first, *others = parts_of(mapper)
    source: Any = first.table if changes is None else changes.outerjoin(first.table, condition)
    for part in others:
        pairs = zip(part.key.columns, first.key.columns, strict=True)
        source = source.outerjoin(part.table, sa.and_(*(own == base for own, base in pairs)))
    return source


def is_instance(mapper: Mapper[Any]) -> Any:
    """The condition that a row of the base's table is a record of an inherited model; true for the
    base itself."""
    if mapper.base_mapper is mapper:
        return sa.true()
    kinds = [one.polymorphic_identity for one in mapper.self_and_descendants]
    return mapper.base_mapper.polymorphic_on.in_(kinds)  # type: ignore[union-attr]


@cache
def models_by_identity(mapper: Mapper[Any]) -> tuple[str | None, dict[Any, Mapper[Any]]]:
    """The field that says which of the models that inherit from one another a record is of, and
    those models by its values; None and nothing where there is but one model."""
    base = mapper.base_mapper
    for name, column in all_columns_of(base).items():
        if base.polymorphic_on is not None and column is base.polymorphic_on:
            return name, dict(base.polymorphic_map)
    return None, {}


def model_of(mapper: Mapper[Any], values: Mapping[str, Any]) -> Mapper[Any]:
    """Which of those models a record is of, of which the history keeps these values."""
    name, models = models_by_identity(mapper)
    if name is not None:
        column = all_columns_of(mapper)[name]
        for identity, model in models.items():
            if encode(column, identity) == values.get(name):
                return model
    return mapper.base_mapper


def label_sql(mapper: Mapper[Any], source: Mapping[str, Any] | None = None) -> Any:
    """What a record is called, as SQL: the same text as ``str(record)`` of ``Audited``; "" where
    its ``label_from`` names no columns.

    ``source``: its fields as expressions; None for the columns of its tables.
    """
    values = all_columns_of(mapper) if source is None else source
    names = [name for name in mapper.class_.label_from if name in values]
    parts = [sa.cast(values[name], sa.String(255)) for name in names]
    if not parts:
        return sa.literal_column("''", sa.String())
    if len(parts) == 1:
        return sa.func.coalesce(sa.func.substr(parts[0], 1, 255), "")
    label: Any = sa.func.coalesce(sa.literal(" ").concat(parts[0]), "")
    for part in parts[1:]:
        label = label.concat(sa.func.coalesce(sa.literal(" ").concat(part), ""))
    return sa.func.substr(label, 2, 255)


def keep_onupdate_columns(part: Part, sets: dict[Any, Any]) -> dict[Any, Any]:
    """``sets`` with the columns that would change by themselves, left as they are."""
    by_itself = {
        column: column
        for column in part.fields.values()
        if (column.onupdate or column.server_onupdate) and column not in sets
    }
    return by_itself | sets


def owner_of_table(table: sa.Table) -> tuple[Mapper[Any], Part] | None:
    """The audited model (of a hierarchy the base) that a table belongs to; None if to none."""
    for mapper in audited_mappers().values():
        for part in parts_of(mapper):
            if part.table is table:
                return mapper, part
    return None
