"""The scattered rows: their words are as common as the constants say, and independent."""

from collections import Counter
from itertools import combinations, pairwise
from math import sqrt

import pytest

from bench import rows
from bench.shelves import MARK, MARKED
from examples.demo.bulk import Row

ITEMS = 20_000
IDS = list(range(1, rows.CATEGORIES + 1))

WORDS = {**rows.NAME_WORDS, **rows.DESCRIPTION_WORDS}


@pytest.fixture(scope="module")
def made() -> list[Row]:
    return list(rows.rows(ITEMS, IDS))


def holders(made: list[Row], word: str) -> set[int]:
    """The places of the rows whose name or description holds the word."""
    return {place for place, row in enumerate(made) if word in row[1] or word in row[2]}


def is_about(number: int, expected: float) -> bool:
    """Whether so many of rare, independent events are near enough to those expected."""
    return abs(number - expected) <= 1 + 4 * sqrt(expected)


@pytest.mark.parametrize("word", rows.SHARES)
def test_a_word_is_in_its_share_of_the_rows(made: list[Row], word: str) -> None:
    assert is_about(len(holders(made, word)), ITEMS * rows.SHARES[word])


@pytest.mark.parametrize("word", rows.NAME_WORDS)
def test_some_words_are_in_names_alone(made: list[Row], word: str) -> None:
    assert holders(made, word) == {place for place, row in enumerate(made) if word in row[1]}


@pytest.mark.parametrize("word", rows.DESCRIPTION_WORDS)
def test_some_words_are_in_descriptions_alone(made: list[Row], word: str) -> None:
    assert holders(made, word) == {place for place, row in enumerate(made) if word in row[2]}


@pytest.mark.parametrize(("one", "other"), list(combinations(WORDS, 2)))
def test_two_words_know_nothing_of_each_other(made: list[Row], one: str, other: str) -> None:
    both = holders(made, one) & holders(made, other)
    assert is_about(len(both), ITEMS * WORDS[one] * WORDS[other])


@pytest.mark.parametrize("word", WORDS)
def test_a_word_knows_nothing_of_the_order_of_names(made: list[Row], word: str) -> None:
    found = holders(made, word)
    ordered = sorted(range(ITEMS), key=lambda place: made[place][1])
    for first in range(0, ITEMS, ITEMS // 4):
        some = set(ordered[first : first + ITEMS // 4])
        assert is_about(len(found & some), ITEMS / 4 * WORDS[word])


@pytest.mark.parametrize("word", WORDS)
def test_a_word_knows_nothing_of_the_category(made: list[Row], word: str) -> None:
    found = holders(made, word)
    for category_id in IDS[:3]:
        own = {place for place, row in enumerate(made) if row[0] == category_id}
        assert is_about(len(found & own), len(own) * WORDS[word])


def test_the_rows_of_one_word_are_the_last_by_name(made: list[Row]) -> None:
    names = sorted(row[1] for row in made)
    last = {row[1] for row in made if rows.LAST_WORD in row[2]}
    assert set(names[-len(last) :]) == last


def test_short_tokens_are_where_they_are_said_to_be(made: list[Row]) -> None:
    names = [row[1] for row in made]
    text = "\n".join(f"{row[1]} {row[2]}" for row in made)
    begins = [name for name in names if f" {rows.PREFIX_TOKEN}" in name]
    assert len(begins) == text.count(rows.PREFIX_TOKEN) == 1 + (ITEMS - 1) // rows.PREFIX_EVERY
    inside = [name for name in names if rows.INSIDE_WORD in name]
    assert is_about(len(inside), ITEMS * rows.INSIDE_SHARE)
    assert len(inside) == text.count(rows.INSIDE_TOKEN)
    assert f" {rows.INSIDE_TOKEN}" not in text
    assert rows.ABSENT_TOKEN not in text.lower()
    letters = [name for name in names if rows.LETTER in name.split(" ")]
    assert is_about(len(letters), ITEMS * rows.LETTER_SHARE)
    assert not any(word in name for word in rows.SHARES for name in rows.categories())


def test_names_are_long_and_unique(made: list[Row]) -> None:
    names = {row[1] for row in made}
    assert len(names) == ITEMS
    lengths = sorted(len(name) for name in names)
    assert lengths[ITEMS // 2] > 50
    assert 110 < lengths[-1] <= 130


def test_categories_are_scattered_and_of_very_different_sizes(made: list[Row]) -> None:
    sizes = Counter(row[0] for row in made)
    assert is_about(sizes[IDS[0]], ITEMS * rows.LARGEST)
    assert [sizes[category_id] for category_id in IDS[-rows.LONELY :]] == [1] * rows.LONELY
    assert len(set(rows.categories())) == len(sizes) == rows.CATEGORIES
    by_name = [row[0] for row in sorted(made, key=lambda row: row[1])]
    for order in ([row[0] for row in made], by_name):
        assert sum(one == other for one, other in pairwise(order)) < ITEMS / 20


def test_the_same_rows_are_made_every_time_and_so_many_are_marked(made: list[Row]) -> None:
    assert list(rows.rows(ITEMS, IDS)) == made
    assert sum(MARK in row[2] for row in made) == MARKED
    with pytest.raises(ValueError, match="to be found by"):
        next(rows.rows(MARKED - 1, IDS))
