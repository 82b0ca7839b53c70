"""The search for what refers to records that are to be deleted, and to those deleted with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.admin.records.references import Effect, Reference, references_to, tables_of
from backoffice.admin.view import Context, RecordView
from backoffice.models import Base

MOST_STEPS = 6
"""References that are followed one after another. Records beyond that are deleted unannounced."""

ORDER: tuple[Effect, ...] = ("deleted", "needed", "emptied", "unlinked")
"""The order in which the effects are shown."""


@dataclass(frozen=True)
class _Rows:
    """The rows of a table for which ``condition`` is true."""

    table: sa.FromClause
    condition: Any

    def select(self, columns: Sequence[Any]) -> Any:
        """A SELECT of these columns, which may be of another table of the same records."""
        statement = sa.select(*columns).correlate(None)
        if columns[0].table is self.table:
            return statement.where(self.condition)
        keys = sa.select(*self.table.primary_key).where(self.condition).correlate(None)
        return statement.where(is_in(columns[0].table.primary_key, keys))


@dataclass(frozen=True)
class FoundReference:
    """A reference, and the rows that hold it: those for which ``condition`` is true."""

    reference: Reference
    parent: Mapper[Any]
    condition: Any
    depth: int


@dataclass
class ReferenceSearch:
    """The search for all references to the records that are to be deleted.

    ``found``: the references. ``deleted``: the conditions of the rows that are deleted, by table.
    """

    context: Context
    view: RecordView
    keys: Sequence[Any]
    found: list[FoundReference] = field(default_factory=list)
    deleted: dict[sa.Table, list[Any]] = field(default_factory=dict)

    def run(self) -> None:
        table = self.view.mapper.base_mapper.local_table
        rows = _Rows(table, is_in(table.primary_key, list(self.keys)))
        self._follow(self.view.mapper, rows, (), 0, by_database=False)

    def grouped(self) -> list[FoundReference]:
        """The references in the order of their effects; those of one kind of record as one."""
        groups: dict[Any, FoundReference] = {}
        for found in self.found:
            reference = found.reference
            group: Any = (reference.effect, reference.table)
            if reference.effect != "deleted":
                group = (*group, reference.columns)
            first = groups.get(group)
            if first is None:
                groups[group] = found
            else:
                condition = sa.or_(first.condition, found.condition)
                groups[group] = FoundReference(
                    first.reference, first.parent, condition, first.depth
                )
        return sorted(groups.values(), key=lambda found: ORDER.index(found.reference.effect))

    def _follow(
        self,
        mapper: Mapper[Any],
        rows: _Rows,
        path: tuple[sa.Table, ...],
        depth: int,
        *,
        by_database: bool,
    ) -> None:
        """Add every reference to ``rows``, and follow those whose rows are deleted as well.

        ``path``: the tables that led here, none of which is followed again. ``by_database``:
        whether the database deletes ``rows``, so that SQLAlchemy's relations do not apply.
        """
        references = list(references_to(mapper, self._tables(), by_database=by_database))
        own_tables = tables_of(mapper)
        to_itself = [
            reference
            for reference in references
            if reference.table in own_tables and reference.effect == "deleted"
        ]
        tree = _with_descendants(rows, to_itself)
        if tree is not None:
            # All levels of a tree at once, by one recursive statement.
            first = to_itself[0]
            key = list(first.table.primary_key)
            self._add(first, mapper, is_in(key, tree.select(key)), depth)
            references = [reference for reference in references if reference not in to_itself]
            rows = tree
        for reference in references:
            condition = is_in(reference.columns, rows.select(reference.referred_columns))
            self._add(reference, mapper, condition, depth)
            target = self._mapper_of(reference)
            is_followed = reference.table not in path and depth < MOST_STEPS
            if reference.effect == "deleted" and is_followed and target is not None:
                self._follow(
                    target,
                    _Rows(reference.table, condition),
                    (*path, reference.table),
                    depth + 1,
                    by_database=reference.by_database,
                )

    def _add(self, reference: Reference, parent: Mapper[Any], condition: Any, depth: int) -> None:
        if depth and reference.effect == "unlinked":
            return  # links of records that are deleted as well
        roots = self.view.mapper.base_mapper.local_table
        if reference.table is roots and isinstance(roots, sa.Table):
            # A record that is to be deleted itself loses nothing and forbids nothing.
            condition = sa.and_(condition, sa.not_(is_in(roots.primary_key, list(self.keys))))
        self.found.append(FoundReference(reference, parent, condition, depth))
        if reference.effect == "deleted":
            self.deleted.setdefault(reference.table, []).append(condition)

    def _tables(self) -> list[sa.Table]:
        """All tables of the models, in an order that is always the same."""
        metadatas = {Base.metadata: None}
        for view in self.context.site.record_views:
            table = view.mapper.local_table
            if isinstance(table, sa.Table):
                metadatas[table.metadata] = None
        return [table for metadata in metadatas for table in metadata.sorted_tables]

    def _mapper_of(self, reference: Reference) -> Mapper[Any] | None:
        """The mapper of the rows that hold a reference; None for a table without a model."""
        if reference.relation is not None:
            return reference.relation.mapper
        registries = {
            Base.registry,
            *(view.mapper.registry for view in self.context.site.record_views),
        }
        mappers = [
            mapper
            for registry in registries
            for mapper in registry.mappers
            if mapper.local_table is reference.table
        ]
        return min(mappers, key=lambda mapper: len(list(mapper.iterate_to_root())), default=None)


def is_in(columns: Any, values: Any) -> Any:
    columns = list(columns)
    return (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(values)


def _with_descendants(rows: _Rows, references: Sequence[Reference]) -> _Rows | None:
    """``rows`` and all rows of the same table below them, by a recursive statement.

    ``references``: of the table to itself. None if there are none, or if they do not refer to the
    table's key. UNION, and not UNION ALL, ends the recursion at a row that refers to itself.
    """
    if not references:
        return None
    table = references[0].table
    key = list(table.primary_key)
    if any(
        reference.table is not table or list(reference.referred_columns) != key
        for reference in references
    ):
        return None
    tree = rows.select(key).cte("below", recursive=True)
    is_child = sa.or_(
        *(
            sa.and_(
                *(
                    column == tree.c[key_column.name]
                    for column, key_column in zip(reference.columns, key, strict=True)
                )
            )
            for reference in references
        )
    )
    tree = tree.union(sa.select(*key).join(tree, is_child))
    return _Rows(table, is_in(key, sa.select(*tree.c)))
