"""SQL functions that SQLite lacks or has only for ASCII; our connections have them."""

import json
import sqlite3
from decimal import Decimal
from typing import Any


def add_functions(connection: sqlite3.Connection) -> None:
    """Register them on a connection."""
    for name, places, function in (
        # SQLite's own lower() changes ASCII letters only: a search for "Ω" or "é" would miss.
        ("lower", 1, _lower),
        ("float_text", 1, _float_text),
        ("text_float", 1, _text_float),
        ("hex_bytes", 1, _hex_bytes),
        ("same_json", 2, _same_json_texts),
    ):
        connection.create_function(name, places, function, deterministic=True)
    connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]  # returns text, or None


def same_json(first: Any, second: Any) -> bool:
    """Whether two JSON values (as from ``json.loads``) are equal.

    The order of an object's names does not matter, nor how a number is written: 1 equals 1.0. A
    number is not a boolean, though Python takes 1 for True.
    """
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            same_json(first[name], second[name]) for name in first
        )
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(same_json, first, second))
    if isinstance(first, int | float) and isinstance(second, int | float):
        # As written, not as stored: PostgreSQL returns 1e30 as a whole number of 31 digits.
        return Decimal(repr(first)) == Decimal(repr(second))
    return type(first) is type(second) and bool(first == second)


class _ExactSum:
    """The sum of decimals, which SQLite stores as binary fractions, as text; NULL for none.

    Fifteen digits of a fraction are the decimal that was meant: 0.1 * 3 is 0.3.
    """

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, value: Any) -> None:
        if value is not None:
            self._sum = (self._sum or Decimal(0)) + _meant(value)

    def finalize(self) -> str | None:
        return None if self._sum is None else f"{self._sum:f}"


def _meant(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(f"{float(value):.15g}")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _float_text(value: Any) -> str | None:
    """The shortest digits that are exactly this float. SQLite's printf writes 15 or 17."""
    return None if value is None else repr(float(value))


def _text_float(text: Any) -> float | None:
    """The inverse of ``float_text``; SQLite's CAST may miss the last bit."""
    return None if text is None else float(text)


def _hex_bytes(text: Any) -> bytes | None:
    """The inverse of hex(); SQLite has unhex() since 3.41."""
    return None if text is None else bytes.fromhex(text)


def _same_json_texts(first: Any, second: Any) -> bool:
    """``same_json`` of two texts; NULL counts as JSON's null."""
    return bool(first == second) or same_json(_loaded(first), _loaded(second))


def _loaded(text: Any) -> Any:
    # SQLite's JSON columns are numeric: a number by itself comes back as one.
    return json.loads(text) if isinstance(text, str | bytes) else text
