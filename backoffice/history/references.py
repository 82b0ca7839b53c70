"""Foreign keys of audited rows, and what the database does by them on delete."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history import audited
from backoffice.history.audited import Part, audited_mappers, parts_of


@dataclass(frozen=True)
class Reference:
    """A foreign key of audited rows: ``columns`` of ``part``, by field name, refer to ``referred``
    (in the same order)."""

    part: Part
    rule: sa.ForeignKeyConstraint
    columns: dict[str, sa.Column[Any]]
    referred: tuple[sa.Column[Any], ...]

    @property
    def mapper(self) -> Mapper[Any]:
        """The base of the referring models."""
        return self.part.mapper.base_mapper


@cache
def references_of(mapper: Mapper[Any]) -> tuple[Reference, ...]:
    """The foreign keys of a model's history, but for those that inheritance makes."""
    parts = parts_of(mapper)
    found = []
    for part in parts:
        names = {column: name for name, column in part.fields.items()}
        rules = sorted(part.table.foreign_key_constraints, key=lambda rule: tuple(rule.column_keys))
        for rule in rules:
            columns = [element.parent for element in rule.elements]
            if all(column in names for column in columns):
                referred = tuple(element.column for element in rule.elements)
                fields = {names[column]: column for column in columns}
                found.append(Reference(part, rule, fields, referred))
    return tuple(found)


def references_to(mapper: Mapper[Any]) -> Iterator[Reference]:
    """The foreign keys of audited rows that lead to a model's tables."""
    tables = {part.table for part in parts_of(mapper)}
    for child in audited_mappers().values():
        for reference in references_of(child):
            if reference.rule.referred_table in tables:
                yield reference


@dataclass(frozen=True)
class Dependent:
    """Rows that the database changes by itself when the row that they refer to is deleted.

    ``emptied``: the fields that become NULL; the rows are deleted if there is none.
    """

    reference: Reference
    emptied: tuple[str, ...]

    @property
    def mapper(self) -> Mapper[Any]:
        """The base of their models."""
        return self.reference.mapper


_SET_NULL = re.compile(r"SET NULL(?:\s*\((.*)\))?", re.IGNORECASE)


def dependents(mapper: Mapper[Any]) -> Iterator[Dependent]:
    """What deleting a record of ``mapper`` does to audited rows, as the foreign keys say."""
    for reference in references_to(mapper):
        action = (reference.rule.ondelete or "").strip()
        if action.upper() == "CASCADE":
            yield Dependent(reference, ())
        elif found := _SET_NULL.fullmatch(action):
            some = [name.strip(' "') for name in (found[1] or "").split(",") if name.strip()]
            yield Dependent(
                reference,
                tuple(
                    name
                    for name, column in reference.columns.items()
                    if not some or column.name in some
                ),
            )


def may_cascade_to_itself(mapper: Mapper[Any]) -> bool:
    """Whether what depends on records of ``mapper``, near or far, may be of ``mapper`` itself."""
    return _may_cascade_to_itself(mapper.base_mapper, audited.BASES)


@cache
def _may_cascade_to_itself(mapper: Mapper[Any], _bases: Any) -> bool:
    seen: set[Mapper[Any]] = set()
    next_ones = [mapper]
    while next_ones:
        for dependent in dependents(next_ones.pop()):
            if dependent.mapper is mapper:
                return True
            if dependent.mapper not in seen and not dependent.emptied:
                seen.add(dependent.mapper)
                next_ones.append(dependent.mapper)
    return False
