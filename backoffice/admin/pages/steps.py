"""The steps from a record to those before and after it in a list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Steps:
    """Links to the pages of the records before and after a record; where one is None, the reason.

    ``label``: what the records are called inside a sentence.
    """

    label: str
    before: str | None = None
    after: str | None = None
    reason_before: str = ""
    reason_after: str = ""
