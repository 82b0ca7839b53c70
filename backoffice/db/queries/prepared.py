"""Prepared statements: planned once for a connection, not each time they run."""

import hashlib
import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

LOGGER = logging.getLogger("backoffice.db")

_GONE = ("26000", "42P05", "0A000")
"""PostgreSQL's codes: no such prepared statement; it exists already; its columns have changed."""


def is_prepared_statement_gone(error: sa.exc.DBAPIError) -> bool:
    """Whether a prepared statement was gone. The same query works when it is run again."""
    return getattr(error.orig, "pgcode", None) in _GONE


class PreparedSelect:
    """A SELECT that runs so often and so quickly that planning is most of its cost.

    PostgreSQL prepares it on each connection that runs it. The other databases run it unprepared.
    So does PostgreSQL if a parameter is a list, whose length changes the text.

    A migration that changes columns, or a pooler that changes servers between statements, removes
    prepared statements. From then on the statement runs unprepared on that pool. A failed statement
    aborts PostgreSQL's transaction, so within one the first run raises (see
    ``is_prepared_statement_gone``), and a page that only reads is made once more.
    """

    def __init__(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        self.statement = statement
        self._gone_in: WeakSet[sa.Pool] = WeakSet()

    def run(
        self, connection: sa.Connection, parameters: Mapping[str, Any] | None = None
    ) -> sa.Result[Any]:
        """Run it with ``parameters``, by the names of its ``bindparam``s."""
        parameters = parameters or {}
        pool = connection.engine.pool
        if connection.dialect.name != "postgresql" or pool in self._gone_in:
            return connection.execute(self.statement, parameters)
        sql = self._sql
        if sql.has_lists:
            return connection.execute(self.statement, parameters)
        try:
            if not connection.info.get(sql.name):
                connection.exec_driver_sql(sql.prepare)
                connection.info[sql.name] = True
            return connection.execute(sql.execute, sql.values(parameters))
        except sa.exc.DBAPIError as error:
            if not is_prepared_statement_gone(error):
                raise
            self._gone_in.add(pool)
            LOGGER.warning("a statement is no longer prepared: %s", error.orig)
            driver: Any = connection.connection.driver_connection
            if not driver.autocommit:
                raise
            return connection.execute(self.statement, parameters)

    @cached_property
    def _sql(self) -> "_PreparedSQL":
        return _PreparedSQL(self.statement)


class _PreparedSQL:
    """The SQL for PostgreSQL: ``prepare`` once, then ``execute`` with the ``values`` of a run."""

    def __init__(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        # PREPARE wants $1, $2 …: a paramstyle of its own, with values in the order of the numbers.
        dialect: Any = postgresql.dialect
        self._compiled = compiled = statement.compile(dialect=dialect(paramstyle="numeric_dollar"))
        # A list is written out when its values are known, also the one that SQLAlchemy adds for
        # single-table inheritance. Such a statement runs unprepared.
        self.has_lists = bool(compiled.post_compile_params)
        names = compiled.positiontup
        assert names is not None, "a numeric style numbers its parameters"
        self._names = tuple(names)
        # Named by its text, so two statements never share a name.
        self.name = "backoffice_" + hashlib.sha256(str(compiled).encode()).hexdigest()[:24]
        self.prepare = f"PREPARE {self.name} AS {compiled}"
        marks = ", ".join(f":p{number}" for number in range(len(names)))
        self.execute = (
            sa.text(f"EXECUTE {self.name} ({marks})" if names else f"EXECUTE {self.name}")
            .bindparams(
                *(
                    sa.bindparam(f"p{number}", type_=compiled.binds[name].type)
                    for number, name in enumerate(names)
                )
            )
            .columns(
                *(
                    sa.column(column.key or f"column_{number}", column.type)
                    for number, column in enumerate(statement.selected_columns)
                )
            )
        )

    def values(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        named = self._compiled.construct_params(dict(parameters))
        return {f"p{number}": named[name] for number, name in enumerate(self._names)}
