"""Ways to narrow a list, each for one column, relation or idea: parameters and search terms in,
conditions out. How a filter looks is for ``facets`` to say."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import MANYTOONE

from backoffice.admin.columns import python_type
from backoffice.admin.keys import key_attribute, keys_where, parse_key
from backoffice.admin.periods import PRESETS, Period, read_period
from backoffice.admin.quantities import Unreadable, read_bounds
from backoffice.admin.searching import Term, shortened
from backoffice.db.search import contains, ends_with, equals, found_in, starts_with

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

MOST_VALUES = 50
"""Values of one filter that an address may name."""

TEXT_OPERATORS: dict[str, tuple[str, Callable[[Any, str], ColumnElement[bool]]]] = {
    "contains": ("contains", contains),
    "starts": ("starts with", starts_with),
    "ends": ("ends with", ends_with),
    "is": ("is", equals),
    "without": ("does not contain", lambda column, text: ~contains(column, text)),
}

Given = Mapping[str, Sequence[str]]
"""An address's parameters: the values of each name, without blank ones."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who narrows a list, and when. ``now``: the moment that "today" goes by. ``visit``: None for
    nobody in particular, as where indexes are looked for: to them everything is offered."""

    now: datetime
    visit: "Visit | None"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what a filter asks for, which may be taken away by itself.

    ``text``: what it says ("10 to 20"); for a related record, which the database must be asked
    about, its key. ``left``: the filter's parameters without it.
    """

    text: str
    left: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Narrowing:
    """What a filter asks of a list: a condition, and how the address says it."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    condition: ColumnElement[bool] = field(compare=False)

    @property
    def values(self) -> tuple[str, ...]:
        """The values given for the parameter that has the filter's own name."""
        return tuple(value for name, value in self.pairs if name == self.name)

    def value(self, parameter: str) -> str:
        """The value of one of its parameters, "" where it has none."""
        return dict(self.pairs).get(parameter, "")


class Filter(ABC):
    """One way to narrow the lists of ``view``. ``name`` is its parameter, too."""

    def __init__(self, view: "RecordView", name: str) -> None:
        self.view, self.name = view, name

    @property
    def label(self) -> str:
        return self.view.label_for(self.name)

    @property
    def column(self) -> Any:
        return getattr(self.view.model, self.name)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that it reads from an address."""
        return (self.name,)

    @abstractmethod
    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        """What the address asks of it; None if nothing.

        Raises:
            Unreadable: it asks for what this filter cannot mean; a sentence's end says why.
        """

    @abstractmethod
    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        """What a term of a search ("price>10") means.

        Raises:
            Unreadable: nothing.
        """

    @property
    @abstractmethod
    def examples(self) -> tuple[str, ...]:
        """How a search may name it."""

    @property
    def term_name(self) -> str:
        """What a search calls it: ``created`` for ``created_at``."""
        name = self.name.lower()
        return name.removeprefix("is_").removesuffix("_at").removesuffix("_id")


class RelationFilter(Filter):
    """The records that belong to one of some others: ``category=3&category=8``."""

    @property
    def target(self) -> "RecordView":
        return self.view.related_view(self.name)

    @property
    def foreign_key(self) -> Any:
        (column,) = self.view.mapper.relationships[self.name].local_columns
        return getattr(self.view.model, self.view.mapper.get_property_by_column(column).key)

    def target_key(self, text: str) -> Any | None:
        """The related record's key that ``text`` writes, or None."""
        return parse_key(self.target, text)

    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        keys = {text: self.target_key(text) for text in _few(given.get(self.name, ()))}
        if wrong := [text for text, key in keys.items() if key is None]:
            raise Unreadable(f"cannot be “{wrong[0]}”")
        return _ticked(self.name, keys, self._belongs_to(keys.values(), asker)) if keys else None

    def _belongs_to(self, keys: Collection[Any], asker: Asker) -> ColumnElement[bool]:
        if asker.visit is None or self.target.visible(asker.visit) is true():
            return self.foreign_key.in_(keys)  # type: ignore[no-any-return]
        chosen = key_attribute(self.target).in_(keys)
        return found_in(self.foreign_key, keys_where(self.target, chosen, asker.visit))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        matches = _comparison_of(term)
        labels = (matches(column, term.text) for column in self.target.label_attributes)
        return found_in(self.foreign_key, keys_where(self.target, or_(*labels), asker.visit))

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)


class BooleanFilter(Filter):
    """Yes or no."""

    words: ClassVar = {"yes": True, "no": False, "true": True, "false": False}

    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        texts = _few(given.get(self.name, ()))
        if wrong := [text for text in texts if text not in ("yes", "no")]:
            raise Unreadable(f"cannot be “{wrong[0]}”")
        if not texts:
            return None
        return _ticked(
            self.name, texts, or_(*(self.column.is_(self.words[text]) for text in texts))
        )

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        value = self.words.get(term.text.lower())
        if value is None or term.operator not in (":", "="):
            raise Unreadable("is “yes” or “no”")
        return self.column.is_(value)  # type: ignore[no-any-return]

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"is:{self.term_name}", f"{self.term_name}:no")


class RangeFilter(Filter):
    """A number between two others, both included: ``price_from=10&price_to=20``."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        low, high = (_one(given, parameter) for parameter in self.parameters)
        if not low and not high:
            return None
        bounds = zip(self.parameters, (low, high), strict=True)
        pairs = tuple((parameter, value) for parameter, value in bounds if value)
        condition = self.condition_of(Term(f"{low}..{high}", self.name, ":"), asker)
        return Narrowing(self.name, pairs, (Part(_from_to(low, high)),), condition)

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        bounds = read_bounds(term.operator, term.text)
        return bounds.condition(self.column)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}>10", f"{self.term_name}:10..20")


class DateFilter(Filter):
    """A moment: in a period that has a name, or from one day to another, in UTC."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_from", f"{self.name}_to")

    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        preset, low, high = (_one(given, parameter) for parameter in self.parameters)
        bounds = tuple((p, v) for p, v in zip(self.parameters[1:], (low, high), strict=True) if v)
        pairs, parts, conditions = list(bounds), [], []
        if preset:
            if preset not in PRESETS:
                raise Unreadable(f"cannot be “{preset}”")
            pairs.insert(0, (self.name, preset))
            parts.append(Part(PRESETS[preset], bounds))
            conditions.append(read_period(preset, asker.now).condition(self.column))
        if bounds:
            parts.append(Part(_from_to(low, high), ((self.name, preset),) if preset else ()))
            conditions.append(read_period(f"{low}..{high}", asker.now).condition(self.column))
        if not conditions:
            return None
        return Narrowing(self.name, tuple(pairs), tuple(parts), and_(*conditions))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        period = read_period(term.text, asker.now)
        if term.operator in (":", "="):
            return period.condition(self.column)
        if ".." in term.text:
            raise Unreadable("is compared with one date, or “:” and a range")
        start, end = period.start, period.end
        chosen = {
            ">": Period(end, None),
            ">=": Period(start, None),
            "<": Period(None, start),
            "<=": Period(None, end),
        }[term.operator]
        return chosen.condition(self.column)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:7d", f"{self.term_name}:2026-01..2026-03")


class TextFilter(Filter):
    """A text compared: ``description=zinc&description_op=starts``."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_op")

    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        text, operator = (_one(given, parameter) for parameter in self.parameters)
        if not text:
            return None
        operator = operator or "contains"
        if operator not in TEXT_OPERATORS:
            raise Unreadable(f"cannot be compared by “{operator}”")
        words, compare = TEXT_OPERATORS[operator]
        pairs = [(self.name, text)]
        if operator != "contains":
            pairs.append((f"{self.name}_op", operator))
        part = Part(f"{words} “{text}”")
        return Narrowing(self.name, tuple(pairs), (part,), compare(self.column, text))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        return _comparison_of(term)(self.column, term.text)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)


@dataclass(frozen=True)
class OptionFilter:
    """A view's own filter: choices that are no column's values.

    ``name``: of the parameter, and what a search calls it (``is:low``). ``options``: what may be
    chosen, as (value, text); it may ask the database once. ``condition``: what a value means as
    SQL on a list of the view for who asks, or None if it means nothing; that must not depend on
    what they may not see. ``counted``: whether the list may say how many records each choice has;
    not where a condition looks into other tables. ``offers``: whether somebody is offered a value,
    where that is quicker to say than by asking for all ``options``. What is not offered is refused.
    """

    name: str
    label: str
    options: "Callable[[Visit], Sequence[tuple[str, str]]]"
    condition: "Callable[[RecordView, str, Visit | None], ColumnElement[bool] | None]"
    counted: bool = False
    offers: "Callable[[Visit, str], bool] | None" = None

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, OptionFilter) and other.name == self.name


class ChoiceFilter(Filter):
    """An ``OptionFilter`` on the lists of its view."""

    def __init__(self, view: "RecordView", option_filter: OptionFilter) -> None:
        super().__init__(view, option_filter.name)
        self.option_filter = option_filter

    @property
    def label(self) -> str:
        return self.option_filter.label

    def offers(self, value: str, visit: "Visit | None") -> bool:
        """Whether the person may choose a value: one of those that they are offered."""
        if visit is None:
            return True
        if self.option_filter.offers is not None:
            return self.option_filter.offers(visit, value)
        return value in dict(self.option_filter.options(visit))

    def meaning(self, value: str, visit: "Visit | None") -> ColumnElement[bool]:
        """The condition of one choice. Raises Unreadable if the person is not offered it."""
        condition = self.condition_for(value, visit) if self.offers(value, visit) else None
        if condition is None:
            raise Unreadable(f"cannot be “{shortened(value)}”: there is no such choice")
        return condition

    def condition_for(self, value: str, visit: "Visit | None") -> ColumnElement[bool] | None:
        """What a value means; None for nothing. Not asked is whether it is offered."""
        return self.option_filter.condition(self.view, value, visit)

    def read(self, given: Given, asker: Asker) -> Narrowing | None:
        values = _few(given.get(self.name, ()))
        if not values:
            return None
        return _ticked(
            self.name, values, or_(*(self.meaning(value, asker.visit) for value in values))
        )

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        if term.operator not in (":", "="):
            raise Unreadable("is compared with “:”")
        return self.meaning(term.text.lower(), asker.visit)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.name}:",)


def filter_for(view: "RecordView", name: str) -> Filter | None:
    """The filter that fits a column's type, or a relation to one; None where none does."""
    if name in view.mapper.relationships:
        relation = view.mapper.relationships[name]
        return RelationFilter(view, name) if relation.direction is MANYTOONE else None
    if name not in view.mapper.columns:
        return None
    kind = python_type(view.mapper.columns[name].type)
    fitting = [fits for types, fits in _FITTING if issubclass(kind, types)]
    return fitting[0](view, name) if fitting else None


_FITTING: tuple[tuple[type | tuple[type, ...], type[Filter]], ...] = (
    (bool, BooleanFilter),  # before the numbers: a bool is one
    ((int, float, Decimal), RangeFilter),
    ((datetime, date), DateFilter),
    (str, TextFilter),
)


def _ticked(name: str, values: Any, condition: ColumnElement[bool]) -> Narrowing:
    pairs = tuple((name, value) for value in values)
    parts = tuple(
        Part(value, tuple(pair for pair in pairs if pair != (name, value))) for value in values
    )
    return Narrowing(name, pairs, parts, condition)


def _comparison_of(term: Term) -> Callable[[Any, str], ColumnElement[bool]]:
    """How a term compares a text."""
    compare = {":": contains, "=": equals}.get(term.operator)
    if compare is None:
        raise Unreadable("is compared with “:” (contains) or “=” (is)")
    return compare


def _from_to(low: str, high: str) -> str:
    """Bounds in words; either may be ""."""
    return f"{low} to {high}" if low and high else f"from {low}" if low else f"to {high}"


def _few(values: Sequence[str]) -> list[str]:
    """The values once each, in order."""
    few = list(dict.fromkeys(values))
    if len(few) > MOST_VALUES:
        raise Unreadable(f"takes {MOST_VALUES} values at most")
    return few


def _one(given: Given, parameter: str) -> str:
    values = given.get(parameter, ())
    return values[-1] if values else ""
