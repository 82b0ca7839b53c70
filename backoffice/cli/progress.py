"""A progress bar on a terminal; nothing in a log file."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")
WIDTH = 30
EVERY_SECONDS = 0.1
LOOK_AT_CLOCK_EVERY = 256


def with_progress(rows: Iterable[T], total: int, stream: TextIO | None = None) -> Iterator[T]:
    """Pass ``rows`` through, with a bar on ``stream`` (None: standard error) if it is a terminal.

    ``total``: the number of rows.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or not total:
        yield from rows
        return
    shown = 0.0
    for done, row in enumerate(rows):
        if done % LOOK_AT_CLOCK_EVERY == 0 and time.monotonic() - shown > EVERY_SECONDS:
            shown = time.monotonic()
            _show(stream, done, total)
        yield row
    _show(stream, total, total)
    stream.write("\n")


def _show(stream: TextIO, done: int, total: int) -> None:
    filled = WIDTH * done // total
    bar = "█" * filled + "·" * (WIDTH - filled)
    stream.write(f"\r{bar} {done:,} of {total:,}")
    stream.flush()
