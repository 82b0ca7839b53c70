"""On which kinds of database a test runs.

With ``--thorough``, as in continuous integration, a test that asks for a database runs on SQLite,
PostgreSQL and MariaDB. In the short form it runs on one of them, and they take turns: of ten tests
of a screen each kind runs about three. These run on all kinds in the short form, too:

- tests with ``@pytest.mark.every_database``: of SQL that we write differently for each kind, of its
  errors and its locks;
- the folders of ``WHOLE``, which are about nothing else.

Tests with ``@pytest.mark.databases("postgresql", …)`` run on the kinds that they name. With
``--sqlite`` every test runs on SQLite, whichever kind's turn it is.
"""

import os
import zlib
from pathlib import Path

import pytest

from tests import databases
from tests.databases import KINDS, Kind
from tests.size import thorough

KINDS_VARIABLE = "BACKOFFICE_TEST_KINDS"
"""How pytest's workers learn which kinds take turns."""

WHOLE = ("columns", "db", "house", "migrations", "models", "shapes")

_HERE = Path(__file__).parent


def begin_run() -> None:
    """Find out which kinds take turns. Called once, by the process that started pytest.

    A MariaDB server need not be there. PostgreSQL comes as a package: where it cannot start, its
    tests say so.
    """
    os.environ[KINDS_VARIABLE] = ",".join(kind for kind in KINDS if _is_there(kind))


def _is_there(kind: Kind) -> bool:
    if kind != "mariadb":
        return True
    try:
        databases.server_url(kind)
    except databases.Unavailable:
        return False
    return True


def of_another_turn(item: pytest.Item) -> bool:
    """Whether the short form leaves ``item`` out, because it is another kind's turn."""
    if thorough() or not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    if item.config.getoption("--sqlite"):
        return False
    kind = item.callspec.params.get("database_kind")
    if not isinstance(kind, str) or _HERE not in item.path.parents:
        return False
    if item.path.relative_to(_HERE).parts[0] in WHOLE:
        return False
    if item.get_closest_marker("databases") or item.get_closest_marker("every_database"):
        return False
    kinds = os.environ[KINDS_VARIABLE].split(",")
    return kind != kind_of_turn(item.name.replace(kind, ""), kinds)


def kind_of_turn(name: str, kinds: list[str]) -> str:
    """The kind of ``kinds`` whose turn a test is, by the test's name without the kind.

    Never by Python's hash(): each of pytest's workers must come to the same.
    """
    return kinds[zlib.crc32(name.encode()) % len(kinds)]
