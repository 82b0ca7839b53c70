"""How long the long tests run.

``script/test`` runs the short form of the few tests that take longest: the size that still finds
what they found. ``script/test --thorough``, which continuous integration runs, takes them whole.
"""

import os
from typing import TypeVar

THOROUGH_VARIABLE = "BACKOFFICE_TEST_THOROUGH"
"""Set by ``--thorough`` before a test module is imported, also in pytest's workers."""

T = TypeVar("T")


def thorough() -> bool:
    """Whether the long form runs."""
    return os.environ.get(THOROUGH_VARIABLE) == "1"


def sized(short: T, long: T) -> T:
    """``short`` or, with ``--thorough``, ``long``: ``max_examples=sized(20, 200)``."""
    return long if thorough() else short
