"""Why a change cannot be taken back: conditions in SQL over the changes and the live records.

Each is asked of ``with_live``: the changes, each joined with the record as it is now, if it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import (
    Part,
    all_columns_of,
    history_name,
    owner_of_table,
    parts_of,
    table_of,
)
from backoffice.history.encoding import sql_decode, sql_has_field, sql_same
from backoffice.history.references import Reference, references_of, references_to
from backoffice.history.undo.changed_records import holds, record_exists, revertible_columns
from backoffice.models.tables import changes, changesets

Obstacle = tuple[str, Any]
"""Why a change cannot be taken back, and the condition that tells it."""


def none_of(obstacles: Iterable[Obstacle]) -> Any:
    """The condition that there is no obstacle."""
    return sa.not_(sa.or_(sa.false(), *(condition for _why, condition in obstacles)))


# Restoring ------------------------------------------------------------------------------


def obstacles_to_restore(
    dialect: str, mapper: Mapper[Any], changeset_id: int | None, *, circle: int | None = None
) -> list[Obstacle]:
    """Why deleted records cannot come back: they did, a name is taken, a parent is gone.

    ``changeset_id``: the changeset that is to be undone as a whole, so that what else it did is no
    obstacle; None to ask what holds at this very moment. ``circle``: that changeset, if what it
    deleted may be missing at this moment where a reference can be empty until it is back.
    """
    found = [("it exists again", record_exists(mapper))]
    for part, columns in _unique(mapper):
        wanted = _values_before(dialect, columns, changes)
        found.append(
            (_taken(columns), _is_taken(dialect, part, columns, wanted, changeset_id, changes))
        )
    for reference in references_of(mapper):
        wanted = _values_before(dialect, reference.columns, changes)
        coming = circle if is_optional(reference) else None
        gone = _is_gone(dialect, reference, wanted, changeset_id or coming)
        found.append((_gone(reference), gone))
    return found


def is_optional(reference: Reference) -> bool:
    """Whether a reference may be made later than its record."""
    return all(column.nullable for column in reference.columns.values())


def is_missing(dialect: str, reference: Reference) -> Any:
    """Whether what a deleted record referred to is not there at this moment."""
    return _is_gone(dialect, reference, _values_before(dialect, reference.columns, changes), None)


def _values_before(
    dialect: str, columns: Mapping[str, sa.Column[Any]], source: Any
) -> dict[str, Any]:
    """What these fields held before a change."""
    return {
        name: sql_decode(dialect, column, source.c.before, name) for name, column in columns.items()
    }


# Setting back ---------------------------------------------------------------------------


def obstacles_to_revert(dialect: str, mapper: Mapper[Any]) -> list[Obstacle]:
    """Why updates cannot be taken back: the record is gone."""
    return [("it has been deleted since", _was_deleted(dialect, mapper))]


def obstacles_to_field(
    dialect: str, mapper: Mapper[Any], field: str, changeset_id: int | None
) -> list[Obstacle]:
    """Why one field of an update cannot go back. ``changeset_id`` as for ``obstacles_to_restore``.

    A unique value may be somebody else's by now, a parent gone.
    """
    found = []
    for part, columns in _unique(mapper):
        if field in columns:
            wanted = _values_after_revert(dialect, columns)
            found.append(
                (_taken(columns), _is_taken(dialect, part, columns, wanted, changeset_id, changes))
            )
    for reference in references_of(mapper):
        if field in reference.columns:
            wanted = _values_after_revert(dialect, reference.columns)
            found.append((_gone(reference), _is_gone(dialect, reference, wanted, changeset_id)))
    return found


def _values_after_revert(dialect: str, columns: Mapping[str, sa.Column[Any]]) -> dict[str, Any]:
    """What these fields will hold: what they did before the change where it changed them."""
    wanted = _values_before(dialect, columns, changes)
    if len(columns) == 1:
        return wanted
    return {
        name: sa.case((sql_has_field(dialect, changes.c.before, name), wanted[name]), else_=column)
        for name, column in columns.items()
    }


# Removing -------------------------------------------------------------------------------


def obstacles_to_remove(
    dialect: str, mapper: Mapper[Any], changeset_id: int | None, *, edited: bool = False
) -> list[Obstacle]:
    """Why created records stay: they are gone already, were changed, or got records below them.

    ``changeset_id`` as for ``obstacles_to_restore``; ``edited``: those that were changed go too.
    """
    obstacles: list[Obstacle] = [("it has been deleted since", _was_deleted(dialect, mapper))]
    if not edited:
        as_created = _as_created(dialect, revertible_columns(mapper), None, changes)
        obstacles.append(("it was changed since", sa.not_(as_created)))
    below: dict[str, list[Any]] = {}
    for reference in references_to(mapper):
        child = reference.part.table.alias("child")
        refers = sa.and_(
            *(
                child.c[column.name] == referred
                for column, referred in zip(
                    reference.columns.values(), reference.referred, strict=True
                )
            )
        )
        if changeset_id is not None:
            goes = _was_written_by(dialect, reference.part, child, changeset_id, reference.columns)
            refers = sa.and_(refers, ~goes)
        if reference.mapper is mapper.base_mapper:  # a record may refer to itself
            same = reference.part.key.sql_text(dialect, child) == changes.c.record_id
            refers = sa.and_(refers, sa.not_(same))
        own = [part.table for part in parts_of(mapper)]
        others = sa.exists().where(refers).correlate(changes, *own)
        what = reference.part.table.name.replace("_", " ")
        below.setdefault(f"it has {what} that were added since", []).append(others)
    return obstacles + [(why, sa.or_(*conditions)) for why, conditions in below.items()]


def _was_deleted(dialect: str, mapper: Mapper[Any]) -> Any:
    """Whether the record of a change was deleted, though one that got the same key may be there."""
    gone = sa.not_(record_exists(mapper))
    table = table_of(mapper)
    counted = table.autoincrement_column is not None
    if dialect == "sqlite":  # which counts from the greatest key that is there, unless told
        counted = counted and bool(table.dialect_options["sqlite"]["autoincrement"])
    if counted:  # such a key is never given twice
        return gone
    later = changes.alias("later")
    again = sa.exists().where(
        later.c.model == changes.c.model,
        later.c.record_id == changes.c.record_id,
        later.c.id > changes.c.id,
        later.c.operation == "create",
        # What an undo brings back is the same record.
        sa.exists().where(
            changesets.c.id == later.c.changeset_id, changesets.c.undoes_id.is_(None)
        ),
    )
    return sa.or_(gone, again.correlate(changes))


def _as_created(dialect: str, fields: Mapping[str, sa.Column[Any]], row: Any, source: Any) -> Any:
    """Whether a row (None: of the tables themselves) is as a change that created it says."""
    return sa.and_(
        sa.true(),
        *(
            holds(
                dialect,
                column if row is None else row.c[column.name],
                column,
                source.c.after,
                name,
            )
            for name, column in fields.items()
        ),
    )


# What they have in common ---------------------------------------------------------------


def _unique(mapper: Mapper[Any]) -> Iterator[tuple[Part, dict[str, sa.Column[Any]]]]:
    """The columns, by field, that are unique together in one table, the key aside.

    An index over expressions, or of some rows alone, is left to the database.
    """
    for part in parts_of(mapper):
        names = {column: name for name, column in part.fields.items()}
        rules: list[Any] = [
            rule for rule in part.table.constraints if isinstance(rule, sa.UniqueConstraint)
        ]
        rules += [index for index in part.table.indexes if index.unique and not _is_partial(index)]
        for rule in sorted(rules, key=lambda rule: str(rule.name)):
            columns = list(getattr(rule, "expressions", rule.columns))
            if columns and all(column in names for column in columns):
                yield part, {names[column]: column for column in columns}


def _is_partial(index: sa.Index) -> bool:
    return any(options.get("where") is not None for options in index.dialect_options.values())


def _taken(columns: Iterable[str]) -> str:
    names = " and ".join(name.replace("_", " ") for name in columns)
    return f"another record has its {names} now"


def _gone(reference: Reference) -> str:
    names = " and ".join(name.removesuffix("_id").replace("_", " ") for name in reference.columns)
    return f"its {names} is gone"


def _is_taken(
    dialect: str,
    part: Part,
    columns: Mapping[str, sa.Column[Any]],
    wanted: Mapping[str, Any],
    changeset_id: int | None,
    source: Any,
) -> Any:
    """Whether another record holds the wanted values, which the undo will not make it drop."""
    other = part.table.alias("other")
    conditions = [other.c[column.name] == wanted[name] for name, column in columns.items()]
    conditions.append(part.key.sql_text(dialect, other) != source.c.record_id)
    if changeset_id is not None:
        conditions.append(~_was_written_by(dialect, part, other, changeset_id, columns))
    own = [one.table for one in parts_of(part.mapper)]
    return sa.exists().where(*conditions).correlate(source, *own)


def _is_gone(
    dialect: str, reference: Reference, wanted: Mapping[str, Any], changeset_id: int | None
) -> Any:
    """Whether what a reference is to lead to is not there, and the undo does not bring it back."""
    parent = reference.rule.referred_table.alias("parent")
    values = list(wanted.values())
    pairs = list(zip(reference.referred, values, strict=True))
    there = sa.exists().where(*(parent.c[column.name] == value for column, value in pairs))
    gone = sa.and_(*(value.is_not(None) for value in values))
    gone = sa.and_(gone, ~there.correlate(changes, *_tables(reference.mapper)))
    owner = _owner(reference)
    if owner is None:
        return gone
    mapper, part = owner
    if part.mapper.base_mapper is reference.mapper:  # a record may refer to itself
        own = sa.and_(
            *(
                sql_same(dialect, column, _before(dialect, part, column, changes), value)
                for column, value in pairs
            )
        )
        gone = sa.and_(gone, sa.not_(sa.and_(changes.c.operation == "delete", own)))
    if changeset_id is not None:
        back = _comes_back(dialect, mapper, part, changeset_id, pairs)
        gone = sa.and_(gone, ~back.correlate(changes, *_tables(reference.mapper)))
    return gone


def _tables(mapper: Mapper[Any]) -> list[sa.Table]:
    return [part.table for part in parts_of(mapper)]


def _owner(reference: Reference) -> tuple[Mapper[Any], Part] | None:
    """The audited model that a reference leads to, and its table; None for another table."""
    return owner_of_table(reference.rule.referred_table)


def _before(dialect: str, part: Part, column: sa.Column[Any], source: Any) -> Any:
    """What a column of a record held before a change."""
    names = {one: name for name, one in all_columns_of(part.mapper).items()}
    if column not in names:  # the key, inherited from the base's table
        column = parts_of(part.mapper)[0].key.columns[part.key.columns.index(column)]
    return sql_decode(dialect, column, source.c.before, names[column])


def _comes_back(
    dialect: str,
    parent: Mapper[Any],
    part: Part,
    changeset_id: int,
    pairs: list[tuple[sa.Column[Any], Any]],
) -> Any:
    """Whether the parent was deleted by the same changeset, and no name of it is taken.

    ``pairs``: columns of the parent and the values that are wanted of them.
    """
    its = changes.alias("its")
    free = [
        ~_is_taken(dialect, one, columns, _values_before(dialect, columns, its), changeset_id, its)
        for one, columns in _unique(parent)
    ]
    by_column = dict(pairs)
    if set(by_column) == set(part.key.columns):
        text = part.key.sql_text_of(dialect, [by_column[column] for column in part.key.columns])
        found = its.c.record_id == text
    else:
        found = sa.and_(
            *(
                sql_same(dialect, column, _before(dialect, part, column, its), value)
                for column, value in pairs
            )
        )
    return sa.exists().where(
        its.c.changeset_id == changeset_id,
        its.c.model == history_name(parent),
        its.c.operation == "delete",
        found,
        *free,
    )


def _was_written_by(
    dialect: str, part: Part, row: Any, changeset_id: int, fields: Iterable[str]
) -> Any:
    """Whether a row is there, or holds these fields, by the changeset: its undo takes it back."""
    own = {
        name: column
        for name, column in revertible_columns(part.mapper).items()
        if name in part.fields
    }

    def did(operation: str) -> Any:
        """Asked for each operation by itself: so an index leads straight to the record."""
        its = changes.alias(f"{operation}d")
        what = (
            _as_created(dialect, own, row, its)
            if operation == "create"
            else sa.and_(*(sql_has_field(dialect, its.c.after, name) for name in fields))
        )
        found = sa.exists().where(
            its.c.changeset_id == changeset_id,
            its.c.model == history_name(part.mapper),
            its.c.operation == operation,
            its.c.record_id == part.key.sql_text(dialect, row),
            what,
        )
        return found.correlate(row)

    return sa.or_(did("create"), did("update"))
