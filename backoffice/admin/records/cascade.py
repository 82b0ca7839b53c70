"""What deleting records does to other records, found out before anything is deleted.

Two rules decide: a relation of the models, as SQLAlchemy applies it, and otherwise the ON DELETE
rule of the foreign key, as the database applies it. A foreign key of a table that the models do not
declare is not seen here; if it forbids the delete, the database refuses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.admin.pages.parts import Link
from backoffice.admin.records.counting import COUNT_LIMIT, Count, bounded_count
from backoffice.admin.records.keys import key_attributes, key_for, write_key
from backoffice.admin.records.labels import label_columns
from backoffice.admin.records.links import record_link
from backoffice.admin.records.locks import refusal_of_write
from backoffice.admin.records.reference_search import FoundReference, ReferenceSearch, is_in
from backoffice.admin.records.references import Effect, Reference
from backoffice.admin.records.seen import note_seen
from backoffice.admin.view import Context, RecordView
from backoffice.history.links import links_of_model
from backoffice.language import ngettext
from backoffice.models import Audited

MOST_NAMES = 5
"""Records of each kind that are shown by name."""


@dataclass(frozen=True)
class CascadeEffect:
    """What happens to one kind of record.

    ``view``: of these records, None if no view shows them; ``table``: the name of their table.
    ``parent_view``: of the records that they refer to, None as well. ``relation``: the name of
    their relation to the parent, "" if they have none. ``label``: what the reference that they lose
    is called. ``depth``: 0 if they refer to the records that are to be deleted. ``is_field``: of
    links, whether they are a field of the deleted record. ``has_unseen``: whether there are some
    that the person may not see, which are neither counted nor named. ``locked``: why the person may
    not do this to all of them, as a sentence; "" if they may. ``against``: the keys, as text, of
    the records that cannot be deleted because of these; None if that is not known.
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
    has_unseen: bool = False
    locked: str = ""
    against: frozenset[str] | None = frozenset()

    @property
    def number(self) -> int:
        return self.count.number

    @property
    def plural_number(self) -> int:
        """The number by which a sentence about the records chooses its form."""
        return self.number + self.count.more

    @property
    def records_label(self) -> str:
        """The records' name, singular or plural by their number: "items"."""
        if self.view is not None:
            return self.view.label_of(self.plural_number)
        return ngettext("row of {table}", "rows of {table}", self.plural_number, table=self.table)

    @property
    def counted_label(self) -> str:
        """The records' number and name: "10,000+ items"."""
        return f"{self.count} {self.records_label}"


def cascade_effects(context: Context, view: RecordView, keys: Sequence[Any]) -> list[CascadeEffect]:
    """What deleting the records of ``view`` with these keys does to other records, deletes first.

    One statement for each kind of record and reference, however many records there are; two for
    records that have several tables.
    """
    search = ReferenceSearch(context, view, keys)
    search.run()
    effects = (_effect_of(context, search, found) for found in search.grouped())
    return [effect for effect in effects if effect is not None]


def _effect_of(
    context: Context, search: ReferenceSearch, found: FoundReference
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
    counted = _counted(reference.table, condition)
    has_unseen, locked = False, ""
    if view is not None and reference.effect != "unlinked":
        if not context.sees_all(view):
            has_unseen = _has_unseen(context, view, condition)
            seen = _seen_rows(context, view, reference)
            counted = _counted(reference.table, sa.and_(condition, seen))
        if reference.effect != "needed":
            action = "delete" if reference.effect == "deleted" else "edit"
            locked = refusal_of_write(context, view, action, condition)
    condition_against = condition if reference.effect == "needed" or has_unseen else None
    records: list[Any] = []
    if view is None or not may_see:
        number = context.session.scalar(counted) or 0
    else:
        number, records = _count_and_load(context, counted, view, names_condition)
    if not number and not has_unseen:
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
        has_unseen=has_unseen,
        locked=locked,
        against=_keys_against(context, search, found, condition_against),
    )


def _keys_against(
    context: Context, search: ReferenceSearch, found: FoundReference, condition: Any | None
) -> frozenset[str] | None:
    """The keys of the records to which rows refer that keep them from being deleted; None if that
    is not known. ``condition``: of these rows, None for no such rows.

    One statement, where several records are to be deleted and some cannot be.
    """
    if condition is None:
        return frozenset()
    view, reference = search.view, found.reference
    if len(search.keys) == 1:
        return frozenset(write_key(view, key) for key in search.keys)
    keys = view.mapper.base_mapper.local_table.primary_key
    if found.depth or list(reference.referred_columns) != list(keys):
        return None
    statement = sa.select(*reference.columns).where(condition).distinct()
    rows = context.session.execute(statement)
    return frozenset(write_key(view, key_for(view).value(row)) for row in rows)


def _counted(table: sa.Table, condition: Any) -> Any:
    """SELECT the number of rows of a table that meet a condition, as ``number``, to a limit."""
    bounded = sa.select(sa.literal(1).label("one")).select_from(table)
    bounded = bounded.where(condition).limit(COUNT_LIMIT + 1).correlate(None)
    return sa.select(sa.func.count().label("number")).select_from(bounded.subquery())


def _seen_rows(context: Context, view: RecordView, reference: Reference) -> Any:
    """The condition for the rows of a reference whose records the person may see."""
    keys = sa.select(*key_attributes(view)).where(context.visible(view)).correlate(None)
    return is_in(reference.table.primary_key, keys)


def _has_unseen(context: Context, view: RecordView, condition: Any) -> bool:
    """Whether there are records that meet a condition and that the person may not see; one
    statement."""
    is_seen = sa.func.coalesce(context.visible(view), sa.false())
    unseen = sa.select(*key_attributes(view)).where(condition, sa.not_(is_seen)).limit(1)
    return context.session.execute(unseen).first() is not None


def _count_and_load(
    context: Context, counted: Any, view: RecordView, condition: Any
) -> tuple[int, list[Any]]:
    """The number of rows, and the first records that the person may see, in one statement.

    Two statements for records of several tables: joining those to the count has no condition for
    their inner join, and MySQL's compiler warns of that.
    """
    session, is_shown = context.session, sa.and_(condition, context.visible(view))
    order = (*label_columns(view, context), *key_attributes(view))
    if len(view.mapper.tables) > 1:
        first: Any = sa.select(view.model).where(is_shown).order_by(*order).limit(MOST_NAMES)
        records = list(session.scalars(first))
        note_seen(context, view, records)
        return session.scalar(counted) or 0, records
    count = counted.subquery()
    statement = (
        sa.select(count.c.number, view.model)
        .select_from(count)
        .outerjoin(view.model, is_shown)
        .order_by(*order)
        .limit(MOST_NAMES)
    )
    rows = session.execute(statement).all()
    records = [row[1] for row in rows if row[1] is not None]
    note_seen(context, view, records)
    return rows[0][0], records


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
    return view, is_in(referred_columns, linked), ""


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
