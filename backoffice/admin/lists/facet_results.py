"""What one statement says of all the records of a list: the values of each facet, and totals.

Its rows are all alike: which facet, what the row says, a value and its label as text, and numbers.
Each filter makes the rows of its facet, and reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, String, cast, literal, null

from backoffice.columns import LONGEST_KEY

MOST_SUMS = 8
"""Numbers of a row: choices of one facet that are counted, and one for all of them."""


@dataclass
class FacetSummary:
    """What was said of one facet: the choices it offers, the labels of related records in order,
    the number of records of each value, and the range of the numbers.

    ``searched``: how many related records were found by what was typed, one more than are shown
    where there are more.
    """

    options: Sequence[tuple[str, str]] = ()
    labels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    bounds: str = ""
    searched: int = 0


@dataclass
class Summary:
    """What was said of a list: of each facet by the filter's name, and the totals by their place.

    ``asked``: whether the statement was answered, so that a label that is missing means something.
    """

    facets: dict[str, FacetSummary] = field(default_factory=dict)
    totals: dict[int, str] = field(default_factory=dict)
    asked: bool = False

    def of(self, name: str) -> FacetSummary:
        """What was said of a facet; it may be nothing."""
        return self.facets.setdefault(name, FacetSummary())


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A row of the statement, without its facet's name."""

    kind: str
    value: str | None
    label: str | None
    numbers: Sequence[Any]


def summary_row(name: str, kind: str, value: Any, label: Any, *numbers: Any) -> list[Any]:
    """The columns of a row. ``value`` and ``label``: SQL of any type that casts to text."""
    sums = [*numbers, *[null()] * (MOST_SUMS - len(numbers))]
    return [
        literal(name, String()).label("facet"),
        literal(kind, String()).label("kind"),
        as_text(value).label("value"),
        cast(label, String(255)).label("label"),
        *(cast(number, BigInteger).label(f"n{place}") for place, number in enumerate(sums)),
    ]


def as_text(value: Any) -> Any:
    """A value as text, no longer than a key may be."""
    is_text = getattr(value.type, "length", None) == LONGEST_KEY
    return value if is_text else cast(value, String(LONGEST_KEY))
