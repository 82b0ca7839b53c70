"""Numbers as people and programs write them."""

import re

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)

LARGEST_KEY = 2**63 - 1
"""The largest whole number that every database stores: 64 bits with a sign."""


def parse_whole_number(text: str, *, least: int = 0, most: int = LARGEST_KEY) -> int | None:
    """The whole number that ``text`` writes in ASCII digits and nothing else.

    None for any other text, and for a number that is not from ``least`` to ``most``. Both are 0 or
    more, and so is what is found: a sign is no digit. Text of any length is safe: Python alone
    would refuse to read some thousand digits.
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if least <= number <= most else None


def ungrouped(text: str) -> str:
    """A number without the commas and blanks that group its digits: "1,234.50"."""
    text = text.replace("\u202f", "").replace("\xa0", "")
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text
