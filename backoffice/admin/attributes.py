"""A model's attributes by name: columns, SQL expressions and hybrids."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Column, inspect
from sqlalchemy.orm import ColumnProperty, InstrumentedAttribute, Mapper
from sqlalchemy.sql import visitors

from backoffice.models import Audited


@cache
def attribute_of(model: Any, name: str) -> Any | None:
    """The attribute ``name`` of a model, to use in a statement: a column, a ``column_property`` or
    a hybrid. None for a relation, and for a property that only Python can compute."""
    mapper: Mapper[Any] = inspect(model)
    if name in mapper.relationships or name not in mapper.all_orm_descriptors:
        return None
    try:
        attribute = getattr(model, name)
        has_type = attribute.type is not None
    except Exception:
        # A hybrid that is not written for SQL runs its own code here, and may raise anything.
        return None
    return attribute if has_type else None


def column_of(attribute: Any) -> Column[Any] | None:
    """The table's column behind an attribute of ``attribute_of``; None for an expression."""
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
    """Whether an attribute may be NULL. An expression always may: its rule is unknown."""
    column = column_of(attribute)
    return column is None or bool(column.nullable)


def attributes_to_load(model: Any, names: Iterable[str]) -> list[Any] | None:
    """The attributes to load so that ``names`` can be read from a record, in the order of their
    names.

    None if that is unknown, and all attributes have to be loaded.
    """
    mapper: Mapper[Any] = inspect(model)
    loaded = set()
    for name in names:
        if name in mapper.column_attrs:
            loaded.add(name)
        elif name in mapper.all_orm_descriptors and name not in mapper.relationships:
            columns = _columns_read_by(model, name)
            if not columns:
                return None
            loaded |= columns
    return [getattr(model, name) for name in sorted(loaded)]


@cache
def _columns_read_by(model: Any, name: str) -> frozenset[str]:
    """The names of the columns in a hybrid's SQL; empty if it has no SQL."""
    attribute, mapper = attribute_of(model, name), inspect(model)
    if attribute is None:
        return frozenset()
    parts = visitors.iterate(getattr(attribute, "expression", attribute))
    columns = {column for part in parts for column in getattr(part, "base_columns", ())}
    return frozenset(
        mapped.key for mapped in mapper.column_attrs if not columns.isdisjoint(mapped.columns)
    )


def label_names(model: Any) -> tuple[str, ...]:
    """The attributes whose values, joined by a space, are a record's label: ``label_from`` of the
    model, or else its key."""
    mapper: Mapper[Any] = inspect(model)
    label_from: tuple[str, ...] | None = getattr(model, "label_from", None)
    keys = (mapper.get_property_by_column(column).key for column in mapper.primary_key)
    return tuple(keys) if label_from is None else label_from


def is_labelled_by_values(model: Any) -> bool:
    """Whether the values of its label attributes are a record's label, and not a text that the
    model's own ``__str__`` makes."""
    own = model.__str__ is not object.__str__ or model.__repr__ is not object.__repr__
    return model.__str__ is Audited.__str__ or not own


def attribute_name(attribute: str | InstrumentedAttribute[Any]) -> str:
    """The name of an attribute that is given as a mapped attribute or as its name."""
    return attribute if isinstance(attribute, str) else attribute.key


_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""The place before a word in ``HireDate`` and in ``URLPath``."""


@cache
def attribute_words(name: str) -> str:
    """An attribute's name as words: "Category" for ``category_id``, "Hire date" for ``HireDate``,
    "Customer ID" for ``customerID``."""
    words = _WORD_START.sub(" ", name.removesuffix("_id").replace("_", " "))
    if name != name.lower():
        words = " ".join(word if word.isupper() else word.lower() for word in words.split())
    return words[:1].upper() + words[1:]
