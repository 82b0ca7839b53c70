"""Why a change cannot be taken back: conditions in SQL over the changes and the live records."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history.audited import (
    audited_mappers,
    columns_of,
    dependents,
    key_column,
    table_of,
)
from backoffice.history.encoding import is_secret, sql_decode
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]

Obstacle = tuple[str, Any]
"""Why a change cannot be taken back, and the condition on ``changes`` that tells it."""


def revertible(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The fields that an undo sets back: all but the key, the version and secrets."""
    key = key_column(mapper)
    return {
        name: column
        for name, column in columns_of(mapper).items()
        if column is not key and name != "version" and not is_secret(column)
    }


def is_record(dialect: str, mapper: Mapper[Any], source: Any) -> Any:
    """The condition that a live row is the record of a change."""
    key = key_column(mapper)
    if not isinstance(key.type, sa.Integer):
        return key == source.c.record_id
    return key == sa.cast(source.c.record_id, sa.Integer)


def has_field(dialect: str, values: Any, name: str) -> Any:
    """Whether a change's values hold the field ``name`` (NULL or not)."""
    if dialect == "postgresql":
        return sa.func.jsonb_exists(values, name)
    if dialect in MYSQL:
        return sa.func.json_contains_path(values, "one", f"$.{name}") == 1
    return sa.func.json_type(values, f"$.{name}").is_not(None)


def holds(dialect: str, column: sa.Column[Any], values: Any, name: str) -> Any:
    """Whether a live row's column holds what a change says of the field ``name``."""
    return column.is_not_distinct_from(sql_decode(dialect, column, values, name))


def obstacles_to_restore(dialect: str, mapper: Mapper[Any], changeset_id: int) -> list[Obstacle]:
    """Why deleted records cannot come back: they did, a name is taken, a parent is gone."""
    return [
        ("it exists again", _exists(dialect, mapper)),
        *_taken(dialect, mapper),
        *_orphans(dialect, mapper, changeset_id),
    ]


def _exists(dialect: str, mapper: Mapper[Any]) -> Any:
    return sa.exists().where(is_record(dialect, mapper, changes)).correlate(changes)


def _taken(dialect: str, mapper: Mapper[Any]) -> list[Obstacle]:
    table = table_of(mapper)
    names = {column: name for name, column in columns_of(mapper).items()}
    obstacles = []
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        if not isinstance(constraint, sa.UniqueConstraint):
            continue
        same = [
            column == sql_decode(dialect, column, changes.c.before, names[column])
            for column in constraint.columns
        ]
        labels = " and ".join(names[column].replace("_", " ") for column in constraint.columns)
        condition = sa.exists().where(*same, sa.not_(is_record(dialect, mapper, changes)))
        obstacles.append((f"its {labels} was taken meanwhile", condition.correlate(changes)))
    return obstacles


def _orphans(dialect: str, mapper: Mapper[Any], changeset_id: int) -> list[Obstacle]:
    """Parents that are gone and do not come back by the same undo."""
    obstacles = []
    names = {column: name for name, column in columns_of(mapper).items()}
    for key in sorted(table_of(mapper).foreign_keys, key=lambda key: key.parent.key):
        parent = key.column.table.alias("parent")
        wanted = sql_decode(dialect, key.parent, changes.c.before, names[key.parent])
        gone = sa.and_(
            wanted.is_not(None),
            ~sa.exists().where(parent.c[key.column.name] == wanted).correlate(changes),
        )
        parent_mapper = audited_mappers().get(key.column.table.name)
        if parent_mapper is not None:
            gone = sa.and_(gone, ~_comes_back(dialect, parent_mapper, changeset_id, wanted))
        what = names[key.parent].removesuffix("_id").replace("_", " ")
        obstacles.append((f"its {what} is gone", gone))
    return obstacles


def _comes_back(dialect: str, parent: Mapper[Any], changeset_id: int, wanted: Any) -> Any:
    """Whether the parent was deleted by the same changeset, and nothing bars its return."""
    its = changes.alias("its")
    barred = [condition for _why, condition in _taken_of(dialect, parent, its)]
    return (
        sa.exists()
        .where(
            its.c.changeset_id == changeset_id,
            its.c.model == table_of(parent).name,
            its.c.operation == "delete",
            its.c.record_id == sa.cast(wanted, sa.String(64)),
            *(sa.not_(condition) for condition in barred),
        )
        .correlate(changes)
    )


def _taken_of(dialect: str, mapper: Mapper[Any], source: Any) -> list[Obstacle]:
    table = table_of(mapper).alias("same")
    names = {column.name: name for name, column in columns_of(mapper).items()}
    found = []
    for constraint in table_of(mapper).constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            same = [
                table.c[column.name]
                == sql_decode(dialect, column, source.c.before, names[column.name])
                for column in constraint.columns
            ]
            found.append(("taken", sa.exists().where(*same).correlate(source)))
    return found


def obstacles_to_set_back(mapper: Mapper[Any]) -> list[Obstacle]:
    """Why updates cannot be taken back: the record is gone."""
    return [("it was deleted meanwhile", ~_exists("", mapper))]


def obstacles_to_remove(dialect: str, mapper: Mapper[Any], changeset_id: int) -> list[Obstacle]:
    """Why created records stay: they are gone already, were changed, or got records below them."""
    same = sa.and_(
        *(
            holds(dialect, column, changes.c.after, name)
            for name, column in revertible(mapper).items()
        )
    )
    unchanged = sa.exists().where(is_record(dialect, mapper, changes), same).correlate(changes)
    obstacles = [
        ("it was deleted meanwhile", ~_exists(dialect, mapper)),
        ("it was changed since", ~unchanged),
    ]
    created = changes.alias("created")
    for dependent in dependents(mapper):
        child = table_of(dependent.mapper).alias("child")
        child_key = child.c[key_column(dependent.mapper).name]
        others = sa.exists().where(
            child.c[dependent.column.name] == sa.cast(changes.c.record_id, sa.Integer),
            ~sa.exists()
            .where(
                created.c.changeset_id == changeset_id,
                created.c.model == table_of(dependent.mapper).name,
                created.c.operation == "create",
                created.c.record_id == sa.cast(child_key, sa.String(64)),
            )
            .correlate(child),
        )
        what = table_of(dependent.mapper).name
        obstacles.append((f"it has {what} that were added since", others.correlate(changes)))
    return obstacles
