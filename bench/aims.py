"""The aims beside the measured values: a verdict is computed from the two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """A limit on a measured value. ``at_least``: a lower one. ``value``: None if not measured.

    ``unit``: of both; × for a ratio. ``failure``: why the aim is missed whatever the value is, such
    as an answer without rows; "" if nothing is wrong.
    """

    what: str
    value: float | None
    limit: float
    at_least: bool = False
    unit: str = "×"
    failure: str = ""

    @property
    def met(self) -> bool:
        if self.value is None or self.failure:
            return False
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def wanted(self) -> str:
        """The limit in words: "≤ 4 ×"."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"

    @property
    def verdict(self) -> str:
        """ "met", "missed by 12 %" of the limit, or "not measured"."""
        if self.value is None:
            return "not measured"
        if self.failure:
            return f"missed: {self.failure}"
        if self.met:
            return "met"
        # At least one percent: "missed by 0 %" would make no sense.
        return f"missed by {max(1, round(100 * abs(self.value / self.limit - 1)))} %"

    def __str__(self) -> str:
        value = "–" if self.value is None else f"{self.value:.2f} {self.unit}"
        return f"{value} ({self.wanted}: {self.verdict})"


def summary(aims: list[Aim]) -> str:
    """How many aims were met, and a line for each missed one."""
    measured = [aim for aim in aims if aim.value is not None]
    if not measured:
        return "None of the aims is about these sizes."
    lines = [f"{sum(aim.met for aim in measured)} of {len(measured)} measured aims are met."]
    lines += [f"  {aim.what}: {aim}" for aim in measured if not aim.met]
    return "\n".join(lines)
