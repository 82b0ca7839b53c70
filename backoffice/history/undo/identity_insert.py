"""Writing columns whose values the database alone gives (GENERATED ALWAYS AS IDENTITY)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


def insert_with_identity(dialect: str, table: sa.Table) -> Any:
    """An INSERT that may be given values of identity columns too, by ``from_select``.

    Only PostgreSQL has columns that refuse them unless asked.
    """
    if dialect == "postgresql" and any(column.identity for column in table.columns):
        return _overriding(table)
    return sa.insert(table)


class _overriding(sa.Insert):  # noqa: N801 - reads as the function that it stands in for
    inherit_cache = True


@compiles(_overriding, "postgresql")
def _compile_overriding(element: _overriding, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_insert(element, **options)
    return text.replace(") SELECT ", ") OVERRIDING SYSTEM VALUE SELECT ", 1)
