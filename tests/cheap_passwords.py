"""Argon2 with the least work there is, for all the tests that sign in and are not about hashing.

What it costs in earnest is asked by the tests that use the fixture ``real_passwords``, and by all
that start the back office as a process of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from passlib.hash import argon2

from backoffice.auth.password import hashing

NAMES = ("MEMORY_KIB", "PASSES", "_HASHER", "_DUMMY_HASH")

_real: dict[str, Any] = {name: getattr(hashing, name) for name in NAMES}
_hasher = argon2.using(type="ID", memory_cost=8, time_cost=1, parallelism=1)
_cheap: dict[str, Any] = {
    "MEMORY_KIB": 8,
    "PASSES": 1,
    "_HASHER": _hasher,
    "_DUMMY_HASH": _hasher.hash("a password that nobody has"),
}


def make_passwords_cheap() -> None:
    _set(_cheap)


@contextmanager
def real_passwords() -> Iterator[None]:
    """Passwords as in earnest, within it."""
    _set(_real)
    try:
        yield
    finally:
        _set(_cheap)


def _set(values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(hashing, name, value)
