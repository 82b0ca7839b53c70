"""Numbers as text."""

import pytest

from backoffice.columns.numbers import LARGEST_KEY, parse_whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), ("007", 7), (str(LARGEST_KEY), LARGEST_KEY), ("0" * 5000 + "1", 1)],
)
def test_ascii_digits_are_a_whole_number(text: str, number: int) -> None:
    assert parse_whole_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "+1", "-1", "1.0", "1e3", "1_000", "٣", "²", "x", str(2**63), "9" * 5000],
)
def test_nothing_else_is_one(text: str) -> None:
    assert parse_whole_number(text) is None


def test_it_lies_within_the_bounds() -> None:
    found = [parse_whole_number(text, least=1, most=100) for text in ("0", "1", "100", "101")]
    assert found == [None, 1, 100, None]
