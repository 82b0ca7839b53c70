"""What another branch brings to ``history.audited`` and ``history.links``."""

from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import MANYTOMANY, Mapper

from backoffice.models import Audited


def history_name(mapper: Mapper[Any]) -> str:
    """The name of a model's records in the history."""
    table = mapper.base_mapper.local_table
    assert isinstance(table, Table)
    return f"{table.schema}.{table.name}" if table.schema else str(table.name)


def version_column(mapper: Mapper[Any]) -> Column[Any] | None:
    """The column that counts a record's changes, if it has one of ours."""
    column = mapper.version_id_col
    ours = issubclass(mapper.class_, Audited) and getattr(mapper.class_, "versioned", True)
    return column if ours and isinstance(column, Column) else None


def links_of_model(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The relations to many that are fields of a model's records."""
    named = tuple(getattr(mapper.class_, "links", ()))
    return named + tuple(
        name
        for name, relation in mapper.relationships.items()
        if name not in named and relation.direction is MANYTOMANY and not relation.viewonly
    )
