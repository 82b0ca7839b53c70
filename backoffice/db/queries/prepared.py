"""A statement that is planned once for a connection, not each time it is run."""

import hashlib
import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

LOGGER = logging.getLogger("backoffice.db")

_LOST = ("26000", "42P05", "0A000")
"""PostgreSQL: there is no such prepared statement; there is one already; its columns are others."""


def is_lost(error: sa.exc.DBAPIError) -> bool:
    """Whether something took a prepared statement away: who asks again is answered."""
    return getattr(error.orig, "pgcode", None) in _LOST


class Prepared:
    """A SELECT that is run so often, and takes so little, that planning is most of its cost.

    On PostgreSQL it is prepared on each connection that runs it; elsewhere it is run as it is, and
    so is one with a list among its parameters, whose text depends on how many there are.
    Where something takes prepared statements away, such as a migration that changes their columns
    or a pooler that changes servers between statements, it is run as it is from then on, by all who
    share that database's pool of connections.
    Within a transaction, which PostgreSQL ends with a statement that fails, the one that finds out
    fails (``is_lost``), and a page that only reads is made once more (``admin/routes.py``).
    """

    def __init__(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        self.statement = statement
        self._lost_in: WeakSet[sa.Pool] = WeakSet()

    def run(
        self, connection: sa.Connection, parameters: Mapping[str, Any] | None = None
    ) -> sa.Result[Any]:
        """Its rows, for ``parameters`` by the names of its ``bindparam``s."""
        parameters = parameters or {}
        pool = connection.engine.pool
        if connection.dialect.name != "postgresql" or pool in self._lost_in:
            return connection.execute(self.statement, parameters)
        texts = self._texts
        if texts.is_open:
            return connection.execute(self.statement, parameters)
        try:
            if not connection.info.get(texts.name):
                connection.exec_driver_sql(texts.prepare)
                connection.info[texts.name] = True
            return connection.execute(texts.execute, texts.given(parameters))
        except sa.exc.DBAPIError as error:
            if not is_lost(error):
                raise
            self._lost_in.add(pool)
            LOGGER.warning("a statement is not prepared from now on: %s", error.orig)
            driver: Any = connection.connection.driver_connection
            if not driver.autocommit:
                raise
            return connection.execute(self.statement, parameters)

    @cached_property
    def _texts(self) -> "_Texts":
        return _Texts(self.statement)


class _Texts:
    """What PostgreSQL is sent: ``prepare`` once, and ``execute`` with what is ``given``."""

    def __init__(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> None:
        # Of its own paramstyle, since PREPARE wants $1, and in the order in which it numbers them.
        dialect: Any = postgresql.dialect
        self._compiled = compiled = statement.compile(dialect=dialect(paramstyle="numeric_dollar"))
        # A list of values is only written out when it is known: that of single-table inheritance,
        # which SQLAlchemy adds by itself. Such a statement is run as it is.
        self.is_open = bool(compiled.post_compile_params)
        places = compiled.positiontup
        assert places is not None, "a numeric style numbers its parameters"
        self._places = tuple(places)
        # Named by its text, so that no two statements can meet under one name.
        self.name = "backoffice_" + hashlib.sha256(str(compiled).encode()).hexdigest()[:24]
        self.prepare = f"PREPARE {self.name} AS {compiled}"
        marks = ", ".join(f":p{number}" for number in range(len(places)))
        self.execute = (
            sa.text(f"EXECUTE {self.name} ({marks})" if places else f"EXECUTE {self.name}")
            .bindparams(
                *(
                    sa.bindparam(f"p{number}", type_=compiled.binds[place].type)
                    for number, place in enumerate(places)
                )
            )
            .columns(
                *(
                    sa.column(one.key or f"column_{number}", one.type)
                    for number, one in enumerate(statement.selected_columns)
                )
            )
        )

    def given(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        values = self._compiled.construct_params(dict(parameters))
        return {f"p{number}": values[place] for number, place in enumerate(self._places)}
