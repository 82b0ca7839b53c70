"""SQL functions that SQLite lacks or has for ASCII alone; each connection of ours has them."""

import json
import sqlite3
from decimal import Decimal
from typing import Any


def add_functions(connection: sqlite3.Connection) -> None:
    """Make them known to a connection."""
    for name, places, function in (
        # SQLite's own lower() knows ASCII only, so that a search for "Ω" or "é" would miss.
        ("lower", 1, _lower),
        ("float_text", 1, _float_text),
        ("text_float", 1, _text_float),
        ("hex_bytes", 1, _hex_bytes),
        ("same_json", 2, _same_json_texts),
    ):
        connection.create_function(name, places, function, deterministic=True)


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values (as ``json.loads`` gives them) are the same value.

    The order of an object's names plays no part, nor how a number is written: 1 is 1.0. A number
    is no boolean, though Python takes 1 for True.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        # As written, not as stored: PostgreSQL gives 1e30 back as a whole number of 31 digits.
        return Decimal(repr(one)) == Decimal(repr(other))
    return type(one) is type(other) and bool(one == other)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _float_text(value: Any) -> str | None:
    """A float's shortest digits that mean it to the last bit. SQLite's printf gives 15 or 17."""
    return None if value is None else repr(float(value))


def _text_float(text: Any) -> float | None:
    """``float_text`` the other way round; SQLite's CAST may miss the last bit."""
    return None if text is None else float(text)


def _hex_bytes(text: Any) -> bytes | None:
    """hex() the other way round; SQLite has unhex() since 3.41."""
    return None if text is None else bytes.fromhex(text)


def _same_json_texts(one: Any, other: Any) -> bool:
    """``same_json`` of two texts; NULL counts as JSON's null."""
    return bool(one == other) or same_json(_loaded(one), _loaded(other))


def _loaded(text: Any) -> Any:
    # A number by itself is one to SQLite, whose column of JSON is numeric.
    return json.loads(text) if isinstance(text, str | bytes) else text
