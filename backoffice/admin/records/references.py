"""Foreign keys to a model's records, and what a delete does to the rows that hold them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import ONETOMANY, Mapper, RelationshipProperty

Effect = Literal["deleted", "emptied", "unlinked", "needed"]
"""Rows are deleted as well; lose their reference; are memberships, which end; or forbid it."""

HOUSEKEEPING = "housekeeping"
"""A table whose ``info`` has this holds what the back office keeps for itself, which no page tells
of."""


@dataclass(frozen=True)
class Reference:
    """One foreign key to a record. ``relation``: that of the record's class which goes by it."""

    table: sa.Table
    columns: tuple[sa.Column[Any], ...]
    referred: tuple[sa.Column[Any], ...]
    effect: Effect
    relation: RelationshipProperty[Any] | None
    by_database: bool
    """Whether the database deletes the rows, so that what is below them goes by its rules alone."""


def tables_of(mapper: Mapper[Any]) -> set[sa.FromClause]:
    """All tables that a record of a class, or of one derived from it, has rows in."""
    return {table for one in mapper.self_and_descendants for table in one.tables}


def references_to(
    mapper: Mapper[Any], tables: Iterable[sa.Table], *, by_database: bool
) -> Iterator[Reference]:
    """The foreign keys to records of ``mapper``, among those of ``tables``.

    ``by_database``: whether the database deletes those records, and SQLAlchemy is not asked.
    """
    own = tables_of(mapper)
    for table in tables:
        if HOUSEKEEPING in table.info:
            continue
        for constraint in sorted(table.foreign_key_constraints, key=_order):
            columns = tuple(element.parent for element in constraint.elements)
            referred = tuple(element.column for element in constraint.elements)
            if referred[0].table not in own:
                continue
            if table in own and set(columns) == set(table.primary_key.columns):
                continue  # joined inheritance: another row of the same record
            relation = _relation(mapper, table, columns)
            if relation is not None and _is_part(mapper, relation):
                continue
            effect, database = _effect(mapper, constraint, relation, by_database=by_database)
            yield Reference(table, columns, referred, effect, relation, database)


def _order(constraint: sa.ForeignKeyConstraint) -> tuple[str, ...]:
    return tuple(constraint.column_keys)


def _relation(
    mapper: Mapper[Any], table: sa.Table, columns: tuple[sa.Column[Any], ...]
) -> RelationshipProperty[Any] | None:
    """The relation of a record's class that leads to the rows of a foreign key."""
    for one in mapper.self_and_descendants:
        for relation in one.relationships:
            if relation.viewonly:
                continue
            leads = relation.direction is ONETOMANY and table in relation.mapper.tables
            if not (leads or relation.secondary is table):
                continue
            if {column for _parent, column in relation.synchronize_pairs} == set(columns):
                return relation
    return None


def _is_part(mapper: Mapper[Any], relation: RelationshipProperty[Any]) -> bool:
    """Whether the rows are a part of the record, as a role's grants are."""
    links = getattr(mapper.class_, "links", ())
    return relation.secondary is None and relation.key in links


def _effect(
    mapper: Mapper[Any],
    constraint: sa.ForeignKeyConstraint,
    relation: RelationshipProperty[Any] | None,
    *,
    by_database: bool,
) -> tuple[Effect, bool]:
    """What happens to the rows, and whether it is the database that does it."""
    rule = (constraint.ondelete or "").upper()
    asked = relation if not by_database else None
    links = _links_only(constraint.table)
    if asked is not None and asked.secondary is not None:
        return "unlinked", False
    if asked is not None and asked.cascade.delete:
        return "deleted", bool(asked.passive_deletes) and rule == "CASCADE"
    if asked is not None and not asked.passive_deletes:
        nullable = all(column.nullable for column in constraint.columns)
        return ("emptied" if nullable else "needed"), False
    if rule == "CASCADE":
        return ("unlinked" if links else "deleted"), True
    if rule in ("SET NULL", "SET DEFAULT"):
        return "emptied", True
    # The history takes a record from the fields of those that link to it, before it is deleted.
    return ("unlinked" if links and _is_field(mapper, constraint) else "needed"), True


def _links_only(table: sa.Table) -> bool:
    """Whether a table's rows are nothing but links: its columns are two foreign keys."""
    columns = {column for one in table.foreign_key_constraints for column in one.columns}
    return len(table.foreign_key_constraints) == 2 and set(table.columns) == columns


def _is_field(mapper: Mapper[Any], constraint: sa.ForeignKeyConstraint) -> bool:
    """Whether some other class has the links as a field of its records."""
    return any(
        relation.secondary is constraint.table and not relation.viewonly
        for other in mapper.registry.mappers
        for relation in other.relationships
    )
