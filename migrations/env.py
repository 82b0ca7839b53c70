"""How migrations run, on each of the databases; ``alembic`` executes this file.

The database is the one that the settings name. A program that runs migrations itself passes its
settings along; ``backoffice.db.migrations`` does. One release runs at a time (``lock.py``), each
migration in a transaction of its own, and on SQLite nothing is lost by a rebuild (``sqlite.py``).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from logging.config import fileConfig
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import False_, True_

from backoffice.config import Settings, SettingsError, load_settings
from backoffice.db import ChangesRefused, Database, open_database
from backoffice.db.queries.indexes import SEARCH_SUFFIX
from backoffice.db.types import utc_now
from backoffice.models import Base
from migrations import sqlite
from migrations.generated import correct, is_native, render_enum
from migrations.lock import RELEASE_LATER, TAKES_NO_CHANGES, one_release


def finish_revision(
    _context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    scripts: list[MigrationScript],
) -> None:
    """Name a new revision by the minute, so that two developers' do not clash and both sort, and
    see that it runs on every database."""
    minute = datetime.now(UTC)
    known = {script.revision for script in context.script.walk_revisions()}
    while minute.strftime(REVISION) in known:
        minute += timedelta(minutes=1)
    for script in scripts:
        script.rev_id = minute.strftime(REVISION)
        correct(script, tables_of_ours())


REVISION = "%Y%m%d_%H%M"


def tables_of_ours() -> list[sa.MetaData]:
    """What migrations are made for: the models' tables, and those that a program adds to them."""
    return [Base.metadata, *context.config.attributes.get("metadata", ())]


def render_item(kind: str, item: Any, autogenerating: AutogenContext) -> str | Literal[False]:
    """Write server defaults as functions: as SQL each would be one database's spelling. A
    company's own types are imported from where they are; of enum types see ``generated``."""
    if kind == "type" and is_native(item):
        return render_enum(item)
    module = type(item).__module__
    if kind == "type" and module.partition(".")[0] not in ("sqlalchemy", "backoffice"):
        autogenerating.imports.add(f"import {module}")
        return f"{module}.{item!r}"
    if kind == "server_default":
        match getattr(item, "arg", None):
            case utc_now():
                return "types.utc_now()"
            case True_():
                return "sa.true()"
            case False_():
                return "sa.false()"
    return False


def include_object(
    _item: Any, name: str | None, kind: str, reflected: bool, _compared: Any
) -> bool:
    """All but search indexes: they are one database's, and no model declares them."""
    return not (kind == "index" and reflected and (name or "").endswith(SEARCH_SUFFIX))


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Only our own tables, of all that the database has: another program's are not ours to drop,
    and neither is what they hold. A table whose model is gone is dropped by hand."""
    if kind == "schema":
        return name in schemas_of_ours()
    if kind == "table":
        full_name = parents["schema_qualified_table_name"]
        return any(full_name in metadata.tables for metadata in tables_of_ours())
    return True


def schemas_of_ours() -> set[str | None]:
    """The schemas that the models name; None is the default one."""
    tables = (table for each in tables_of_ours() for table in each.tables.values())
    return {table.schema for table in tables}


def server_default_differs(
    _context: MigrationContext,
    _in_database: sa.Column[Any],
    _in_models: sa.Column[Any],
    in_database: str | None,
    _default: sa.FetchedValue | None,
    in_models: str | None,
) -> bool | None:
    """False where two server defaults are one in two spellings; None leaves it to Alembic.

    MariaDB and MySQL keep ``true`` as ``1``, and functions without the parentheses that they ask
    for.
    """
    if in_database is None or in_models is None:
        return None
    spelt = {"true": "1", "false": "0"}
    one, other = (text.strip("()").lower() for text in (in_database, in_models))
    return False if spelt.get(one, one) == spelt.get(other, other) else None


def migrate(database: Database, settings: Settings) -> None:
    try:
        connection = database.writer.connect()
    except sa.exc.OperationalError as error:
        reason = " ".join(str(error.orig).split())
        raise CommandError(f"The database cannot be reached: {reason}") from None
    with connection:
        if database.dialect == "sqlite":
            sqlite.without_foreign_keys(connection)
            event.listen(connection, "commit", sqlite.check_foreign_keys)
        try:
            run(connection, database, settings)
        except ChangesRefused as error:
            reason = " ".join(str(error.orig).split())
            raise CommandError(f"{TAKES_NO_CHANGES} ({reason}): {RELEASE_LATER}") from None


def run(connection: Connection, database: Database, settings: Settings) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables_of_ours(),
        transaction_per_migration=True,
        # Wherever it is generated: SQLite needs it, and elsewhere it is plain ALTER TABLE.
        render_as_batch=True,
        compare_type=True,
        compare_server_default=server_default_differs,
        process_revision_directives=finish_revision,
        render_item=render_item,
        include_object=include_object,
        include_name=include_name,
        include_schemas=schemas_of_ours() != {None},
        user_module_prefix="types.",
    )
    if context.get_context().opts.get("dont_mutate"):  # `alembic current` only looks
        context.run_migrations()
        return
    with one_release(database, wait=settings.migration_wait), context.begin_transaction():
        context.run_migrations()


def main() -> None:
    if context.is_offline_mode():
        raise CommandError(
            "Migrations run against a database only, not with --sql: they look at what exists "
            "(locks, INVALID indexes, triggers) before they change it."
        )
    if context.config.cmd_opts is not None:  # the alembic command; a program has its own logging
        assert context.config.config_file_name is not None
        fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    try:
        settings = context.config.attributes.get("settings") or load_settings()
        context.config.attributes["settings"] = settings  # migrations may ask for them
        database = open_database(settings, for_migrations=True)
    except SettingsError as error:
        raise CommandError(str(error)) from None
    try:
        migrate(database, settings)
    finally:
        database.dispose()


main()
