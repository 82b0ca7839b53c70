"""Filters that are no column: a name, choices, and the condition that each choice makes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

if TYPE_CHECKING:
    from backoffice.admin.visit import Visit


@dataclass(frozen=True)
class OptionFilter:
    """A select above a list.

    ``name``: of the parameter. ``options``: what may be chosen, as (value, text); it may ask the
    database once. ``condition``: what a value means as SQL, or None if it means nothing.
    """

    name: str
    label: str
    options: "Callable[[Visit], Sequence[tuple[str, str]]]"
    condition: Callable[[str], ColumnElement[bool] | None]

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, OptionFilter) and other.name == self.name
