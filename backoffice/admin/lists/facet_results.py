"""The rows of the statement that counts all facets and totals, and what is read from them.

All rows have the same columns: the facet's name, the kind of row, a value and its label as text,
and numbers. Each filter makes the rows of its own facet and reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, String, cast, literal, null

from backoffice.columns import LONGEST_KEY

MOST_SUMS = 8
"""Numbers in a row: one for all records and one for each option that is counted."""


@dataclass
class FacetResult:
    """What is known of one facet before it is printed.

    ``options``: its choices, each a value and a text. ``labels``: related records by key, in order.
    ``counts``: the number of records with each value, as shown. ``bounds``: the lowest and highest
    value ("1 to 20"), "" if unknown. ``found``: the keys of the related records that the text
    typed into the facet found, at most one more than are shown.
    """

    options: Sequence[tuple[str, str]] = ()
    labels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    bounds: str = ""
    found: list[str] = field(default_factory=list)


@dataclass
class FacetResults:
    """The facets of a list by filter name, and its totals by their position in ``list_totals``.

    ``fetched``: whether the statement ran to its end. Only then does a missing label mean that the
    record is missing. ``later``: whether a second request counts; these are the labels alone.
    """

    facets: dict[str, FacetResult] = field(default_factory=dict)
    totals: dict[int, str] = field(default_factory=dict)
    fetched: bool = False
    later: bool = False

    def of(self, name: str) -> FacetResult:
        """The result of a filter's facet; an empty one if nothing is known of it."""
        return self.facets.setdefault(name, FacetResult())


@dataclass(frozen=True, slots=True)
class FacetRow:
    """A row of the statement, without the facet's name."""

    kind: str
    value: str | None
    label: str | None
    numbers: Sequence[Any]


def facet_row(name: str, kind: str, value: Any, label: Any, *numbers: Any) -> list[Any]:
    """The columns to SELECT for a row. ``value``, ``label``: SQL of a type that casts to text."""
    padded = [*numbers, *[null()] * (MOST_SUMS - len(numbers))]
    return [
        literal(name, String()).label("facet"),
        literal(kind, String()).label("kind"),
        _as_text(value).label("value"),
        cast(label, String(255)).label("label"),
        *(cast(number, BigInteger).label(f"n{n}") for n, number in enumerate(padded)),
    ]


def _as_text(value: Any) -> Any:
    """A value as text, as long as a key may be."""
    is_key_text = getattr(value.type, "length", None) == LONGEST_KEY
    return value if is_key_text else cast(value, String(LONGEST_KEY))
