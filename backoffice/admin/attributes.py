"""A model's attributes as lists read them: columns, SQL expressions and hybrids alike."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Column, inspect
from sqlalchemy.orm import ColumnProperty, InstrumentedAttribute, Mapper
from sqlalchemy.sql import visitors


@cache
def attribute_of(model: Any, name: str) -> Any | None:
    """The attribute ``name`` of a model, to put into a statement: a column, a ``column_property``
    or a hybrid. None for a relation, and for what Python alone knows."""
    mapper: Mapper[Any] = inspect(model)
    if name in mapper.relationships or name not in mapper.all_orm_descriptors:
        return None
    try:
        found = getattr(model, name)
        known = found.type is not None
    except Exception:
        # A hybrid that is not written for SQL runs its own code here, and may raise anything.
        return None
    return found if known else None


def column_of(attribute: Any) -> Column[Any] | None:
    """The table's column that an attribute is; None if it is an expression."""
    mapped = getattr(attribute, "property", None)
    if isinstance(mapped, ColumnProperty) and isinstance(mapped.columns[0], Column):
        return mapped.columns[0]
    return attribute if isinstance(attribute, Column) else None


@cache
def table_column(mapper: Mapper[Any], name: str) -> Column[Any] | None:
    """The table's column that the attribute ``name`` is mapped to; None for a relation, and for an
    attribute that is computed, even from a single column."""
    column = mapper.columns.get(name)
    return column if isinstance(column, Column) and column.table is not None else None


def may_be_null(attribute: Any) -> bool:
    """Whether an attribute may have no value; of an expression nobody knows."""
    column = column_of(attribute)
    return column is None or bool(column.nullable)


def to_load(model: Any, names: Iterable[str]) -> list[Any] | None:
    """The attributes that reading ``names`` of a record takes, by name; None where that cannot be
    told, and all are to be loaded."""
    mapper: Mapper[Any] = inspect(model)
    loaded = set()
    for name in names:
        if name in mapper.column_attrs:
            loaded.add(name)
        elif name in mapper.all_orm_descriptors and name not in mapper.relationships:
            parts = _read_by(model, name)
            if not parts:
                return None
            loaded |= parts
    return [getattr(model, name) for name in sorted(loaded)]


@cache
def _read_by(model: Any, name: str) -> frozenset[str]:
    """The columns that a hybrid computes with, as far as its SQL tells."""
    attribute, mapper = attribute_of(model, name), inspect(model)
    if attribute is None:
        return frozenset()
    parts = visitors.iterate(getattr(attribute, "expression", attribute))
    columns = {column for part in parts for column in getattr(part, "base_columns", ())}
    return frozenset(one.key for one in mapper.column_attrs if not columns.isdisjoint(one.columns))


def label_names(model: Any) -> tuple[str, ...]:
    """The attributes whose values, joined by a space, name a record; its key where none do."""
    mapper: Mapper[Any] = inspect(model)
    named: tuple[str, ...] | None = getattr(model, "label_from", None)
    keys = (mapper.get_property_by_column(column).key for column in mapper.primary_key)
    return tuple(keys) if named is None else named


def attribute_name(attribute: str | InstrumentedAttribute[Any]) -> str:
    """The name of a mapped attribute, given as such or as a string."""
    return attribute if isinstance(attribute, str) else attribute.key


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins in ``HireDate`` and in ``URLPath``."""


def attribute_words(name: str) -> str:
    """An attribute's name as a person would write it: "Category" for ``category_id``, "Hire date"
    for ``HireDate``, "Customer ID" for ``customerID``."""
    words = _HUMP.sub(" ", name.removesuffix("_id").replace("_", " "))
    if name != name.lower():
        words = " ".join(word if word.isupper() else word.lower() for word in words.split())
    return words[:1].upper() + words[1:]
