"""Which models are audited: the name, tables, key and fields of each one's history.

Models that inherit from one another (in one table or several) share the history of their base.
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
    """The audited models by the name of their history; of a hierarchy the base alone.

    The dictionary is cached: do not change it.
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
    """The value of ``changes.model``: the table's name, after its schema if it has one.

    Of a model that inherits from another it is the base's.
    """
    table = table_of(mapper)
    return table.name if table.schema is None else f"{table.schema}.{table.name}"


def mapper_of_table(name: str) -> Mapper[Any] | None:
    """The audited model whose history has this name; None if there is no such model."""
    return audited_mappers().get(name)


def table_of(mapper: Mapper[Any]) -> sa.Table:
    """The table with a model's key; of a model that inherits from another, the base's."""
    table = mapper.base_mapper.local_table
    assert isinstance(table, sa.Table)
    return table


@cache
def key_of(mapper: Mapper[Any]) -> Key:
    """The primary key of a model's records."""
    return Key.of(mapper.base_mapper)


def version_column(mapper: Mapper[Any]) -> sa.Column[Any] | None:
    """The column that each recorded write increments; None if the model has none."""
    column = mapper.base_mapper.version_id_col if mapper.class_.versioned else None
    return column if isinstance(column, sa.Column) else None


def version_field(mapper: Mapper[Any]) -> str | None:
    """The field name of ``version_column``; None if the model has none."""
    column = version_column(mapper)
    return None if column is None else mapper.base_mapper.get_property_by_column(column).key


# Tables and fields ----------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One of the tables that hold a model's records: joined inheritance has several.

    ``mapper``: the model that the table belongs to. ``fields``: its columns by field name, without
    the key columns that refer to the base's table.
    """

    mapper: Mapper[Any]
    table: sa.Table
    key: Key
    fields: dict[str, sa.Column[Any]]

    @property
    def is_base(self) -> bool:
        """Whether it is the base's table, in which every record has a row."""
        return self.mapper.base_mapper is self.mapper


@cache
def parts_of(mapper: Mapper[Any]) -> tuple[Part, ...]:
    """The tables of a model's history: the base's first, then each after the one it extends."""
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
    """The columns that refer to the key of the extended table, in the order of that key."""
    for key in table.foreign_keys:
        parent = parents.get(key.column.table)
        if parent is not None and key.parent.primary_key:
            referring = {other.column: other.parent for other in table.foreign_keys}
            return [referring[column] for column in parent.key.columns]
    return list(table.primary_key.columns)


def _fields(mapper: Mapper[Any], table: sa.Table, without: Any) -> dict[str, sa.Column[Any]]:
    """A table's columns by field name, in its order, without computed columns."""
    found = {}
    for column in table.columns:
        if column.computed is not None or column in set(without):
            continue
        for model in mapper.self_and_descendants:  # a subclass may add a column to this table
            try:
                found[model.get_property_by_column(column).key] = column
            except UnmappedColumnError:
                continue
            break
    return found


@cache
def all_columns_of(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The columns of a whole history by field name, with those of all inheriting models.

    The dictionary is cached: do not change it.
    """
    found: dict[str, sa.Column[Any]] = {}
    for part in parts_of(mapper):
        found |= part.fields
    return found


@cache
def columns_of(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The columns of one model's records by field name.

    The dictionary is cached: do not change it.
    """
    return {name: column for name, column in all_columns_of(mapper).items() if name in mapper.attrs}


@cache
def key_fields(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The names of the key's fields, in the order of the key."""
    names = {column: name for name, column in all_columns_of(mapper).items()}
    return tuple(names[column] for column in key_of(mapper).columns)


def records_from(mapper: Mapper[Any], changes: Any = None, condition: Any = None) -> Any:
    """The FROM clause for all records of a history: its tables, joined.

    ``changes``, ``condition``: a table that the records are outer-joined to, and the condition.
    """
    first, *others = parts_of(mapper)
    source: Any = first.table if changes is None else changes.outerjoin(first.table, condition)
    for part in others:
        pairs = zip(part.key.columns, first.key.columns, strict=True)
        source = source.outerjoin(part.table, sa.and_(*(own == base for own, base in pairs)))
    return source


def is_instance(mapper: Mapper[Any]) -> Any:
    """The condition that a row of the base's table is a record of this model."""
    if mapper.base_mapper is mapper:
        return sa.true()
    identities = [model.polymorphic_identity for model in mapper.self_and_descendants]
    kind = mapper.base_mapper.polymorphic_on
    assert kind is not None, "SQLAlchemy refuses to map a class below another without it"
    return kind.in_(identities)


@cache
def models_by_identity(mapper: Mapper[Any]) -> tuple[str | None, dict[Any, Mapper[Any]]]:
    """The discriminator field of a hierarchy, and its models by the field's values.

    Where no model inherits from another: None and an empty dictionary.
    """
    base = mapper.base_mapper
    for name, column in all_columns_of(base).items():
        if base.polymorphic_on is not None and column is base.polymorphic_on:
            return name, dict(base.polymorphic_map)
    return None, {}


def model_of(mapper: Mapper[Any], values: Mapping[str, Any]) -> Mapper[Any]:
    """The model of a record with these encoded values."""
    name, models = models_by_identity(mapper)
    if name is not None:
        column = all_columns_of(mapper)[name]
        for identity, model in models.items():
            if encode(column, identity) == values.get(name):
                return model
    return mapper.base_mapper


def label_sql(mapper: Mapper[Any], source: Mapping[str, Any] | None = None) -> Any:
    """A record's label as SQL: the same text as ``str(record)`` of ``Audited``.

    It is "" where ``label_from`` names no columns. ``source``: the record's fields as expressions;
    None for the columns of its tables.
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
    """The SET clause ``sets``, where columns with ``onupdate`` keep their value."""
    unchanged = {
        column: column
        for column in part.fields.values()
        if (column.onupdate or column.server_onupdate) and column not in sets
    }
    return unchanged | sets


def owner_of_table(table: sa.Table) -> tuple[Mapper[Any], Part] | None:
    """The audited model of a table (of a hierarchy the base) and its part; None without one."""
    for mapper in audited_mappers().values():
        for part in parts_of(mapper):
            if part.table is table:
                return mapper, part
    return None
