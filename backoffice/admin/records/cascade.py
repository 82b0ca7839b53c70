"""What deleting records does to others, found out before: by the models' relations, as SQLAlchemy
goes by them, and by every foreign key that the models declare, as the database does.

A foreign key of a table that no model here knows is not seen; the database's refusal is told then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.admin.pages.parts import Link
from backoffice.admin.records.counting import COUNT_LIMIT, Count, of_bounded
from backoffice.admin.records.keys import key_attributes
from backoffice.admin.records.links import record_link
from backoffice.admin.records.references import Effect, Reference, references_to, tables_of
from backoffice.admin.view import Context, RecordView
from backoffice.history.links import links_of_model
from backoffice.models import Audited, Base

FIRST_NAMES = 20
"""Names shown of each kind of record."""

DEEPEST = 6
"""Steps from the records that are to be deleted; what is further away is deleted untold."""


@dataclass(frozen=True)
class CascadeEffect:
    """What happens to one kind of record.

    ``view``: None where no view shows them; ``table``: the name of theirs. ``above``: the view of
    the records that they refer to, None as well. ``relation``: the name of their relation to
    those, by which they could be moved; "" without one. ``label``: what the reference is called
    that they lose. ``depth``: 0 where they refer to the records themselves.
    """

    effect: Effect
    view: RecordView | None
    above: RecordView | None
    table: str
    count: Count
    links: tuple[Link, ...]
    relation: str
    label: str
    depth: int
    is_own: bool = False
    """Of links: whether they are a field of the deleted record."""

    @property
    def number(self) -> int:
        return self.count.number

    @property
    def label_plural(self) -> str:
        """What they are called, one or more: "items"."""
        one = self.number == 1 and not self.count.more
        if self.view is None:
            return f"{'row' if one else 'rows'} of {self.table}"
        return self.view.label if one else self.view.label_plural

    @property
    def counted(self) -> str:
        """The same with their number: "10,000+ items"."""
        return f"{self.count} {self.label_plural}"

    @property
    def is_one(self) -> bool:
        return self.number == 1 and not self.count.more


def cascade_effects(context: Context, view: RecordView, keys: Sequence[Any]) -> list[CascadeEffect]:
    """What deleting the records of ``keys`` does to others: a statement for each kind of record and
    reference, whatever their number."""
    return list(_Walk(context, view, keys).told())


@dataclass(frozen=True)
class _Rows:
    """Rows of a table: those of which ``condition`` is true."""

    table: sa.FromClause
    condition: Any

    def select(self, columns: Sequence[Any]) -> Any:
        """Their columns, which may be of another table of the same record."""
        found = sa.select(*columns).correlate(None)
        if columns[0].table is self.table:
            return found.where(self.condition)
        keys = sa.select(*self.table.primary_key).where(self.condition).correlate(None)
        return found.where(_among(columns[0].table.primary_key, keys))


@dataclass(frozen=True)
class _Found:
    """A reference that is followed: from which rows, and which of its table's rows it is."""

    reference: Reference
    above: Mapper[Any]
    condition: Any
    depth: int


@dataclass
class _Walk:
    """One look at what a delete does."""

    context: Context
    view: RecordView
    keys: Sequence[Any]
    found: list[_Found] = field(default_factory=list)
    deleted: dict[sa.Table, list[Any]] = field(default_factory=dict)

    def told(self) -> Iterator[CascadeEffect]:
        """What was found, deletes first, each kind of record once."""
        table = self.view.mapper.base_mapper.local_table
        roots = _Rows(table, _among(table.primary_key, list(self.keys)))
        self._follow(self.view.mapper, roots, (), 0, by_database=False)
        merged: dict[Any, _Found] = {}
        for one in self.found:
            reference = one.reference
            place: Any = (reference.effect, reference.table)
            if reference.effect != "deleted":
                place = (*place, reference.columns)
            first = merged.get(place)
            if first is None:
                merged[place] = one
            else:
                condition = sa.or_(first.condition, one.condition)
                merged[place] = _Found(first.reference, first.above, condition, first.depth)
        order: list[Effect] = ["deleted", "needed", "emptied", "unlinked"]
        for one in sorted(merged.values(), key=lambda one: order.index(one.reference.effect)):
            if (told := self._told(one)) is not None:
                yield told

    def _follow(
        self,
        mapper: Mapper[Any],
        rows: _Rows,
        path: tuple[sa.Table, ...],
        depth: int,
        *,
        by_database: bool,
    ) -> None:
        """Note every reference to ``rows``, and go on from the rows that are deleted with them."""
        tables = self._tables()
        references = list(references_to(mapper, tables, by_database=by_database))
        own = tables_of(mapper)
        below = [one for one in references if one.table in own and one.effect == "deleted"]
        tree = _with_all_below(rows, below)
        if tree is not None:
            first = below[0]
            inside = _among(first.table.primary_key, tree.select(list(first.table.primary_key)))
            self._note(first, mapper, inside, depth)
            references = [one for one in references if one not in below]
            rows = tree
        for one in references:
            condition = _among(one.columns, rows.select(one.referred))
            self._note(one, mapper, condition, depth)
            target = self._mapper_of(one)
            further = one.table not in path and depth < DEEPEST
            if one.effect == "deleted" and further and target is not None:
                rows_below = _Rows(one.table, condition)
                self._follow(
                    target,
                    rows_below,
                    (*path, one.table),
                    depth + 1,
                    by_database=one.by_database,
                )

    def _note(self, reference: Reference, above: Mapper[Any], condition: Any, depth: int) -> None:
        if depth and reference.effect == "unlinked":
            return  # links of records that are deleted as well
        roots = self.view.mapper.base_mapper.local_table
        if reference.table is roots and isinstance(roots, sa.Table):
            # Those that are to be deleted themselves lose nothing, and forbid nothing.
            condition = sa.and_(condition, sa.not_(_among(roots.primary_key, list(self.keys))))
        self.found.append(_Found(reference, above, condition, depth))
        if reference.effect == "deleted":
            self.deleted.setdefault(reference.table, []).append(condition)

    def _tables(self) -> list[sa.Table]:
        metadata = {Base.metadata: None}
        for view in self.context.site.record_views:
            table = view.mapper.local_table
            if isinstance(table, sa.Table):
                metadata[table.metadata] = None
        return [table for each in metadata for table in each.sorted_tables]

    def _mapper_of(self, reference: Reference) -> Mapper[Any] | None:
        """The class whose records the rows are; None for a table without one."""
        if reference.relation is not None:
            return reference.relation.mapper
        registries = {
            Base.registry,
            *(one.mapper.registry for one in self.context.site.record_views),
        }
        found = [
            mapper
            for registry in registries
            for mapper in registry.mappers
            if mapper.local_table is reference.table
        ]
        return min(found, key=lambda mapper: len(list(mapper.iterate_to_root())), default=None)

    # What the page says ---------------------------------------------------------------

    def _told(self, one: _Found) -> CascadeEffect | None:
        reference, condition = one.reference, one.condition
        if reference.effect != "deleted" and (gone := self.deleted.get(reference.table)):
            condition = sa.and_(condition, sa.not_(sa.or_(*gone)))
        shown, names, label = self._shown(reference, condition)
        above = self._view_of(one.above)
        may_see = shown is not None and self.context.may("list", shown)
        if reference.relation is not None and above is not None:
            may_see = shown is not None and self.context.may_see(above, reference.relation.key)
        some = sa.select(sa.literal(1).label("one")).select_from(reference.table)
        some = some.where(condition).limit(COUNT_LIMIT + 1).correlate(None)
        counted = sa.select(sa.func.count().label("number")).select_from(some.subquery())
        records: list[Any] = []
        if shown is None or not may_see:
            number = self.context.session.scalar(counted) or 0
        else:
            number, records = self._counted(counted, shown, names)
        if not number:
            return None
        back = reference.relation.back_populates if reference.relation is not None else ""
        return CascadeEffect(
            reference.effect,
            shown,
            above,
            reference.table.name,
            of_bounded(number),
            tuple(record_link(self.context, shown, record) for record in records if shown),
            str(back or ""),
            label,
            one.depth,
            is_own=_is_field(one.above, reference),
        )

    def _counted(self, counted: Any, shown: RecordView, names: Any) -> tuple[int, list[Any]]:
        """How many there are, and the first of those that the person may see: one statement.

        Two for records of several tables: a join to them has no condition, which MySQL's compiler
        warns of where they are joined themselves.
        """
        session, fits = self.context.session, sa.and_(names, shown.visible(self.context))
        order = (*shown.label_attributes, *key_attributes(shown))
        if len(shown.mapper.tables) > 1:
            some: Any = sa.select(shown.model).where(fits).order_by(*order).limit(FIRST_NAMES)
            return session.scalar(counted) or 0, list(session.scalars(some))
        count = counted.subquery()
        statement = (
            sa.select(count.c.number, shown.model)
            .select_from(count)
            .outerjoin(shown.model, fits)
            .order_by(*order)
            .limit(FIRST_NAMES)
        )
        found = session.execute(statement).all()
        return found[0][0], [row[1] for row in found if row[1] is not None]

    def _shown(self, reference: Reference, condition: Any) -> tuple[Any, Any, str]:
        """The view of the records that a reference is of, which of them, and the reference's name.

        Of links that is the other end: who has them.
        """
        if reference.effect != "unlinked":
            view = self._view_of_table(reference.table)
            label = _label(view, reference) if view is not None else ""
            return view, condition, label
        others = [
            constraint
            for constraint in reference.table.foreign_key_constraints
            if set(constraint.columns) != set(reference.columns)
        ]
        view = self._view_of_table(others[0].referred_table) if others else None
        if view is None:
            return None, condition, ""
        columns = [element.parent for element in others[0].elements]
        linked = sa.select(*columns).where(condition).correlate(None)
        referred = [element.column for element in others[0].elements]
        return view, _among(referred, linked), ""

    def _view_of_table(self, table: Any) -> RecordView | None:
        for view in self.context.site.record_views:
            if view.mapper.local_table is table:
                return view
        return None

    def _view_of(self, mapper: Mapper[Any]) -> RecordView | None:
        for one in mapper.iterate_to_root():
            for view in self.context.site.record_views:
                if view.mapper is one:
                    return view
        return None


def _among(columns: Any, values: Any) -> Any:
    columns = list(columns)
    return (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(values)


def _with_all_below(rows: _Rows, below: Sequence[Reference]) -> _Rows | None:
    """``rows`` with all that refers to them, step after step; None where that is not by their key.

    A row that leads back to itself is met once.
    """
    if not below:
        return None
    table = below[0].table
    key = list(table.primary_key)
    if any(one.table is not table or list(one.referred) != key for one in below):
        return None
    tree = rows.select(key).cte("below", recursive=True)
    joined = sa.or_(
        *(
            sa.and_(
                *(
                    column == tree.c[part.name]
                    for column, part in zip(one.columns, key, strict=True)
                )
            )
            for one in below
        )
    )
    tree = tree.union(sa.select(*key).join(tree, joined))
    return _Rows(table, _among(key, sa.select(*tree.c)))


def _is_field(mapper: Mapper[Any], reference: Reference) -> bool:
    if reference.relation is None or not issubclass(mapper.class_, Audited):
        return False
    return reference.relation.key in links_of_model(mapper)


def _label(view: RecordView, reference: Reference) -> str:
    """What a record's reference is called on its own pages: "manager"."""
    for name, relation in view.mapper.relationships.items():
        if set(relation.local_columns) == set(reference.columns) and not relation.uselist:
            return view.label_for(name).lower()
    prop = view.mapper.get_property_by_column(reference.columns[0])
    return view.label_for(prop.key).lower()
