"""What deleting records does to other records, found out before anything is deleted.

Two rules decide: a relation of the models, as SQLAlchemy applies it, and otherwise the ON DELETE
rule of the foreign key, as the database applies it. A foreign key of a table that the models do not
declare is not seen here; if it forbids the delete, the database refuses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.admin.pages.parts import Link
from backoffice.admin.records.counting import COUNT_LIMIT, Count, bounded_count
from backoffice.admin.records.keys import key_attributes
from backoffice.admin.records.links import record_link
from backoffice.admin.records.references import Effect, Reference, references_to, tables_of
from backoffice.admin.view import Context, RecordView
from backoffice.history.links import links_of_model
from backoffice.models import Audited, Base

MOST_NAMES = 20
"""Records of each kind that are shown by name."""

MOST_STEPS = 6
"""References that are followed one after another. Records beyond that are deleted unannounced."""

ORDER: tuple[Effect, ...] = ("deleted", "needed", "emptied", "unlinked")
"""The order in which the effects are shown."""


@dataclass(frozen=True)
class CascadeEffect:
    """What happens to one kind of record.

    ``view``: of these records, None if no view shows them; ``table``: the name of their table.
    ``parent_view``: of the records that they refer to, None as well. ``relation``: the name of
    their relation to the parent, "" if they have none. ``label``: what the reference that they lose
    is called. ``depth``: 0 if they refer to the records that are to be deleted. ``is_field``: of
    links, whether they are a field of the deleted record.
    """

    effect: Effect
    view: RecordView | None
    parent_view: RecordView | None
    table: str
    count: Count
    links: tuple[Link, ...]
    relation: str
    label: str
    depth: int
    is_field: bool = False

    @property
    def number(self) -> int:
        return self.count.number

    @property
    def is_single(self) -> bool:
        return self.number == 1 and not self.count.more

    @property
    def records_label(self) -> str:
        """The records' name, singular or plural by their number: "items"."""
        if self.view is None:
            return f"{'row' if self.is_single else 'rows'} of {self.table}"
        return self.view.label if self.is_single else self.view.label_plural

    @property
    def counted_label(self) -> str:
        """The records' number and name: "10,000+ items"."""
        return f"{self.count} {self.records_label}"


def cascade_effects(context: Context, view: RecordView, keys: Sequence[Any]) -> list[CascadeEffect]:
    """What deleting the records of ``view`` with these keys does to other records, deletes first.

    One statement for each kind of record and reference, however many records there are; two for
    records that have several tables.
    """
    search = _ReferenceSearch(context, view, keys)
    search.run()
    effects = (_effect_of(context, search, found) for found in search.grouped())
    return [effect for effect in effects if effect is not None]


# Finding references ---------------------------------------------------------------------


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
        return statement.where(_is_in(columns[0].table.primary_key, keys))


@dataclass(frozen=True)
class _FoundReference:
    """A reference, and the rows that hold it: those for which ``condition`` is true."""

    reference: Reference
    parent: Mapper[Any]
    condition: Any
    depth: int


@dataclass
class _ReferenceSearch:
    """The search for all references to the records that are to be deleted.

    ``found``: the references. ``deleted``: the conditions of the rows that are deleted, by table.
    """

    context: Context
    view: RecordView
    keys: Sequence[Any]
    found: list[_FoundReference] = field(default_factory=list)
    deleted: dict[sa.Table, list[Any]] = field(default_factory=dict)

    def run(self) -> None:
        table = self.view.mapper.base_mapper.local_table
        rows = _Rows(table, _is_in(table.primary_key, list(self.keys)))
        self._follow(self.view.mapper, rows, (), 0, by_database=False)

    def grouped(self) -> list[_FoundReference]:
        """The references in the order of their effects; those of one kind of record as one."""
        groups: dict[Any, _FoundReference] = {}
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
                groups[group] = _FoundReference(
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
            self._add(first, mapper, _is_in(key, tree.select(key)), depth)
            references = [reference for reference in references if reference not in to_itself]
            rows = tree
        for reference in references:
            condition = _is_in(reference.columns, rows.select(reference.referred_columns))
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
            condition = sa.and_(condition, sa.not_(_is_in(roots.primary_key, list(self.keys))))
        self.found.append(_FoundReference(reference, parent, condition, depth))
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


def _is_in(columns: Any, values: Any) -> Any:
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
    return _Rows(table, _is_in(key, sa.select(*tree.c)))


# Describing them ------------------------------------------------------------------------


def _effect_of(
    context: Context, search: _ReferenceSearch, found: _FoundReference
) -> CascadeEffect | None:
    """What happens to the rows of a reference; None if there are no such rows."""
    reference, condition = found.reference, found.condition
    deleted = search.deleted.get(reference.table)
    if reference.effect != "deleted" and deleted:
        # Rows that are deleted by another reference are counted there.
        condition = sa.and_(condition, sa.not_(sa.or_(*deleted)))
    view, names_condition, label = _records_to_name(context, reference, condition)
    parent_view = _view_of(context, found.parent)
    may_see = view is not None and context.may("list", view)
    if reference.relation is not None and parent_view is not None:
        may_see = view is not None and context.may_see(parent_view, reference.relation.key)
    bounded = sa.select(sa.literal(1).label("one")).select_from(reference.table)
    bounded = bounded.where(condition).limit(COUNT_LIMIT + 1).correlate(None)
    counted = sa.select(sa.func.count().label("number")).select_from(bounded.subquery())
    records: list[Any] = []
    if view is None or not may_see:
        number = context.session.scalar(counted) or 0
    else:
        number, records = _count_and_load(context, counted, view, names_condition)
    if not number:
        return None
    back = reference.relation.back_populates if reference.relation is not None else ""
    return CascadeEffect(
        reference.effect,
        view,
        parent_view,
        reference.table.name,
        bounded_count(number),
        tuple(record_link(context, view, record) for record in records if view),
        str(back or ""),
        label,
        found.depth,
        is_field=_is_link_field(found.parent, reference),
    )


def _count_and_load(
    context: Context, counted: Any, view: RecordView, condition: Any
) -> tuple[int, list[Any]]:
    """The number of rows, and the first records that the person may see, in one statement.

    Two statements for records of several tables: joining those to the count has no condition for
    their inner join, and MySQL's compiler warns of that.
    """
    session, is_shown = context.session, sa.and_(condition, view.visible(context))
    order = (*view.label_attributes, *key_attributes(view))
    if len(view.mapper.tables) > 1:
        first: Any = sa.select(view.model).where(is_shown).order_by(*order).limit(MOST_NAMES)
        return session.scalar(counted) or 0, list(session.scalars(first))
    count = counted.subquery()
    statement = (
        sa.select(count.c.number, view.model)
        .select_from(count)
        .outerjoin(view.model, is_shown)
        .order_by(*order)
        .limit(MOST_NAMES)
    )
    rows = session.execute(statement).all()
    return rows[0][0], [row[1] for row in rows if row[1] is not None]


def _records_to_name(
    context: Context, reference: Reference, condition: Any
) -> tuple[RecordView | None, Any, str]:
    """Which records the page names for a reference: their view, a condition that selects them, and
    what the reference is called. For links, the records at the other end."""
    if reference.effect != "unlinked":
        view = _view_of_table(context, reference.table)
        label = _reference_label(view, reference) if view is not None else ""
        return view, condition, label
    others = [
        constraint
        for constraint in reference.table.foreign_key_constraints
        if set(constraint.columns) != set(reference.columns)
    ]
    view = _view_of_table(context, others[0].referred_table) if others else None
    if view is None:
        return None, condition, ""
    columns = [element.parent for element in others[0].elements]
    linked = sa.select(*columns).where(condition).correlate(None)
    referred_columns = [element.column for element in others[0].elements]
    return view, _is_in(referred_columns, linked), ""


def _view_of_table(context: Context, table: Any) -> RecordView | None:
    for view in context.site.record_views:
        if view.mapper.local_table is table:
            return view
    return None


def _view_of(context: Context, mapper: Mapper[Any]) -> RecordView | None:
    """The view of a class, or of the nearest class above it that has one."""
    for ancestor in mapper.iterate_to_root():
        for view in context.site.record_views:
            if view.mapper is ancestor:
                return view
    return None


def _is_link_field(mapper: Mapper[Any], reference: Reference) -> bool:
    if reference.relation is None or not issubclass(mapper.class_, Audited):
        return False
    return reference.relation.key in links_of_model(mapper)


def _reference_label(view: RecordView, reference: Reference) -> str:
    """What a record's pages call its reference: "manager"."""
    for name, relation in view.mapper.relationships.items():
        if set(relation.local_columns) == set(reference.columns) and not relation.uselist:
            return view.label_for(name).lower()
    prop = view.mapper.get_property_by_column(reference.columns[0])
    return view.label_for(prop.key).lower()
