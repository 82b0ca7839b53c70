"""The aims of the lists: how long each scenario may take, and beside which other side."""

from statistics import median

from bench.aims import Aim
from bench.figures import Figures, Key, is_slower, is_slower_than_spread, ratio_of, ratios_of
from bench.scenarios import (
    COUNTS,
    CREATE,
    EDIT,
    EXACT,
    FEED,
    FEW,
    FILTER,
    FIRST,
    IN_CATEGORY,
    LARGEST,
    LAST,
    MIDDLE,
    NONE,
    PAGES,
    PAIR,
    SAVE,
    SHORT,
    SORT,
)

THOUSAND, MILLION, TEN_MILLIONS = 1_000, 1_000_000, 10_000_000

TIMES_BARE = {
    **dict.fromkeys((FIRST, MIDDLE, LAST, FEW, NONE, SORT), 4.0),
    **dict.fromkeys((FILTER, LARGEST), 3.0),
}
"""How many times as long as the bare one a list may take, from a million items on."""

SMALL = 3.0
"""The same for the first page of a thousand."""

TIMES_STOCK = {EDIT: 0.6, SAVE: 1.0, CREATE: 0.8}
"""How many times as long as the stock one a form or a write may take, from a million items on."""

CPU = 3.0
"""How many times as much CPU of the web server as the bare one's a first page may take."""

FLAT = {MILLION: 1.2, THOUSAND: 1.3}
"""How many times as long as at that size a page may take with ten million items."""

RATE = 12.0
"""First pages per second at a million items, beside the stock one."""

SLOWER = 1.05
"""How many times as long as at an earlier commit a scenario may take."""

TIME_LIMIT = 5
"""Seconds of LIST_TIME_LIMIT, as the servers here have it."""

SECONDS = {SHORT: 1.0, PAIR: 0.3, IN_CATEGORY: 0.3, FEED: 0.1, EXACT: TIME_LIMIT + 1.0}
"""How long a page may take, by the beginning of the scenario's name, at every size."""


def aim_beside(figures: Figures, key: Key, other: str) -> Aim | None:
    """The aim of a scenario beside another side; None if there is none, or nothing was measured."""
    data, items, scenario, _ours = key
    limit = None
    if other == "bare" and items >= MILLION:
        limit = TIMES_BARE.get(scenario)
    elif other == "bare" and items == THOUSAND and scenario == FIRST:
        limit = SMALL
    elif other == "stock" and items >= MILLION:
        limit = TIMES_STOCK.get(scenario)
    ratio = ratio_of(figures.times.get(key), figures.times.get((data, items, scenario, other)))
    if limit is None or ratio is None:
        return None
    what = f"{data}: {scenario} at {items:,}, ours to {other}"
    return Aim(what, ratio, limit, failure=figures.failures.get(key, ""))


def aim_in_seconds(figures: Figures, key: Key) -> Aim | None:
    """The aim of a page by itself; None if there is none, or nothing was measured."""
    data, items, scenario, _ours = key
    limits = [limit for begin, limit in SECONDS.items() if scenario.startswith(begin)]
    times = figures.times.get(key)
    if not limits or times is None or scenario.endswith(COUNTS):
        return None
    # An honest answer that there was no time is enough for the shortest words.
    failure = "" if scenario.startswith(SHORT) else figures.failures.get(key, "")
    what = f"{data}: {scenario} at {items:,}"
    return Aim(what, times.p50 / 1000, limits[0], unit="s", failure=failure)


def aim_of_cpu(figures: Figures, data: str, items: int) -> Aim | None:
    """The aim of the web server's CPU for first pages; None if it was not measured."""
    ours, bare = (figures.rates.get((data, items, side)) for side in ("ours", "bare"))
    if ours is None or bare is None:
        return None
    own, others = ours.cpu.web_ms, bare.cpu.web_ms
    ratio = own / others if own is not None and others else None
    return Aim(f"{data}: CPU of the web server at {items:,}, ours to bare", ratio, CPU)


def aim_of_growth(figures: Figures, data: str, scenario: str, small: int, large: int) -> Aim | None:
    """The aim of a page with ten million items beside fewer; None if there is none."""
    if scenario not in PAGES or large != TEN_MILLIONS or small not in FLAT:
        return None
    ratio = ratio_of(
        figures.times.get((data, large, scenario, "ours")),
        figures.times.get((data, small, scenario, "ours")),
    )
    return Aim(f"{data}: {scenario}, {large:,} to {small:,}", ratio, FLAT[small])


def aim_of_small(figures: Figures, data: str) -> Aim | None:
    """A list of a thousand takes no longer than one of a million; None if not both were measured.

    Rounds differ by chance: it is met too if the small one was quicker in any round.
    """
    small, large = (
        figures.times.get((data, items, FIRST, "ours")) for items in (THOUSAND, MILLION)
    )
    ratios = ratios_of(small, large)
    if not ratios:
        return None
    ratio = ratio_of(small, large) or 0
    what = f"{data}: {FIRST}, {THOUSAND:,} to {MILLION:,}, in every round"
    return Aim(what, ratio if is_slower(ratios) else min(ratio, 1.0), 1.0)


def slower_than_before(figures: Figures) -> tuple[list[str], list[str]]:
    """A line for each scenario that takes longer than at the earlier commit by more than the spread
    of the rounds; and for each other one that does so in every round."""
    surely: list[str] = []
    perhaps: list[str] = []
    for key, times in figures.times.items():
        data, items, scenario, side = key
        if side != "ours":
            continue
        ratios = ratios_of(times, figures.times.get((data, items, scenario, "before")))
        if is_slower(ratios, SLOWER):
            lines = surely if is_slower_than_spread(ratios, SLOWER) else perhaps
            lines.append(
                f"  {data}: {scenario} at {items:,}: {median(ratios):.2f} × "
                f"({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds)"
            )
    return surely, perhaps
