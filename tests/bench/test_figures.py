"""What the benchmark of lists concludes from its figures."""

import os

import pytest

from backoffice.db import Database
from bench.client import Answer, UnexpectedAnswer
from bench.figures import Figures, Times, is_slower, is_slower_than_spread
from bench.list_aims import aim_beside, aim_in_seconds, aim_of_small, slower_than_before
from bench.processes import Cpu, Meter, Process, used_by_backends
from bench.scenarios import FILTER, FIRST, PAIR, SHORT

MILLION = 1_000_000


def times(*milliseconds: float) -> Times:
    made = Times()
    for turn, one in enumerate(milliseconds):
        made.add(turn, [one / 1000] * 3)
    return made


@pytest.mark.parametrize(
    ("ratios", "slower", "beyond_the_spread"),
    [
        ([1.06, 1.07, 1.08], True, True),
        ([1.02, 1.07, 1.35], True, False),
        ([0.99, 1.30, 1.30], False, False),
        ([1.01, 1.02, 1.03], False, False),
        ([], False, False),
    ],
)
def test_slower_means_in_every_round_or_by_more_than_their_spread(
    ratios: list[float], slower: bool, beyond_the_spread: bool
) -> None:
    assert is_slower(ratios, 1.05) == slower
    assert is_slower_than_spread(ratios, 1.05) == beyond_the_spread


def test_what_got_slower_is_named() -> None:
    figures = Figures()
    for scenario, ours in (("surely", (12, 12.1)), ("perhaps", (11, 15)), ("as before", (10, 9))):
        figures.times["demo", 1000, scenario, "ours"] = times(*ours)
        figures.times["demo", 1000, scenario, "before"] = times(10, 10)

    surely, perhaps = slower_than_before(figures)
    assert surely == ["  demo: surely at 1,000: 1.21 × (1.20 to 1.21 in 2 rounds)"]
    assert [line.split(" at ")[0] for line in perhaps] == ["  demo: perhaps"]


def test_one_category_may_take_three_times_as_long_as_the_bare_one() -> None:
    figures = Figures()
    key = ("demo", MILLION, FILTER, "ours")
    figures.times[key] = times(28, 32)
    figures.times["demo", MILLION, FILTER, "bare"] = times(10, 10)

    aim = aim_beside(figures, key, "bare")
    assert aim is not None
    assert aim.value == pytest.approx(3.0)
    assert aim.limit == 3
    assert aim_beside(figures, key, "stock") is None


def test_two_words_without_rows_miss_their_aim_but_a_short_one_may_say_so() -> None:
    figures = Figures()
    verdicts = {}
    for scenario in (f"{PAIR}10 and 10 %", f"{SHORT}z"):
        key = ("demo", MILLION, scenario, "ours")
        figures.times[key] = times(20)
        figures.failures[key] = "answers 422"
        aim = aim_in_seconds(figures, key)
        assert aim is not None
        verdicts[scenario] = aim.verdict

    assert list(verdicts.values()) == ["missed: answers 422", "met"]


@pytest.mark.parametrize(("small", "met"), [((11, 12), False), ((9, 14), True), ((8, 9), True)])
def test_a_small_list_is_slower_only_if_it_is_in_every_round(
    small: tuple[float, ...], met: bool
) -> None:
    figures = Figures()
    figures.times["demo", 1000, FIRST, "ours"] = times(*small)
    figures.times["demo", MILLION, FIRST, "ours"] = times(10, 10)

    aim = aim_of_small(figures, "demo")
    assert aim is not None
    assert aim.met == met


def test_backends_that_ended_count_only_with_what_they_used_in_between() -> None:
    before = {
        1: Process(parent=0, group=1, used=5, ended=100),
        2: Process(parent=1, group=2, used=3, ended=0),
        3: Process(parent=1, group=3, used=40, ended=0),
        4: Process(parent=1, group=4, used=7, ended=0),
    }
    after = {
        1: Process(parent=0, group=1, used=6, ended=140.5),
        2: Process(parent=1, group=2, used=3.25, ended=0),
        4: Process(parent=1, group=4, used=9, ended=0),
        5: Process(parent=1, group=5, used=0.125, ended=0),
    }

    # 2 and the new 5 are the database's, 4 is another's, 3 has ended.
    assert used_by_backends(before, after, 1, {2, 5}) == 0.25 + 0.125 + 0.5


@pytest.mark.databases("postgresql")
def test_the_cpu_of_a_server_and_its_database_are_read_apart(database: Database) -> None:
    cpu = Cpu()
    with database.engine.connect() as connection:
        # Read from another connection: the meter's own does not count.
        meter = Meter(os.getpgrp(), database)
        with meter.measuring(cpu, requests=2):
            connection.exec_driver_sql("SELECT sum(sqrt(n)) FROM generate_series(1, 2000000) AS n")

    assert cpu.database_ms is not None
    assert cpu.database_ms > 10
    assert cpu.web_ms is not None


def test_cpu_that_cannot_be_read_is_unknown() -> None:
    cpu = Cpu()
    cpu.add(1.0, 1.0, 10)
    cpu.add(1.0, None, 10)
    assert (cpu.web_ms, cpu.database_ms) == (100, None)


def test_a_compressed_answer_is_read() -> None:
    assert Answer(200, "HTTP/1.1 200 OK\r\nContent-Length: 5", "ä".encode()).text == "ä"
    with pytest.raises(UnexpectedAnswer, match="br"):
        assert Answer(200, "HTTP/1.1 200 OK\r\nContent-Encoding: br", b"").text
