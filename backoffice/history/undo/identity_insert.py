"""Inserting given values into identity columns that are GENERATED ALWAYS."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


def insert_with_identity(dialect: str, table: sa.Table) -> Any:
    """An INSERT whose ``from_select`` may write identity columns.

    Only PostgreSQL refuses that, without OVERRIDING SYSTEM VALUE.
    """
    if dialect == "postgresql" and any(column.identity for column in table.columns):
        return _overriding(table)
    return sa.insert(table)


class _overriding(sa.Insert):  # noqa: N801 - named like a function, as in SQLAlchemy
    inherit_cache = True


@compiles(_overriding, "postgresql")
def _compile_overriding(element: _overriding, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_insert(element, **options)
    return text.replace(") SELECT ", ") OVERRIDING SYSTEM VALUE SELECT ", 1)
