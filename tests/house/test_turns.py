"""The short form leaves no server out for long."""

from collections import Counter

from tests.turns import SERVERS, server_of


def test_the_servers_take_turns() -> None:
    taken = Counter(server_of(f"test_a_page_is_shown[-{number}]") for number in range(200))
    assert {*taken} == {*SERVERS}
    assert min(taken.values()) > 80


def test_a_tests_turn_is_the_same_in_every_process() -> None:
    assert server_of("test_a[]") == "postgresql"
