"""Indexes on tables that are in use."""

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from backoffice.db.queries.indexes import search_index

log = logging.getLogger("alembic.runtime.migration")

BUILD_LOCK_TIMEOUT = "30min"
"""PostgreSQL. How long a concurrent build may wait for older transactions to end.

It counts as waiting for a lock, but blocks nobody: reads and writes continue, so the migrations'
own short limit, which protects them, would only make the build fail."""


def create_index_concurrently(
    name: str, table: str, columns: Sequence[str | sa.TextClause], **options: Any
) -> None:
    """Create an index without blocking writes, where the database can: on PostgreSQL.

    ``options`` are those of ``op.create_index``, such as ``schema``. Put it into a migration of its
    own: on PostgreSQL what the migration did before is committed first, since a concurrent build
    cannot run inside a transaction.

    It may be run again. A build that failed (on a duplicate, or because somebody stopped it)
    leaves an index that is INVALID: kept up to date and used by no query. That one is dropped and
    built again; one that is whole already is left as it is.
    """
    bind = op.get_bind()
    schema: str | None = options.get("schema")
    if bind.dialect.name != "postgresql":
        there = sa.inspect(bind).get_indexes(table, schema=schema)
        if all(index["name"] != name for index in there):
            op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{BUILD_LOCK_TIMEOUT}'")
        try:
            valid = _is_valid(name, schema)
            if valid is False:
                _drop(name, table, schema)
            if valid is not True:
                op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        finally:
            op.execute("RESET lock_timeout")


def drop_index_concurrently(name: str, table: str, schema: str | None = None) -> None:
    """Drop an index, if it is there, without blocking writes where the database can."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        there = sa.inspect(bind).get_indexes(table, schema=schema)
        if any(index["name"] == name for index in there):
            op.drop_index(name, table, schema=schema)
        return
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{BUILD_LOCK_TIMEOUT}'")
        try:
            _drop(name, table, schema)
        finally:
            op.execute("RESET lock_timeout")


def _drop(name: str, table: str, schema: str | None) -> None:
    op.drop_index(name, table, schema=schema, postgresql_concurrently=True, if_exists=True)


def _is_valid(name: str, schema: str | None) -> bool | None:
    """Whether PostgreSQL's index can be used; None if there is none of that name."""
    valid: bool | None = op.get_bind().scalar(
        sa.text(
            "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relname = :name"
            " AND CASE WHEN :schema = '' THEN pg_table_is_visible(c.oid)"
            " ELSE n.nspname = :schema END"
        ),
        {"name": name, "schema": schema or ""},
    )
    return valid


def create_search_index(table: str, column: str, schema: str | None = None) -> None:
    """An index that finds text anywhere in a column, as a list's search asks for it.

    PostgreSQL only: a trigram index, built without blocking writes. The other databases have no
    such index (SQLite's and MySQL's full-text tables would have to be asked in other words) and
    read the column. Where the extension pg_trgm may not be created, the search reads it too, and
    ``python -m backoffice doctor`` says what is missing.
    """
    if op.get_bind().dialect.name != "postgresql" or not _has_trigrams():
        return
    create_index_concurrently(
        search_index(table, column).name,
        table,
        [column],
        schema=schema,
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
    )


def drop_search_index(table: str, column: str, schema: str | None = None) -> None:
    """Drop what ``create_search_index`` made, if it is there."""
    if op.get_bind().dialect.name == "postgresql":
        drop_index_concurrently(search_index(table, column).name, table, schema)


def _has_trigrams() -> bool:
    """Whether pg_trgm exists; creates it if possible, and warns if not."""
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError as error:
        log.warning(
            "No search indexes: the extension pg_trgm is missing and this user cannot create it"
            " (%s). Have an administrator run CREATE EXTENSION pg_trgm in this database, then"
            " run the migration that `python -m backoffice doctor` prints.",
            " ".join(str(error.orig).split()),
        )
        return False
    return True
