"""What a refused write means, read from the database's error without showing its text."""

import re
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

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


@dataclass(frozen=True)
class Violation:
    """A constraint that refused a write.

    ``columns``: the keys of the constrained columns of ``table``; empty where the database does
    not tell (SQLite does not name the foreign key).
    """

    kind: Kind
    constraint: str | None = None
    columns: tuple[str, ...] = ()


def read_violation(error: IntegrityError, table: sa.Table) -> Violation:
    """Which constraint of ``table`` (or of one that refers to it) ``error`` is about."""
    original = error.orig
    if code := getattr(original, "pgcode", None):
        diagnosis = original.diag  # type: ignore[union-attr]
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
    """Fill in the columns of a constraint that is known by name only."""
    if violation.columns or violation.constraint is None:
        return violation
    if violation.constraint == "PRIMARY":  # what MariaDB calls every primary key
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
