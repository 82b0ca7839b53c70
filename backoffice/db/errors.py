"""What a driver's error means for a write: a violated constraint, or no changes at all."""

import re
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

Kind = Literal["unique", "foreign_key", "not_null", "check", "other"]

_PG_KINDS: dict[str, Kind] = {
    "23505": "unique",
    "23503": "foreign_key",
    "23502": "not_null",
    "23514": "check",
}
MYSQL_KINDS: dict[int, Kind] = {
    1062: "unique",
    1451: "foreign_key",
    1452: "foreign_key",
    1048: "not_null",
    1364: "not_null",
    3819: "check",
    4025: "check",
}
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
_SQLITE_NOT_NULL = re.compile(r"NOT NULL constraint failed: (\S+)")
_SQLITE_CHECK = re.compile(r"CHECK constraint failed: (\S+)")
_MYSQL_KEY = re.compile(r"for key '(?:[^'.]+\.)?([^']+)'")
_MYSQL_CONSTRAINT = re.compile(r"CONSTRAINT [`'](?:[^`']+\.)?([^`'.]+)[`']")
_MYSQL_COLUMN = re.compile(r"(?:Column|Field) '([^']+)'")

Refused = Literal["read-only", "full"]

_PG_REFUSED: dict[str, Refused] = {"25006": "read-only", "53100": "full"}
"""25006: a standby, ``default_transaction_read_only``, or a transaction begun READ ONLY."""
_MYSQL_OPTION = 1290
"""An option of the server prevents the statement; its name is in the text: --read-only …"""
_MYSQL_READ_ONLY = (1792, 1836, 1874, 3989, 1036)
"""A transaction, the server, InnoDB, a schema, a table's files: each is read only."""
_MYSQL_FULL = (1021, 1114)
_MYSQL_FROM_ENGINE = 1030
"""The storage engine's own error, whose number is in the text; 28 is ENOSPC."""

_SQLITE_CANNOT_WRITE = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_DELETE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
)
"""Errors of a connection that was opened before its disk became read-only."""


class ChangesRefused(OperationalError):
    """The database can be read but refuses changes right now. Nothing was saved.

    ``full``: because its disk is full.
    """

    full: bool = False

    @classmethod
    def of(cls, error: sa.exc.DBAPIError, *, full: bool) -> "ChangesRefused":
        """``error`` as ChangesRefused."""
        refused = cls(
            error.statement,
            error.params,
            error.orig or error,
            hide_parameters=error.hide_parameters,
        )
        refused.full = full
        return refused


def refused(error: BaseException | None) -> Refused | None:
    """Why the database refuses changes, by a driver's ``error``; None if it does not."""
    if code := getattr(error, "pgcode", None):
        return _PG_REFUSED.get(code)
    if isinstance(error, sqlite3.Error):
        return _refused_by_sqlite(getattr(error, "sqlite_errorcode", 0))
    arguments: tuple[Any, ...] = getattr(error, "args", ())
    if len(arguments) < 2 or not isinstance(arguments[0], int):
        return None
    number, text = arguments[0], str(arguments[1]).lower().replace("_", "-")
    if number in _MYSQL_READ_ONLY or (number == _MYSQL_OPTION and "read-only" in text):
        return "read-only"
    if number in _MYSQL_FULL or (number == _MYSQL_FROM_ENGINE and "error 28" in text):
        return "full"
    return None


def _refused_by_sqlite(code: int) -> Refused | None:
    if code & 0xFF == sqlite3.SQLITE_READONLY or code in _SQLITE_CANNOT_WRITE:
        return "read-only"
    return "full" if code & 0xFF == sqlite3.SQLITE_FULL else None


@dataclass(frozen=True)
class Violation:
    """A constraint that refused a write.

    ``columns``: the keys of the constrained columns; empty if the database does not say (SQLite
    does not name a foreign key).
    """

    kind: Kind
    constraint: str | None = None
    columns: tuple[str, ...] = ()


def read_violation(error: IntegrityError, table: sa.Table) -> Violation:
    """The constraint of ``table``, or of a table that refers to it, that ``error`` reports."""
    original: Any = error.orig
    if code := getattr(original, "pgcode", None):
        diagnosis = original.diag
        column = (diagnosis.column_name,) if diagnosis.column_name else ()
        kind = _PG_KINDS.get(code, "other")
        return _with_columns(Violation(kind, diagnosis.constraint_name, column), table)
    text = str(original.args[-1]) if original is not None and original.args else ""
    number = original.args[0] if original is not None and original.args else None
    if isinstance(number, int):
        kind = MYSQL_KINDS.get(number, "other")
        named = _MYSQL_KEY.search(text) or _MYSQL_CONSTRAINT.search(text)
        column_match = _MYSQL_COLUMN.search(text)
        columns = (column_match[1],) if column_match and kind == "not_null" else ()
        return _with_columns(Violation(kind, named[1] if named else None, columns), table)
    return _sqlite(text, table)


def _sqlite(text: str, table: sa.Table) -> Violation:
    if match := _SQLITE_UNIQUE.search(text):
        columns = tuple(part.strip().rpartition(".")[2] for part in match[1].split(","))
        return Violation("unique", None, columns)
    if match := _SQLITE_NOT_NULL.search(text):
        return Violation("not_null", None, (match[1].rpartition(".")[2],))
    if match := _SQLITE_CHECK.search(text):
        return _with_columns(Violation("check", match[1]), table)
    if "FOREIGN KEY" in text:
        return Violation("foreign_key")
    return Violation("other")


def _with_columns(violation: Violation, table: sa.Table) -> Violation:
    """Add the columns of a constraint that is known by its name only."""
    if violation.columns or violation.constraint is None:
        return violation
    if violation.constraint == "PRIMARY":  # MariaDB's name for every primary key
        columns = tuple(column.key for column in table.primary_key.columns)
        return Violation(violation.kind, str(table.primary_key.name), columns)
    for constraint in table.constraints:
        if constraint.name == violation.constraint:
            if isinstance(constraint, sa.CheckConstraint):
                names = set(re.findall(r"\w+", str(constraint.sqltext)))
                columns = tuple(column.key for column in table.columns if column.key in names)
            elif isinstance(constraint, sa.schema.ColumnCollectionConstraint):
                columns = tuple(column.key for column in constraint.columns)
            else:
                columns = ()
            return Violation(violation.kind, violation.constraint, columns)
    for index in table.indexes:
        if index.name == violation.constraint:
            return Violation(
                violation.kind,
                violation.constraint,
                tuple(column.key for column in index.columns),
            )
    return violation
