"""The short form leaves no kind of database out for long."""

from collections import Counter

import pytest

from tests.databases import KINDS
from tests.turns import kind_of_turn


@pytest.mark.parametrize("kinds", [KINDS, KINDS[:2]], ids=["all", "without MariaDB"])
def test_the_kinds_take_turns(kinds: tuple[str, ...]) -> None:
    names = (f"test_a_page_is_shown[-{number}]" for number in range(300))
    taken = Counter(kind_of_turn(name, list(kinds)) for name in names)
    assert {*taken} == {*kinds}
    assert min(taken.values()) > 240 / len(kinds)


def test_a_tests_turn_is_the_same_in_every_process() -> None:
    assert kind_of_turn("test_a[]", list(KINDS)) == "postgresql"
