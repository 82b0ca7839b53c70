"""A copy of a stocked database as another commit's migrations make it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from backoffice.config import CHECKOUT, Settings
from backoffice.db import open_database
from backoffice.db.migrations import downgrade, migration_config
from bench.stocked import Stock, mark_whole, named_database
from tests.databases import child_environment


@contextmanager
def stock_at(
    server: str, stock: Stock, commit: str, checkout: Path, *, keep: bool
) -> Iterator[Stock]:
    """The same rows in a database of their own, with the schema that ``checkout`` has.

    ``commit``: its id, for the name of a kept database. ``keep``: as for ``stocked_database``.
    Nobody else may be connected to the database of ``stock`` while it is copied.

    Raises:
        psycopg2.errors.ObjectInUse: somebody is.
        alembic.util.CommandError: our migrations since then cannot be undone.
        subprocess.CalledProcessError: its own migrations failed.
    """
    source = sa.make_url(stock.settings.database).database
    name = f"bench_lists_{stock.data.prefix}{stock.items}_at_{commit}"
    form = f"{stock.data.form}, at {commit}"
    stock.database.dispose()
    with named_database(server, name, form, keep=keep, template=str(source)) as (settings, whole):
        if not whole:
            _migrate(settings, checkout)
            mark_whole(server, settings, form)
        database = open_database(settings)
        try:
            yield replace(stock, settings=settings, database=database)
        finally:
            database.dispose()


def _migrate(settings: Settings, checkout: Path) -> None:
    """From our newest migration down to the last that the checkout knows too, and up to its own."""
    ours = {script.revision for script in _scripts(CHECKOUT).walk_revisions()}
    theirs = [script.revision for script in _scripts(checkout).walk_revisions()]
    common = next(revision for revision in theirs if revision in ours)
    downgrade(settings, common)
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=checkout,
        env=child_environment(settings),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _scripts(checkout: Path) -> ScriptDirectory:
    config = migration_config()
    config.set_main_option("script_location", str(checkout / "migrations"))
    return ScriptDirectory.from_config(config)
