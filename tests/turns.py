"""On which kinds of database a test runs.

With ``--thorough``, as in continuous integration, a test that asks for a database runs on SQLite,
PostgreSQL and MariaDB. In the short form it runs on SQLite and on one of the two servers, which the
two take in turn: of ten tests of a screen five meet each. Whole stay, in the short form too:

- tests with ``@pytest.mark.databases("postgresql", …)``: they run on those that it names;
- tests with ``@pytest.mark.every_database``: of SQL that we write differently for each kind, of
  its errors and its locks;
- the folders of ``WHOLE``, which are about nothing else.
"""

import zlib
from pathlib import Path

import pytest

from tests.size import thorough

SERVERS = ("postgresql", "mariadb")
WHOLE = ("columns", "db", "house", "migrations", "models", "shapes")

_HERE = Path(__file__).parent


def of_another_turn(item: pytest.Item) -> bool:
    """Whether the short form leaves ``item`` out, which another database has taken."""
    if thorough() or not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    parameters = item.callspec.params
    kind = parameters.get("database_kind")
    if kind not in SERVERS or item.path.relative_to(_HERE).parts[0] in WHOLE:
        return False
    if item.get_closest_marker("databases") or item.get_closest_marker("every_database"):
        return False
    return kind != server_of(item.name.replace(kind, ""))


def server_of(name: str) -> str:
    """The server whose turn a test is, by its name without the kind of database.

    Never by Python's hash(): each of pytest's workers must come to the same.
    """
    return SERVERS[zlib.crc32(name.encode()) % len(SERVERS)]
