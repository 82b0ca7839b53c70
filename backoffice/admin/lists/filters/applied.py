"""Filters in use: what an address's parameters ask for, with a chip for each part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement

from backoffice.admin.lists.errors import InvalidCondition
from backoffice.language import _

MOST_VALUES = 50
"""Values of one filter that an address may have."""

Given = Mapping[str, Sequence[str]]
"""A filter's parameters in an address: the values of each name, without blank ones."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an applied filter that has a chip, and can be removed by itself.

    ``text``: what the chip says ("10 to 20"); for a related record its key, since only the database
    knows its label. ``remaining``: the filter's pairs without this part.
    """

    text: str
    remaining: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AppliedFilter:
    """A filter in use: its condition, and the address's pairs that ask for it."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    condition: ColumnElement[bool] = field(compare=False)

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the parameter that has the filter's own name."""
        return tuple(value for name, value in self.pairs if name == self.name)

    def value(self, parameter: str) -> str:
        """The value of one of its parameters; "" if the address does not have it."""
        return dict(self.pairs).get(parameter, "")


def apply_choices(
    name: str, values: Sequence[str], condition: ColumnElement[bool]
) -> AppliedFilter:
    """The applied filter of some choices, with a chip for each. ``condition``: of all of them."""
    pairs = tuple((name, value) for value in values)
    parts = tuple(
        Part(value, tuple(pair for pair in pairs if pair != (name, value))) for value in values
    )
    return AppliedFilter(name, pairs, parts, condition)


def range_text(low: str, high: str) -> str:
    """A range in words: "10 to 20". One of the two may be ""."""
    if low and high:
        return _("{first} to {last}", first=low, last=high)
    return _("from {first}", first=low) if low else _("to {last}", last=high)


def distinct_values(values: Sequence[str]) -> list[str]:
    """The values without repetitions, in order.

    Raises:
        InvalidCondition: there are more than ``MOST_VALUES``.
    """
    distinct = list(dict.fromkeys(values))
    if len(distinct) > MOST_VALUES:
        raise InvalidCondition(_("A filter takes at most {count} values", count=MOST_VALUES))
    return distinct


def last_value(given: Given, parameter: str) -> str:
    """The last value of a parameter; "" if it has none."""
    values = given.get(parameter, ())
    return values[-1] if values else ""
