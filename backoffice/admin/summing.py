"""What all the records of a list come to, in one statement: the values of each facet, how many
records have each, and the totals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    Integer,
    Row,
    Select,
    String,
    Subquery,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    union_all,
)

from backoffice.admin.counting import COUNT_LIMIT, Count
from backoffice.admin.filters import (
    BooleanFilter,
    ChoiceFilter,
    DateFilter,
    Filter,
    RangeFilter,
    RelationFilter,
)
from backoffice.admin.keys import among, key_attribute
from backoffice.admin.listing import ListQuery
from backoffice.admin.periods import PRESETS, read_period
from backoffice.db.prepared import Prepared
from backoffice.db.search import contains

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

OFFERED = 8
"""Values of a relation that a facet offers to tick; the others are found by typing."""

FOUND = 20
"""Values that such a search shows where there is no script."""

MOST_SUMS = 8
"""Choices of one facet that are counted, and one for all of them."""


FOUND_KEYS = "found_keys"
"""The parameter of a kept statement that holds the keys of what was found."""


@dataclass
class Summary:
    """What the statement said: of each facet, the choices, the labels of related records in
    order, the number of records of each value, and the range of the numbers; and the totals.

    ``searched``: how many related records were found by what was typed, ``FOUND`` + 1 for more.
    ``asked``: whether the statement was answered, so that a label that is missing means something.
    """

    options: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    counts: dict[str, dict[str, str]] = field(default_factory=dict)
    bounds: dict[str, tuple[str, str]] = field(default_factory=dict)
    searched: dict[str, int] = field(default_factory=dict)
    totals: dict[int, str] = field(default_factory=dict)
    asked: bool = False


def summarise(
    visit: "Visit",
    query: ListQuery,
    counted: Count | None,
    typed: Mapping[str, str],
    *,
    all_of: bool = True,
) -> Summary:
    """One statement for all facets and totals; none where nothing needs any.

    Records are looked at where the list has few: not above ``COUNT_LIMIT``, where that would cost
    more than the list, and totals of some would mean nothing. ``typed``: what was typed to find a
    related record by, without a script, by the facet's name. ``all_of``: whether the facets are
    shown; else only what the chips say is asked for.
    """
    summary = Summary()
    ticked = {narrowing.name for narrowing in query.narrowings}
    asked = []
    for one in query.filters.values():
        if isinstance(one, ChoiceFilter):
            summary.options[one.name] = tuple(one.option_filter.options(visit))
        if all_of or (isinstance(one, RelationFilter) and one.name in ticked):
            asked.append(one)
    counts = counted is not None and counted.exact and 0 < counted.number <= COUNT_LIMIT
    for row in _Summing(visit, query, summary, counts=counts, typed=typed).rows(asked):
        _read(summary, query, row)
    summary.asked = True
    return summary


def _together(selects: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any] | None:
    """All of them in one statement; None for none."""
    # Each in a SELECT of its own: SQLite takes no LIMIT inside a UNION otherwise.
    wrapped = [select(*one.subquery().c) for one in selects]
    if not wrapped:
        return None
    return union_all(*wrapped) if wrapped[1:] else wrapped[0]


def _row(name: str, kind: str, key: Any, label: Any, *numbers: Any) -> list[Any]:
    """The columns of the statement: facet, what the row says, value, label, numbers."""
    sums = [*numbers, *[null()] * (MOST_SUMS - len(numbers))]
    return [
        literal(name, String()).label("facet"),
        literal(kind, String()).label("kind"),
        cast(key, String(255)).label("value"),
        cast(label, String(255)).label("label"),
        *(cast(number, BigInteger).label(f"n{place}") for place, number in enumerate(sums)),
    ]


def _label_of(target: "RecordView") -> Any:
    label, *further = target.label_attributes
    for part in further:
        label = label + " " + part
    return label


def _values_of(one: RelationFilter) -> Select[Any]:
    """A relation's records by label, without a limit."""
    target = one.target
    key = key_attribute(target)
    statement = select(*_row(one.name, "value", key, _label_of(target)))
    return statement.order_by(*target.label_attributes, key)


@dataclass(frozen=True)
class _Kept:
    """A statement that is used again as long as it would count the same ``columns``."""

    columns: Mapping[str, Sequence[Any]]
    statement: Prepared

    def counts(self, columns: Mapping[str, Sequence[Any]]) -> bool:
        """Whether it does: a choice's condition may be another today, or for another person."""
        return all(
            len(mine) == len(columns[name])
            and all(one.compare(other) for one, other in zip(mine, columns[name], strict=True))
            for name, mine in self.columns.items()
        )


class _Summing:
    """Makes the statement where records are counted, ticked or searched for."""

    def __init__(
        self,
        visit: "Visit",
        query: ListQuery,
        summary: Summary,
        *,
        counts: bool,
        typed: Mapping[str, str],
    ) -> None:
        self.visit, self.query, self.summary = visit, query, summary
        self.counts, self.typed = counts, typed
        self.ticked = {narrowing.name: narrowing.values for narrowing in query.narrowings}

    def rows(self, asked: Sequence[Filter]) -> Iterable[Row[Any]]:
        """What the statement says. It is kept where nothing is in it but the facets that a list
        has: making it takes as long as the whole list."""
        query, view = self.query, self.query.view
        columns = {one.name: self._columns(one) for one in asked if self._is_countable(one)}
        relations = [one.target for one in asked if isinstance(one, RelationFilter)]
        if (
            self.ticked
            or any(self.typed.values())
            # Where nothing is counted it does not matter what the list matches.
            or (self.counts and query.bounded and query.found is None)
            or not all(target.visible(self.visit) is true() for target in relations)
        ):
            made = self._statement(asked, columns, query.some)
            return self.visit.session.execute(made) if made is not None else ()
        keys = query.found if self.counts else None
        key = ("summary", self.counts, keys is None, *query.totals, *(one.name for one in asked))
        kept: _Kept | None = view.statements.get(key)
        if kept is None or not kept.counts(columns):
            made = self._statement(asked, columns, self._all if keys is None else self._of_keys)
            if made is None:
                return ()
            view.statements[key] = kept = _Kept(columns, Prepared(made))
        given = {} if keys is None else {FOUND_KEYS: list(keys)}
        return kept.statement.run(self.visit.session.connection(), given)

    def _is_countable(self, one: Filter) -> bool:
        """Whether its choices may be few enough to say how many there are of each: not of all the
        records of a large table, which is what the only filter in use could be changed to."""
        query = self.query
        alone = not query.asked and self.ticked.keys() == {one.name}
        return self.counts and not (alone and self.visit.site.sizes.is_large(query.view))

    def _all(self, *columns: Any) -> Select[Any]:
        return select(*columns).select_from(self.query.view.model).limit(COUNT_LIMIT + 1)

    def _of_keys(self, *columns: Any) -> Select[Any]:
        return self._all(*columns).where(among(self.query.view, FOUND_KEYS))

    def _statement(
        self,
        asked: Sequence[Filter],
        columns: Mapping[str, Sequence[Any]],
        some: Callable[..., Select[Any]],
    ) -> Select[Any] | CompoundSelect[Any] | None:
        """``some``: makes the SELECT of some columns of what the list matches."""
        totals = self.query.totals if self.counts else {}
        # What no tick of its own leaves out is read once for all facets and the totals.
        shared = [
            column for name, own in columns.items() if name not in self.ticked for column in own
        ]
        shared += [one.expression.label(f"total_{n}") for n, one in totals.items()]
        matching = some(*shared).cte("matching") if shared else None
        selects: list[Select[Any]] = []
        for one in asked:
            where: CTE | Subquery | None = matching
            if one.name in self.ticked and columns.get(one.name):
                where = self.query.some(*columns[one.name], but=one.name).subquery()
            names = [column.key for column in columns.get(one.name, ())]
            selects += self._selects(one, where if names else None, names)
        for number, total in totals.items():
            assert matching is not None
            added = func.sum(matching.c[f"total_{number}"])
            kind = "number" if isinstance(total.expression.type, Integer) else "money"
            selects.append(
                select(*_row("", kind, added, null(), literal(number))).select_from(matching)
            )
        return _together(selects)

    def _columns(self, one: Filter) -> list[Any]:
        """What of each record its facet counts."""
        if isinstance(one, RelationFilter):
            return [one.foreign_key.label(f"{one.name}_key")]
        if isinstance(one, BooleanFilter):
            conditions = [one.column.is_(True), one.column.is_(False)]
        elif isinstance(one, RangeFilter):
            return [one.column.label(f"{one.name}_value")]
        elif isinstance(one, DateFilter):
            now = self.query.now
            conditions = [read_period(name, now).condition(one.column) for name in PRESETS]
        elif isinstance(one, ChoiceFilter) and one.option_filter.counted:
            options = self.summary.options[one.name][: MOST_SUMS - 1]
            meanings = [one.condition_for(value, self.visit) for value, _text in options]
            conditions = [false() if meaning is None else meaning for meaning in meanings]
        else:
            return []
        return [
            case((condition, literal_column("1")), else_=literal_column("0")).label(
                f"{one.name}_{place}"
            )
            for place, condition in enumerate(conditions)
        ]

    def _selects(
        self, one: Filter, some: CTE | Subquery | None, names: Sequence[str]
    ) -> Iterator[Select[Any]]:
        """The SELECTs of one facet; ``some``: where its columns ``names`` are, None if it counts
        none."""
        if isinstance(one, RelationFilter):
            yield from self._select_values(one, some)
        elif some is None:
            return
        elif isinstance(one, RangeFilter):
            value = some.c[names[0]]
            row = _row(one.name, "bounds", func.min(value), func.max(value), func.count())
            yield select(*row).select_from(some)
        else:
            sums = [func.sum(some.c[name]) for name in names]
            row = _row(one.name, "sums", null(), null(), func.count(), *sums)
            yield select(*row).select_from(some)

    def _select_values(
        self, one: RelationFilter, some: CTE | Subquery | None
    ) -> Iterator[Select[Any]]:
        """The commonest values with their counts (or the first by name), what is ticked, and what
        was searched for."""
        target = one.target
        key, seen = key_attribute(target), target.visible(self.visit)
        keys = [one.target_key(value) for value in self.ticked.get(one.name, ())]
        listed = _values_of(one).where(seen)
        if some is not None:
            value = some.c[f"{one.name}_key"]
            number = func.count()
            # What is ticked keeps its number, however few it has.
            first = [case((value.in_(keys), 0), else_=1)] if keys else []
            groups = (
                select(value, number.label("number"), func.sum(number).over().label("all"))
                .where(value.is_not(None))
                .group_by(value)
                .order_by(*first, number.desc(), value)
                .limit(OFFERED + len(keys))
                .subquery()
            )
            row = _row(one.name, "value", key, _label_of(target), groups.c.number, groups.c.all)
            counted = select(*row).join(groups, groups.c[0] == key).where(seen)
            yield counted.order_by(groups.c.number.desc(), key)
        else:
            yield listed.limit(OFFERED)
        if keys:
            yield listed.where(key.in_(keys)).limit(len(keys))
        if text := self.typed.get(one.name, "").strip()[:100]:
            row = _row(one.name, "found", key, _label_of(target))
            matches = listed.where(contains(_label_of(target), text))
            yield matches.with_only_columns(*row).limit(FOUND + 1)


def _read(summary: Summary, query: ListQuery, row: Any) -> None:
    """Take one row of the statement over."""
    name, kind, value, label, *numbers = row
    if kind == "number":
        summary.totals[numbers[0]] = f"{int(value or 0):,}"
    elif kind == "money":
        summary.totals[numbers[0]] = f"{Decimal(value or 0).quantize(Decimal('0.01')):,}"
    elif kind == "bounds" and numbers[0] <= COUNT_LIMIT and value is not None:
        summary.bounds[name] = (value, label)
    elif kind == "sums" and numbers[0] <= COUNT_LIMIT:  # of some records it would say nothing
        numbered = enumerate(numbers[1:])
        summary.counts[name] = {str(place): f"{n:,}" for place, n in numbered if n is not None}
    elif kind == "found":
        summary.searched[name] = summary.searched.get(name, 0) + 1
    if kind in ("value", "found") and summary.searched.get(name, 0) <= FOUND:
        summary.labels.setdefault(name, {}).setdefault(value, label)
        if numbers[1] is not None and numbers[1] <= COUNT_LIMIT:
            summary.counts.setdefault(name, {})[value] = f"{numbers[0]:,}"
