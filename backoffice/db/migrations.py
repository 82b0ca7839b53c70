"""The migrations: which of them a database has, and running the others.

upgrade(settings)                    # like `alembic upgrade head`
current_state(database).behind       # one statement, for the health check
"""

from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from backoffice.config import CHECKOUT, Settings
from backoffice.db.engine import Database

VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))
"""Alembic's table of the migrations that a database has."""

_MYSQL_NO_SUCH_TABLE = 1146
_POSTGRESQL_UNDEFINED_TABLE = "42P01"


@dataclass(frozen=True)
class MigrationState:
    """The newest migrations, as revision ids.

    ``expected``: this checkout's. ``applied``: the database's; empty for an empty database.
    ``known``: every migration of this checkout.
    """

    expected: frozenset[str]
    applied: frozenset[str]
    known: frozenset[str]

    @property
    def at_head(self) -> bool:
        """Whether the database has exactly this checkout's migrations."""
        return self.applied == self.expected

    @property
    def ahead(self) -> bool:
        """Whether a newer release has migrated the database. While it starts, both serve."""
        return not self.applied <= self.known

    @property
    def behind(self) -> bool:
        """Whether migrations are missing: this checkout cannot work with the database."""
        return not self.at_head and not self.ahead


def migration_config(settings: Settings | None = None) -> Config:
    """Alembic's configuration for programs.

    ``settings``: env.py takes the database from them; None for those of the environment.
    """
    config = Config(CHECKOUT / "alembic.ini")
    if settings is not None:
        config.attributes["settings"] = settings
    return config


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Run the migrations up to ``revision``, one release at a time.

    Raises:
        alembic.util.CommandError: another migration still runs after MIGRATION_WAIT, or a migration
            left the database inconsistent. Its text is a sentence.
    """
    command.upgrade(migration_config(settings), revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Undo the migrations after ``revision``; ``base`` undoes all, and deletes the records.

    Raises:
        alembic.util.CommandError: as ``upgrade``.
    """
    command.downgrade(migration_config(settings), revision)


def current_state(database: Database) -> MigrationState:
    """The migrations that the database has and should have. One statement; scripts are read once.

    Raises:
        sqlalchemy.exc.DBAPIError: the database does not answer.
    """
    expected, known = _revisions()
    return MigrationState(expected, _applied(database), known)


def is_at_head(database: Database) -> bool:
    """``current_state(database).at_head``."""
    return current_state(database).at_head


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """The scripts' heads, and all revisions. They do not change while a process runs."""
    scripts = ScriptDirectory.from_config(migration_config())
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return frozenset(scripts.get_heads()), known


def _applied(database: Database) -> frozenset[str]:
    try:
        with database.reader.connect() as connection:
            return frozenset(connection.scalars(sa.select(VERSIONS.c.version_num)))
    except DBAPIError as error:
        if _means_no_such_table(error):
            return frozenset()
        raise


def _means_no_such_table(error: DBAPIError) -> bool:
    original = error.orig
    if getattr(original, "pgcode", None) == _POSTGRESQL_UNDEFINED_TABLE:
        return True
    arguments = original.args if original is not None else ()
    if arguments and isinstance(arguments[0], int):
        return arguments[0] == _MYSQL_NO_SUCH_TABLE
    return "no such table" in str(original)
