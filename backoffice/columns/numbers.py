"""Numbers as people and programs write them."""

from backoffice.language import _
from backoffice.language.numbers import Ambiguous, number_style

LARGEST_KEY = 2**63 - 1
"""The largest whole number that every database stores: 64 bits with a sign."""


def parse_whole_number(text: str, *, least: int = 0, most: int = LARGEST_KEY) -> int | None:
    """The whole number that ``text`` writes in ASCII digits and nothing else.

    None for any other text, and for a number that is not from ``least`` to ``most``. Both are 0 or
    more, and so is what is found: a sign is not a digit. Text of any length is safe: Python alone
    would refuse to read some thousand digits.
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if least <= number <= most else None


def plain_number(text: str) -> str:
    """A typed number as a plain one: "1234.5" for "1.234,5" where people write it so. A text that
    is not a number is returned unchanged.

    Raises:
        ValueError: the text means two numbers; the error is a sentence that names both.
    """
    try:
        return number_style().read(text)
    except Ambiguous as error:
        first, second = map(number_style().typed, error.readings)
        raise ValueError(
            _(
                "“{text}” can mean {first} or {second}. Enter one of the two.",
                text=text.strip(),
                first=first,
                second=second,
            )
        ) from None
