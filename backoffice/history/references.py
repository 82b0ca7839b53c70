"""Foreign keys of audited tables, and the rows that the database cascades a delete to."""

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
    """A foreign key of an audited table.

    ``columns`` of ``part``, by field name, refer to the columns ``referred``, in the same order.
    """

    part: Part
    rule: sa.ForeignKeyConstraint
    columns: dict[str, sa.Column[Any]]
    referred: tuple[sa.Column[Any], ...]

    @property
    def mapper(self) -> Mapper[Any]:
        """The base of the referring model."""
        return self.part.mapper.base_mapper


@cache
def references_of(mapper: Mapper[Any]) -> tuple[Reference, ...]:
    """The foreign keys of a model's tables, without those of joined inheritance."""
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
    """The foreign keys of all audited tables that refer to a model's tables."""
    tables = {part.table for part in parts_of(mapper)}
    for child in audited_mappers().values():
        for reference in references_of(child):
            if reference.rule.referred_table in tables:
                yield reference


@dataclass(frozen=True)
class Dependent:
    """Rows that the database cascades to when the row that they refer to is deleted.

    ``set_null``: the fields that become NULL (ON DELETE SET NULL); without any, the rows are
    deleted (ON DELETE CASCADE).
    """

    reference: Reference
    set_null: tuple[str, ...]

    @property
    def mapper(self) -> Mapper[Any]:
        """The base of the dependent model."""
        return self.reference.mapper


_SET_NULL = re.compile(r"SET NULL(?:\s*\((.*)\))?", re.IGNORECASE)


def dependents(mapper: Mapper[Any]) -> Iterator[Dependent]:
    """The audited rows that a delete of a ``mapper`` record cascades to, by foreign key."""
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
    """Whether a delete of a ``mapper`` record may cascade to other ``mapper`` records."""
    return _may_cascade_to_itself(mapper.base_mapper, audited.BASES)


@cache
def _may_cascade_to_itself(mapper: Mapper[Any], _bases: Any) -> bool:
    seen: set[Mapper[Any]] = set()
    to_visit = [mapper]
    while to_visit:
        for dependent in dependents(to_visit.pop()):
            if dependent.mapper is mapper:
                return True
            if dependent.mapper not in seen and not dependent.set_null:
                seen.add(dependent.mapper)
                to_visit.append(dependent.mapper)
    return False
