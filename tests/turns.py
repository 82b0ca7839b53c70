"""On which kinds of database a test runs.

With ``--thorough``, as in continuous integration, a test that asks for a database runs on SQLite,
PostgreSQL and MariaDB. In the short form it runs on SQLite and on one of the two servers, which the
two take in turn: of ten tests of a screen five meet each. Whole stay, in the short form too:

- tests with ``@pytest.mark.databases("postgresql", …)``: they run on those that it names;
- tests with ``@pytest.mark.every_database``: of SQL that we write differently for each kind;
- the folders of ``WHOLE``, which are about nothing else.
"""

import zlib
from pathlib import Path

import pytest

from tests.size import thorough

SERVERS = ("postgresql", "mariadb")
WHOLE = ("columns", "db", "house", "migrations", "shapes")

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
    # The name without the kind, and never Python's hash(): each worker must come to the same.
    name = item.name.replace(kind, "")
    return kind != SERVERS[zlib.crc32(name.encode()) % len(SERVERS)]
