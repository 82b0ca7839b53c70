"""Measures the rounds: every size and side takes turns, scenario by scenario."""

import argparse
import os
import time
from collections.abc import Sequence

from bench.client import run_all
from bench.figures import Figures, Key, Rate, Times
from bench.processes import Cpu, Meter
from bench.scenarios import FIRST, REFUSED, WRITES, Scenario
from bench.sides import Side
from bench.tour import Tour

SLOW = 1.0
"""Seconds. If the second request takes longer too, there is no third: that time counts."""


def measure_times(arguments: argparse.Namespace, tours: Sequence[Tour], figures: Figures) -> None:
    """Put all rounds into ``figures``, each as soon as it is measured: a stop loses none."""
    rounds = _Rounds(arguments, tours, figures)
    began = time.monotonic()
    for turn in range(-1, arguments.rounds):  # the first warms up and does not count
        rounds.measure(turn)
        name = f"round {turn + 1} of {arguments.rounds}" if turn >= 0 else "warmed up"
        print(f"{name}: {time.monotonic() - began:.0f} s, {_load()}", flush=True)


class _Rounds:
    def __init__(
        self, arguments: argparse.Namespace, tours: Sequence[Tour], figures: Figures
    ) -> None:
        self.arguments, self.tours, self.figures = arguments, tours, figures
        self.numbers: dict[Key, int] = {}
        self.meters = {
            (one.stock.items, side.server.name): _meter(one, side)
            for one in tours
            for side in one.sides.values()
        }
        self.scenarios = list(
            dict.fromkeys(scenario.name for one in tours for scenario in one.scenarios)
        )

    def measure(self, turn: int) -> None:
        for name in self.scenarios:
            turns = [
                (one, scenario, side)
                for one in self.tours
                for scenario in one.scenarios
                if scenario.name == name
                for side in one.sides.values()
                if scenario.is_for(side.server.name)
            ]
            # The first side changes, so that no side always runs just after the same other.
            start = turn % len(turns)
            for one, scenario, side in turns[start:] + turns[:start]:
                self._take_turn(turn, one, scenario, side)

    def _take_turn(self, turn: int, one: Tour, scenario: Scenario, side: Side) -> None:
        name = side.server.name
        key = (one.stock.data.name, one.stock.items, scenario.name, name)
        number = self.numbers.get(key, 2)
        if not number:
            return
        cpu = Cpu()
        latencies = self._ask(one, scenario, side, number, cpu)
        if turn < 0 and min(latencies) < SLOW:
            most: int = self.arguments.requests
            self.numbers[key] = max(1, min(most, int(self.arguments.seconds / min(latencies))))
            return
        times = self.figures.times.setdefault(key, Times())
        times.cpu.add(cpu.web, cpu.database, cpu.requests)
        times.add(max(turn, 0), latencies if turn >= 0 else latencies[1:])
        if turn < 0:
            self.numbers[key] = 0

    def _ask(
        self, one: Tour, scenario: Scenario, side: Side, number: int, cpu: Cpu
    ) -> tuple[float, ...]:
        writes = scenario.name in WRITES
        before = one.counted(side) if writes else {}
        requests = one.requests(scenario, side, number)
        expect = one.expected(scenario, side)
        with self.meters[one.stock.items, side.server.name].measuring(cpu, number):
            done = run_all(side.server.port, requests, connections=1, expect=expect)
        if writes:
            one.check_written(scenario, side, number, before)
        elif done.statuses - {200}:
            failure = f"answers {REFUSED}"
            self.figures.failures[
                one.stock.data.name, one.stock.items, scenario.name, side.server.name
            ] = failure
        return done.latencies


def measure_rates(arguments: argparse.Namespace, one: Tour, figures: Figures) -> None:
    """Put the first pages per second of each side, and the CPU for them, into ``figures``."""
    connections: int = arguments.connections
    seconds: float = arguments.seconds
    first = next(scenario for scenario in one.scenarios if scenario.name == FIRST)
    numbers: dict[str, int] = {}
    sides = [side for side in one.sides.values() if first.is_for(side.server.name)]
    meters = {side.server.name: _meter(one, side) for side in sides}
    for turn in range(-1, arguments.rounds):
        for side in sides if turn % 2 else list(reversed(sides)):
            name = side.server.name
            number = numbers.get(name, 2 * connections)
            if turn > 0 and not number:
                continue
            requests = one.requests(first, side, number or connections)
            cpu = Cpu()
            with meters[name].measuring(cpu, len(requests)):
                done = run_all(side.server.port, requests, connections=connections, expect=200)
            if turn < 0:
                slow = connections / done.rate > 2 * seconds
                numbers[name] = 0 if slow else max(connections, int(done.rate * seconds))
                continue
            key = (one.stock.data.name, one.stock.items, name)
            rate = figures.rates.setdefault(key, Rate())
            rate.rounds.append(done.rate)
            rate.cpu.add(cpu.web, cpu.database, cpu.requests)


def _meter(one: Tour, side: Side) -> Meter:
    return Meter(side.server.group, one.database_of(side))


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
