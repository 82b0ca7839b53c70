"""The base of all filters. A filter makes conditions of parameters and search terms, builds its
facet, and the SQL that counts for it."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, case, func, literal_column, null, select

from backoffice.admin.attributes import attribute_of
from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.facet_results import FacetResult, FacetRow, facet_row
from backoffice.admin.lists.filters.applied import AppliedFilter, Given
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind, kind_of
from backoffice.db.queries.search import contains, equals
from backoffice.language import ENGLISH, _, number, speak

_WORD = re.compile(r"[^\W\d]\w*")

SampleAddress = tuple[str, list[tuple[str, str]]]
"""An address that uses a filter: a word that tells it from the filter's others, and its pairs."""


@dataclass(frozen=True, slots=True)
class FilterContext:
    """Who filters, and when.

    ``now``: the time that "today" refers to. ``viewer``: the context of the person's request; None
    for nobody in particular, as when the doctor looks for indexes. Then nothing is hidden.
    """

    now: datetime
    viewer: Context | None


@dataclass(frozen=True, slots=True)
class FacetInput:
    """What a facet is built from.

    ``result``: the counts and labels read for it. ``applied``: the filter in use; None if it is
    not. ``lookup_text``: the text typed into the facet to find a related record, without a script.
    ``coming``: whether its counts come a moment later.
    """

    context: FilterContext
    result: FacetResult
    applied: AppliedFilter | None = None
    lookup_text: str = ""
    coming: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """The selected values."""
        return self.applied.values if self.applied is not None else ()

    def value(self, parameter: str) -> str:
        """The value of one of the filter's parameters; "" if the address does not have it."""
        return self.applied.value(parameter) if self.applied is not None else ""


class Filter(ABC):
    """A filter of a view's lists. ``name`` is the filtered field, and the parameter's name."""

    is_state: ClassVar[bool] = False
    """Whether a search may use it as ``is:`` and its name, for the records where it is true."""

    is_personal: bool = False
    """Whether its choices differ between people. Then ``offers`` answers without a statement."""

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
        """The kind of its column."""
        return kind_of(self.column)

    @property
    def dialect(self) -> str:
        return self.view.site.database.dialect

    # Conditions -----------------------------------------------------------------------

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters that it reads from an address."""
        return (self.name,)

    @abstractmethod
    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        """The filter that an address's parameters ask for; None if they ask for none.

        Raises:
            InvalidCondition: a parameter's value has no meaning.
        """

    @abstractmethod
    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        """The condition of a search term ("price>10"), ignoring its minus.

        Raises:
            InvalidCondition: the term has no meaning.
        """

    def accepts(self, term: Term, context: FilterContext) -> bool:
        """Whether the term's value is one of the filter's choices."""
        return False

    def offers(self, value: str, context: FilterContext) -> bool:
        """Whether the person may choose a value."""
        return True

    @property
    def is_index_range(self) -> bool:
        """Whether an index holds the records of one value next to each other."""
        return False

    # The search box -------------------------------------------------------------------

    spoken_name = ""
    """What people call its field, if that is not ``plain_name``; ``search_fields_of`` sets it."""

    @property
    def term_name(self) -> str:
        """The name of its field in a search: ``created`` for ``created_at``."""
        return self.spoken_name or self.plain_name

    @property
    def plain_name(self) -> str:
        """The name that follows from ``name``. A search also reads it."""
        name = self.name.lower()
        return name.removeprefix("is_").removesuffix("_at").removesuffix("_id")

    @property
    def wanted_name(self) -> str:
        """The name that people would use: the label, if it is one word; "" for none."""
        with speak(ENGLISH):  # addresses are the same in all languages
            label = self.label.lower()
        return label if _WORD.fullmatch(label) else ""

    @property
    @abstractmethod
    def examples(self) -> tuple[str, ...]:
        """Examples of search terms, for the search box."""

    def completions(self, context: FilterContext) -> tuple[str, ...]:
        """All values that a term may compare with; () if they are too many to list.

        It may run a statement.
        """
        return ()

    def lookup_href(self, context: FilterContext) -> str | None:
        """The address where a script finds more values; None if there are no more."""
        return None

    # Counting -------------------------------------------------------------------------

    def options(self, context: FilterContext) -> Sequence[tuple[str, str]]:
        """The choices that do not depend on the records, each a value and a text.

        It may run a statement.
        """
        return ()

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        """The columns of each matching record that its facet counts, as SQL; [] for none.

        ``options``: the result of ``options``.
        """
        return []

    def facet_selects(
        self,
        context: FilterContext,
        columns: Sequence[Any],
        selected: Sequence[str],
        lookup_text: str,
    ) -> Iterator[Select[Any]]:
        """The SELECTs of its facet, each of the columns of a ``facet_row``.

        ``columns``: ``columns_to_count`` as columns of a subquery of the matching records; () if
        they are not counted. ``selected``: the filter's values in the address. ``lookup_text``: as
        in ``FacetInput``.
        """
        return iter(())

    @property
    def has_labels(self) -> bool:
        """Whether the labels of its values must be read from the database."""
        return False

    def label_select(self, context: FilterContext, keys_parameter: str) -> Select[Any]:
        """The SELECT of the labels of selected values: of the columns of a ``facet_row``.

        ``keys_parameter``: the name of the parameter that ``label_keys`` is bound to.
        """
        raise NotImplementedError(f"{type(self).__name__} has no labels to read")

    def label_keys(self, selected: Sequence[str]) -> list[Any]:
        """The keys of the selected values, for ``label_select``."""
        raise NotImplementedError(f"{type(self).__name__} has no labels to read")

    def is_same_for_all(self, context: FilterContext) -> bool:
        """Whether its SELECTs are the same for everybody."""
        return True

    def read_row(self, result: FacetResult, row: FacetRow) -> None:
        """Put a row of its SELECTs into ``result``."""
        raise NotImplementedError(f"{type(self).__name__} asks for rows and reads none")

    # The page -------------------------------------------------------------------------

    @abstractmethod
    def facet(self, inputs: FacetInput) -> Facet:
        """The facet as the page shows it."""

    def part_text(self, text: str, result: FacetResult) -> str:
        """The text of the chip for a ``Part`` with this text."""
        return text

    def missing_messages(self, result: FacetResult, values: Sequence[str]) -> list[str]:
        """Sentences about those of ``values`` that do not exist."""
        return []

    def value_labels(self, context: FilterContext, values: Sequence[str]) -> Mapping[str, str]:
        """The labels of values inside a sentence, by value. It runs one statement at most."""
        return {}

    # The doctor -----------------------------------------------------------------------

    def sample_addresses(self) -> list[SampleAddress]:
        """Addresses whose statements the doctor explains.

        [] if the filter needs no index: it keeps every other record, or every tenth, and a list
        finds those while it reads records in order.
        """
        return []

    @property
    def search_sample(self) -> str:
        """A value to compare with in a search that needs an index of its own; "" for none."""
        return ""


class MultipleChoiceFilter(Filter):
    """A filter whose facet is a list of checkboxes. Their values are ORed."""

    def facet(self, inputs: FacetInput) -> Facet:
        return Facet(
            kind="options",
            options=self._facet_options(inputs),
            name=self.name,
            label=self.label,
            active=inputs.applied is not None,
        )

    def _facet_options(self, inputs: FacetInput) -> tuple[FacetOption, ...]:
        counts = inputs.result.counts
        return tuple(
            FacetOption(value, text, value in inputs.values, counts.get(value, ""))
            for value, text in inputs.result.options
        )

    def part_text(self, text: str, result: FacetResult) -> str:
        return dict(result.options).get(text, text)

    def value_labels(self, context: FilterContext, values: Sequence[str]) -> Mapping[str, str]:
        return dict(self.options(context))


class OptionCountFilter(Filter):
    """A filter that counts each of its options by a column of ``indicator_columns``."""

    def facet_selects(
        self,
        context: FilterContext,
        columns: Sequence[Any],
        selected: Sequence[str],
        lookup_text: str,
    ) -> Iterator[Select[Any]]:
        if columns:
            sums = [func.sum(column) for column in columns]
            row = facet_row(self.name, "sums", null(), null(), func.count(), *sums)
            yield select(*row).select_from(columns[0].table)

    def read_row(self, result: FacetResult, row: FacetRow) -> None:
        if row.numbers[0] > COUNT_LIMIT:  # not all matching records were counted
            return
        for (value, _text), records in zip(result.options, row.numbers[1:], strict=False):
            if records is not None:
                result.counts[value] = number(records)


# Shared by several filters --------------------------------------------------------------


def indicator_columns(conditions: Sequence[ColumnElement[bool]]) -> list[Any]:
    """A column for each condition: 1 where a record meets it, else 0."""
    return [
        case((condition, literal_column("1")), else_=literal_column("0"))
        for condition in conditions
    ]


def text_comparison(term: Term) -> Callable[[Any, str], ColumnElement[bool]]:
    """The function that makes the condition of a column and a text, by the term's operator.

    Raises:
        InvalidCondition: the operator does not compare texts.
    """
    compare = {":": contains, "=": equals}.get(term.operator)
    if compare is None:
        raise InvalidCondition(_("A text is compared with “:” (contains) or “=” (is)"))
    return compare
