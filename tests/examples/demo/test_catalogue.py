"""The catalogue that `demo` fills the database with."""

from collections import Counter
from itertools import islice

import pytest

from backoffice.models.rules import clean_count, clean_line, clean_text
from examples.demo.catalogue import CAPACITY, CATEGORIES, SHELVES, catalogue
from examples.demo.catalogue.family import share

MANY = 100_000


def test_twenty_categories_hold_more_than_ten_million_things() -> None:
    assert len(set(CATEGORIES)) == 20
    assert CAPACITY >= 10_000_000


def test_the_same_number_makes_the_same_rows() -> None:
    assert list(catalogue(3_000)) == list(catalogue(3_000))


@pytest.mark.parametrize("count", [0, 1, 7, 2_000, MANY])
def test_as_many_as_asked_for_and_no_name_twice(count: int) -> None:
    names = [row.name for _, row in catalogue(count)]
    assert len(names) == count
    assert len(set(names)) == count


def test_no_family_makes_a_name_twice_even_when_it_is_used_up() -> None:
    for shelf in SHELVES:
        plain = sum(family.capacity for family in shelf.families)
        assert len({row.name for row in shelf.rows(plain)}) == plain, shelf.category


def test_every_row_keeps_the_models_rules_as_it_is() -> None:
    for _, (name, description, cents, quantity) in catalogue(MANY):
        assert clean_line("name", name, maximum=255) == name
        assert clean_text("description", description) == description
        assert clean_count("quantity", quantity) == quantity
        assert 0 < cents < 10**9
        assert "%" not in name.replace("1%", "").replace("5%", "")


def test_small_and_large_catalogues_spread_evenly_over_the_categories() -> None:
    counts = Counter(place for place, _ in catalogue(2_000))
    assert set(counts.values()) == {100}
    counts = Counter(place for place, _ in catalogue(MANY))
    assert set(counts.values()) == {MANY // 20}


def test_some_are_out_some_are_low_and_most_are_there() -> None:
    quantities = [row.quantity for _, row in catalogue(2_000)]
    assert 20 <= quantities.count(0) <= 120
    assert 80 <= sum(0 < quantity < 10 for quantity in quantities) <= 300


def test_prices_are_of_many_sizes() -> None:
    cents = [row.cents for _, row in catalogue(2_000)]
    assert min(cents) < 10
    assert max(cents) > 10_000


def test_plain_things_come_before_their_packages() -> None:
    assert not any("pack of" in row.name for _, row in catalogue(2_000))
    assert any("pack of 100" in row.name for _, row in catalogue(MANY))


def test_more_than_there_can_be_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        next(catalogue(CAPACITY + 1))


def test_rows_come_as_they_are_asked_for() -> None:
    assert len(list(islice(catalogue(10_000_000), 50))) == 50


@pytest.mark.parametrize(
    ("total", "capacities", "shares"),
    [
        (10, [5, 5], [5, 5]),
        (10, [2, 100, 100], [2, 4, 4]),
        (0, [3, 3], [0, 0]),
        (7, [1, 1, 5], [1, 1, 5]),
        (11, [4, 100, 4], [4, 3, 4]),
    ],
)
def test_a_share_is_as_even_as_there_is_room(
    total: int, capacities: list[int], shares: list[int]
) -> None:
    assert sum(share(total, capacities)) == total
    assert sorted(share(total, capacities)) == sorted(shares)
    assert all(
        some <= most for some, most in zip(share(total, capacities), capacities, strict=True)
    )
