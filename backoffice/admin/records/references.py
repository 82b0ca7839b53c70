"""The foreign keys that refer to a model's records, and what a delete does to the rows that hold
them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import ONETOMANY, Mapper, RelationshipProperty

Effect = Literal["deleted", "emptied", "unlinked", "needed"]
"""The rows are deleted as well; their reference becomes NULL; they are links, which are removed; or
they forbid the delete."""

HOUSEKEEPING = "housekeeping"
"""A key of ``Table.info``. A table that has it belongs to the back office itself, and pages do not
mention it."""


@dataclass(frozen=True)
class Reference:
    """A foreign key to a record.

    ``columns`` of ``table`` refer to ``referred_columns``. ``relation``: the relation of the
    record's class that uses the foreign key, None if it has none. ``by_database``: whether the
    database deletes the rows, so that below them only the database's rules apply.
    """

    table: sa.Table
    columns: tuple[sa.Column[Any], ...]
    referred_columns: tuple[sa.Column[Any], ...]
    effect: Effect
    relation: RelationshipProperty[Any] | None
    by_database: bool


def tables_of(mapper: Mapper[Any]) -> set[sa.FromClause]:
    """All tables with rows of a class's records, those of derived classes among them."""
    return {table for derived in mapper.self_and_descendants for table in derived.tables}


def references_to(
    mapper: Mapper[Any], tables: Iterable[sa.Table], *, by_database: bool
) -> Iterator[Reference]:
    """The foreign keys of ``tables`` that refer to records of ``mapper``.

    ``by_database``: whether the database deletes those records, so that SQLAlchemy's relations do
    not apply.
    """
    own_tables = tables_of(mapper)
    for table in tables:
        if HOUSEKEEPING in table.info:
            continue
        for constraint in sorted(table.foreign_key_constraints, key=_column_keys):
            columns = tuple(element.parent for element in constraint.elements)
            referred_columns = tuple(element.column for element in constraint.elements)
            if referred_columns[0].table not in own_tables:
                continue
            if table in own_tables and set(columns) == set(table.primary_key.columns):
                continue  # joined inheritance: another row of the same record
            relation = _relation_by(mapper, table, columns)
            if relation is not None and _is_part_of_record(mapper, relation):
                continue
            applied = None if by_database else relation
            effect, is_database = _effect(mapper, constraint, applied)
            yield Reference(table, columns, referred_columns, effect, relation, is_database)


def _column_keys(constraint: sa.ForeignKeyConstraint) -> tuple[str, ...]:
    return tuple(constraint.column_keys)


def _relation_by(
    mapper: Mapper[Any], table: sa.Table, columns: tuple[sa.Column[Any], ...]
) -> RelationshipProperty[Any] | None:
    """The relation of a record's class that uses a foreign key of ``table``."""
    for derived in mapper.self_and_descendants:
        for relation in derived.relationships:
            if relation.viewonly:
                continue
            is_to_many = relation.direction is ONETOMANY and table in relation.mapper.tables
            if not (is_to_many or relation.secondary is table):
                continue
            if {column for _parent, column in relation.synchronize_pairs} == set(columns):
                return relation
    return None


def _is_part_of_record(mapper: Mapper[Any], relation: RelationshipProperty[Any]) -> bool:
    """Whether the rows are a field of the record, such as a role's grants."""
    links = getattr(mapper.class_, "links", ())
    return relation.secondary is None and relation.key in links


def _effect(
    mapper: Mapper[Any],
    constraint: sa.ForeignKeyConstraint,
    relation: RelationshipProperty[Any] | None,
) -> tuple[Effect, bool]:
    """What happens to the rows, and whether the database does it.

    ``relation``: the one that SQLAlchemy applies; None if only the database's rule applies.
    """
    rule = (constraint.ondelete or "").upper()
    if relation is not None and relation.secondary is not None:
        return "unlinked", False
    if relation is not None and relation.cascade.delete:
        return "deleted", bool(relation.passive_deletes) and rule == "CASCADE"
    if relation is not None and not relation.passive_deletes:
        nullable = all(column.nullable for column in constraint.columns)
        return ("emptied" if nullable else "needed"), False
    is_link_table = _is_link_table(constraint.table)
    if rule == "CASCADE":
        return ("unlinked" if is_link_table else "deleted"), True
    if rule in ("SET NULL", "SET DEFAULT"):
        return "emptied", True
    # Before a record is deleted, the history removes it from the link fields of other records.
    is_unlinked = is_link_table and _is_link_field(mapper, constraint)
    return ("unlinked" if is_unlinked else "needed"), True


def _is_link_table(table: sa.Table) -> bool:
    """Whether a table holds nothing but links: all its columns belong to two foreign keys."""
    columns = {
        column for constraint in table.foreign_key_constraints for column in constraint.columns
    }
    return len(table.foreign_key_constraints) == 2 and set(table.columns) == columns


def _is_link_field(mapper: Mapper[Any], constraint: sa.ForeignKeyConstraint) -> bool:
    """Whether the links are a field of some other class's records."""
    return any(
        relation.secondary is constraint.table and not relation.viewonly
        for other in mapper.registry.mappers
        for relation in other.relationships
    )
