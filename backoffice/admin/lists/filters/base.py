"""What every filter is: parameters and search terms in, a condition out, and the facet that shows
it. All that the list needs to know of a filter it asks here."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, case, func, literal_column, null, select

from backoffice.admin.attributes import attribute_of
from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.facet_results import FacetSummary, SummaryRow, summary_row
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind, kind_of
from backoffice.db.queries.search import contains, equals

MOST_VALUES = 50
"""Values of one filter that an address may name."""

Given = Mapping[str, Sequence[str]]
"""An address's parameters: the values of each name, without blank ones."""

Sample = tuple[str, list[tuple[str, str]]]
"""An address that uses a filter: what tells it from others of the filter, and its pairs."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who narrows a list, and when. ``now``: the moment that "today" goes by. ``context``: None for
    nobody in particular, as where indexes are looked for: to them everything is offered."""

    now: datetime
    context: Context | None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what a filter asks for, which may be taken away by itself.

    ``text``: what it says ("10 to 20"); for a related record, which the database must be asked
    about, its key. ``left``: the filter's parameters without it.
    """

    text: str
    left: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AppliedFilter:
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


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a facet is drawn from: who asks, what was said of it, what the address asks of it
    (None for nothing), and what was typed to find a related record by."""

    asker: Asker
    said: FacetSummary
    applied: AppliedFilter | None = None
    typed: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """The values that are ticked."""
        return self.applied.values if self.applied is not None else ()

    def value(self, parameter: str) -> str:
        """What the address says for a parameter of the filter; "" for nothing."""
        return self.applied.value(parameter) if self.applied is not None else ""


class Filter(ABC):
    """One way to narrow the lists of ``view``. ``name`` is its parameter, too."""

    is_state: ClassVar[bool] = False
    """Whether a search may say ``is:`` and its name, for the records of which it is true."""

    is_personal: bool = False
    """Whether some may choose what others may not, which ``offers`` says without a statement."""

    def __init__(self, view: RecordView, name: str) -> None:
        self.view, self.name = view, name

    @property
    def label(self) -> str:
        return self.view.label_for(self.name)

    @property
    def column(self) -> Any:
        """The attribute that it compares."""
        return attribute_of(self.view.model, self.name)

    @property
    def kind(self) -> Kind:
        """The kind of its values."""
        return kind_of(self.column)

    @property
    def dialect(self) -> str:
        return self.view.site.database.dialect

    # Into conditions ------------------------------------------------------------------

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that it reads from an address."""
        return (self.name,)

    @abstractmethod
    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
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

    def takes(self, term: Term, asker: Asker) -> bool:
        """Whether a term's value is one of its choices."""
        return False

    def offers(self, value: str, asker: Asker) -> bool:
        """Whether the person may choose a value."""
        return True

    @property
    def is_one_range(self) -> bool:
        """Whether an index holds all the records of one value side by side."""
        return False

    # In the search box ----------------------------------------------------------------

    @property
    def term_name(self) -> str:
        """What a search calls it: ``created`` for ``created_at``."""
        name = self.name.lower()
        return name.removeprefix("is_").removesuffix("_at").removesuffix("_id")

    @property
    @abstractmethod
    def examples(self) -> tuple[str, ...]:
        """How a search may name it."""

    def completions(self, asker: Asker) -> tuple[str, ...]:
        """All that a term may compare it with, where that is little; it may ask the database."""
        return ()

    def lookup_href(self, asker: Asker) -> str | None:
        """Where a script finds what else a term or a tick may name."""
        return None

    # Counted --------------------------------------------------------------------------

    def options(self, asker: Asker) -> Sequence[tuple[str, str]]:
        """The choices that it offers by itself, each as value and text; it may ask the database."""
        return ()

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        """What of each record its facet counts, as SQL; none for nothing. ``options``: what it
        offers."""
        return []

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        """SELECTs of ``summary_row``s for its facet.

        ``columns``: those of ``counted``, of a subquery of all the records; none where they are
        not counted. ``ticked``: its values in the address; ``typed``: as ``Drawing`` says.
        """
        return iter(())

    @property
    def has_labels(self) -> bool:
        """Whether its ticks are called what only the database knows."""
        return False

    def sees_all(self, asker: Asker) -> bool:
        """Whether its SELECTs are the same for everybody."""
        return True

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        """Take over one of the rows that its SELECTs gave."""
        raise NotImplementedError(f"{type(self).__name__} asks for rows and reads none")

    # Shown ----------------------------------------------------------------------------

    @abstractmethod
    def facet(self, drawing: Drawing) -> Facet:
        """The facet as it is shown."""

    def part_text(self, text: str, said: FacetSummary) -> str:
        """What a chip says of a ``Part``."""
        return text

    def missing(self, said: FacetSummary, values: Sequence[str]) -> list[str]:
        """What to say, in sentences, of values that are not there to be chosen."""
        return []

    def texts_of(self, asker: Asker, values: Sequence[str]) -> Mapping[str, str]:
        """What its values are called in a sentence, by value; one statement at most."""
        return {}

    # For the doctor -------------------------------------------------------------------

    def samples(self) -> list[Sample]:
        """Addresses that use it; none where it needs no index: every other record, or every tenth,
        is found while walking the list."""
        return []

    @property
    def search_sample(self) -> str:
        """What a search may compare it with that needs an index of its own; "" for nothing."""
        return ""


class TickedFilter(Filter):
    """A filter whose facet is a list of choices to tick, ORed."""

    def facet(self, drawing: Drawing) -> Facet:
        return Facet(
            kind="options",
            options=self.ticks(drawing),
            name=self.name,
            label=self.label,
            active=drawing.applied is not None,
        )

    def ticks(self, drawing: Drawing) -> tuple[FacetOption, ...]:
        """The choices with their numbers."""
        counts = drawing.said.counts
        return tuple(
            FacetOption(value, text, value in drawing.values, counts.get(value, ""))
            for value, text in drawing.said.options
        )

    def part_text(self, text: str, said: FacetSummary) -> str:
        return dict(said.options).get(text, text)

    def texts_of(self, asker: Asker, values: Sequence[str]) -> Mapping[str, str]:
        return dict(self.options(asker))


# What several of them do ----------------------------------------------------------------


def ones(conditions: Sequence[ColumnElement[bool]]) -> list[Any]:
    """A column for each condition, 1 where a record meets it."""
    return [
        case((condition, literal_column("1")), else_=literal_column("0"))
        for condition in conditions
    ]


def select_sums(name: str, columns: Sequence[Any]) -> Iterator[Select[Any]]:
    """How many records meet each of the conditions that became ``ones``."""
    if columns:
        sums = [func.sum(column) for column in columns]
        row = summary_row(name, "sums", null(), null(), func.count(), *sums)
        yield select(*row).select_from(columns[0].table)


def take_sums(said: FacetSummary, row: SummaryRow) -> None:
    """Read what ``select_sums`` said, by the options in their order."""
    if row.numbers[0] > COUNT_LIMIT:  # of some records it would say nothing
        return
    for (value, _text), number in zip(said.options, row.numbers[1:], strict=False):
        if number is not None:
            said.counts[value] = f"{number:,}"


def ticked(name: str, values: Sequence[str], condition: ColumnElement[bool]) -> AppliedFilter:
    """What some ticks ask for, each of which may be taken away."""
    pairs = tuple((name, value) for value in values)
    parts = tuple(
        Part(value, tuple(pair for pair in pairs if pair != (name, value))) for value in values
    )
    return AppliedFilter(name, pairs, parts, condition)


def text_comparison(term: Term) -> Callable[[Any, str], ColumnElement[bool]]:
    """How a term compares a text."""
    compare = {":": contains, "=": equals}.get(term.operator)
    if compare is None:
        raise Unreadable("is compared with “:” (contains) or “=” (is)")
    return compare


def from_to(low: str, high: str) -> str:
    """Bounds in words; either may be ""."""
    return f"{low} to {high}" if low and high else f"from {low}" if low else f"to {high}"


def few(values: Sequence[str]) -> list[str]:
    """The values once each, in order."""
    found = list(dict.fromkeys(values))
    if len(found) > MOST_VALUES:
        raise Unreadable(f"takes {MOST_VALUES} values at most")
    return found


def one_of(given: Given, parameter: str) -> str:
    """The last value of a parameter, "" where it has none."""
    values = given.get(parameter, ())
    return values[-1] if values else ""
