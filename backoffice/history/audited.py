"""Which models the history keeps, and what goes with their rows when those are deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, configure_mappers

from backoffice.history.encoding import is_secret, kept_columns, kind_of
from backoffice.models import Audited, Base


def audited_mappers() -> dict[str, Mapper[Any]]:
    """The audited models' mappers by table name."""
    configure_mappers()
    return {
        str(mapper.local_table.description): mapper
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Audited)
    }


def mapper_of_table(name: str) -> Mapper[Any] | None:
    """The audited model of the table ``name``; None if there is none (any more)."""
    return audited_mappers().get(name)


def table_of(mapper: Mapper[Any]) -> sa.Table:
    """A model's table."""
    table = mapper.local_table
    assert isinstance(table, sa.Table)
    return table


def key_column(mapper: Mapper[Any]) -> sa.Column[Any]:
    """A model's primary key, one column."""
    (column,) = table_of(mapper).primary_key.columns
    return column


def key_of(mapper: Mapper[Any], source: Any) -> Any:
    """The key of a change's record, as SQL of its column's type."""
    key = key_column(mapper)
    if isinstance(key.type, sa.Integer):
        return sa.cast(source.c.record_id, key.type)
    return source.c.record_id


@dataclass(frozen=True)
class Dependent:
    """Rows that the database changes by itself when their parent is deleted.

    ``nulls``: whether their foreign key becomes NULL; else they are deleted.
    """

    mapper: Mapper[Any]
    column: sa.Column[Any]
    nulls: bool


def dependents(mapper: Mapper[Any]) -> Iterator[Dependent]:
    """What deleting a row of ``mapper`` does to audited rows, as the foreign keys say."""
    parent = table_of(mapper)
    for child in audited_mappers().values():
        for key in sorted(table_of(child).foreign_keys, key=lambda key: key.parent.key):
            action = (key.ondelete or "").upper()
            if key.column.table is parent and action in ("CASCADE", "SET NULL"):
                yield Dependent(child, key.parent, action == "SET NULL")


def check_auditable(mapper: Mapper[Any]) -> None:
    """Raise NotEncodable if the history cannot hold a model's columns."""
    for column in _columns(mapper).values():
        if not is_secret(column):
            kind_of(column)


@cache
def _columns(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    return kept_columns(mapper)


def columns_of(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """A model's columns by field name (do not change the dictionary: it is kept)."""
    return _columns(mapper)
