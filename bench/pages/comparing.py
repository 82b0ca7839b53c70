"""Compares two folders of answers."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

MOST_LINES = 14
"""The number of lines of one difference that are printed."""

LONGEST_LINE = 200
"""The number of characters of a line that are printed, around the first that differs."""


@dataclass(frozen=True)
class Comparison:
    """``differing``: the files that differ, each with its difference in short."""

    compared: int
    differing: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def equal(self) -> int:
        return self.compared - len(self.differing)

    def alike(self) -> list[list[str]]:
        """The differing files, grouped by the lines that differ."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for name, lines in self.differing.items():
            changed = tuple(line for line in lines if line.startswith(("-", "+")))
            groups.setdefault(changed, []).append(name)
        return list(groups.values())


def compare(before: Path, after: Path) -> Comparison:
    """Compare the files of two folders by their names, byte for byte."""
    names = sorted({file.name for folder in (before, after) for file in folder.glob("*.txt")})
    differing = {}
    for name in names:
        texts = [_read(folder / name) for folder in (before, after)]
        if texts[0] != texts[1]:
            differing[name] = difference(*texts)
    return Comparison(len(names), differing)


def _read(file: Path) -> str:
    # With its own line ends, which read_text would normalize.
    return file.read_bytes().decode() if file.exists() else "(there is no such page)\n"


def difference(before: str, after: str) -> list[str]:
    """The lines that differ, as a unified diff without its head; ``MOST_LINES`` of them at most."""
    found = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=1)
    lines = [line for line in found if not line.startswith(("---", "+++"))]
    shown = list(_cut(lines[:MOST_LINES]))
    if more := len(lines) - len(shown):
        shown.append(f"… and {more} more lines")
    return shown


def _lines(text: str) -> list[str]:
    return text.replace("\r", "‹CR›").split("\n")


def _cut(lines: list[str]) -> Iterator[str]:
    """Only the differing part of long lines: a row of a list is one line of some thousand bytes."""
    partner = {}
    for line, following in pairwise(lines):
        if line.startswith("-") and following.startswith("+"):
            partner[line], partner[following] = following, line
    for line in lines:
        same = _shared(line[1:], partner[line][1:]) if line in partner else 0
        start = 1 + max(0, same - LONGEST_LINE // 3)
        end = start + LONGEST_LINE
        yield f"{line[:1]}{'…' * (start > 1)}{line[start:end]}{'…' * (end < len(line))}"


def _shared(one: str, other: str) -> int:
    """The number of characters with which two lines begin alike."""
    pairs = zip(one, other, strict=False)
    shorter = min(len(one), len(other))
    return next((place for place, pair in enumerate(pairs) if pair[0] != pair[1]), shorter)
