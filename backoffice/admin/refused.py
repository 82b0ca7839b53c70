"""The answer of a view that refuses an action on one record."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer of ``RecordView.may`` that says no. It is false. ``reason``: a sentence."""

    reason: str

    def __bool__(self) -> bool:
        return False
