"""Why a change cannot be undone: SQL conditions on changes and their current records.

They are conditions on ``changes_with_records``. A parameter ``changeset_id`` names the changeset
that is to be undone as a whole, so that its other changes, which are undone too, are no obstacle.
With None the condition holds for this moment.
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
from backoffice.language import N_, _
from backoffice.models.tables import changes, changesets

DELETED_SINCE = N_("it has been deleted since")
CHANGED_SINCE = N_("it was changed since")

Obstacle = tuple[str, Any]
"""A reason, which operators read, and the condition that it applies to a change."""


def none_of(obstacles: Iterable[Obstacle]) -> Any:
    """The condition that there is no obstacle."""
    return sa.not_(sa.or_(sa.false(), *(condition for _reason, condition in obstacles)))


# Restoring ------------------------------------------------------------------------------


def obstacles_to_restore(
    dialect: str, mapper: Mapper[Any], changeset_id: int | None, *, circle: int | None = None
) -> list[Obstacle]:
    """Why a deleted record cannot be restored: it exists, a value is taken, a parent is missing.

    ``circle``: a changeset whose deleted records may be missing now, where the reference to them is
    optional and so can be filled later.
    """
    found = [(_("it exists again"), record_exists(mapper))]
    for part, columns in _unique(mapper):
        wanted = _values_before(dialect, columns, changes)
        found.append(
            (_taken(columns), _is_taken(dialect, part, columns, wanted, changeset_id, changes))
        )
    for reference in references_of(mapper):
        wanted = _values_before(dialect, reference.columns, changes)
        restored_later = circle if is_optional(reference) else None
        gone = _is_gone(dialect, reference, wanted, changeset_id or restored_later)
        found.append((_gone(reference), gone))
    return found


def is_optional(reference: Reference) -> bool:
    """Whether a record can exist without this reference."""
    return all(column.nullable for column in reference.columns.values())


def is_missing(dialect: str, reference: Reference) -> Any:
    """The condition that the record which a deleted one referred to does not exist now."""
    return _is_gone(dialect, reference, _values_before(dialect, reference.columns, changes), None)


def _values_before(
    dialect: str, columns: Mapping[str, sa.Column[Any]], source: Any
) -> dict[str, Any]:
    """The fields' values before a change, as SQL expressions."""
    return {
        name: sql_decode(dialect, column, source.c.before, name) for name, column in columns.items()
    }


# Reverting ------------------------------------------------------------------------------


def obstacles_to_revert(dialect: str, mapper: Mapper[Any]) -> list[Obstacle]:
    """Why an update cannot be reverted at all: the record was deleted."""
    return [(_(DELETED_SINCE), _was_deleted(dialect, mapper))]


def obstacles_to_field(
    dialect: str, mapper: Mapper[Any], field: str, changeset_id: int | None
) -> list[Obstacle]:
    """Why one field of an update cannot be reverted: its value is taken, or a parent is missing."""
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
    """The fields' values after a revert: their values before the change, or the present ones."""
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
    """Why a created record cannot be removed: it was deleted or changed, or others refer to it.

    ``edited``: whether records that were changed since may also be removed.
    """
    obstacles: list[Obstacle] = [(_(DELETED_SINCE), _was_deleted(dialect, mapper))]
    if not edited:
        as_created = _as_created(dialect, revertible_columns(mapper), None, changes)
        obstacles.append((_(CHANGED_SINCE), sa.not_(as_created)))
    referring: dict[str, list[Any]] = {}
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
            is_undone = _was_written_by(
                dialect, reference.part, child, changeset_id, reference.columns
            )
            refers = sa.and_(refers, ~is_undone)
        if reference.mapper is mapper.base_mapper:  # a record may refer to itself
            is_itself = reference.part.key.sql_text(dialect, child) == changes.c.record_id
            refers = sa.and_(refers, sa.not_(is_itself))
        own = [part.table for part in parts_of(mapper)]
        others = sa.exists().where(refers).correlate(changes, *own)
        name = reference.part.table.name.replace("_", " ")
        reason = _("it has {records} that were added since", records=name)
        referring.setdefault(reason, []).append(others)
    return obstacles + [(reason, sa.or_(*found)) for reason, found in referring.items()]


def _was_deleted(dialect: str, mapper: Mapper[Any]) -> Any:
    """The condition that the record of a change was deleted, even if another has its key now."""
    gone = sa.not_(record_exists(mapper))
    table = table_of(mapper)
    never_reused = table.autoincrement_column is not None
    if dialect == "sqlite":  # which reuses the greatest key without AUTOINCREMENT
        never_reused = never_reused and bool(table.dialect_options["sqlite"]["autoincrement"])
    if never_reused:
        return gone
    later = changes.alias("later")
    again = sa.exists().where(
        later.c.model == changes.c.model,
        later.c.record_id == changes.c.record_id,
        later.c.id > changes.c.id,
        later.c.operation == "create",
        # A creation by an undo restores the same record.
        sa.exists().where(
            changesets.c.id == later.c.changeset_id, changesets.c.undoes_id.is_(None)
        ),
    )
    return sa.or_(gone, again.correlate(changes))


def _as_created(dialect: str, fields: Mapping[str, sa.Column[Any]], row: Any, source: Any) -> Any:
    """The condition that a row has the values with which a change created it.

    ``row``: an alias of the table; None for the tables themselves.
    """
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
    """The unique constraints and indexes of a model's tables, each with its columns by field name.

    An index over expressions or with a condition is left out: there the database decides.
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
    return _("another record has its {fields} now", fields=names)


def _gone(reference: Reference) -> str:
    names = " and ".join(name.removesuffix("_id").replace("_", " ") for name in reference.columns)
    return _("its {field} is gone", field=names)


def _is_taken(
    dialect: str,
    part: Part,
    columns: Mapping[str, sa.Column[Any]],
    wanted: Mapping[str, Any],
    changeset_id: int | None,
    source: Any,
) -> Any:
    """The condition that another record has the wanted values, and the undo does not change it."""
    other = part.table.alias("other")
    conditions = [other.c[column.name] == wanted[name] for name, column in columns.items()]
    conditions.append(part.key.sql_text(dialect, other) != source.c.record_id)
    if changeset_id is not None:
        conditions.append(~_was_written_by(dialect, part, other, changeset_id, columns))
    own = [part.table for part in parts_of(part.mapper)]
    return sa.exists().where(*conditions).correlate(source, *own)


def _is_gone(
    dialect: str, reference: Reference, wanted: Mapping[str, Any], changeset_id: int | None
) -> Any:
    """The condition that the referred record does not exist, and the undo does not restore it."""
    parent = reference.rule.referred_table.alias("parent")
    values = list(wanted.values())
    pairs = list(zip(reference.referred, values, strict=True))
    exists = sa.exists().where(*(parent.c[column.name] == value for column, value in pairs))
    gone = sa.and_(*(value.is_not(None) for value in values))
    gone = sa.and_(gone, ~exists.correlate(changes, *_tables(reference.mapper)))
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
        back = _is_restored(dialect, mapper, part, changeset_id, pairs)
        gone = sa.and_(gone, ~back.correlate(changes, *_tables(reference.mapper)))
    return gone


def _tables(mapper: Mapper[Any]) -> list[sa.Table]:
    return [part.table for part in parts_of(mapper)]


def _owner(reference: Reference) -> tuple[Mapper[Any], Part] | None:
    """The audited model that a reference refers to, and its part; None if it is not audited."""
    return owner_of_table(reference.rule.referred_table)


def _before(dialect: str, part: Part, column: sa.Column[Any], source: Any) -> Any:
    """A column's value before a change, as a SQL expression."""
    names = {known: name for name, known in all_columns_of(part.mapper).items()}
    if column not in names:  # the key, inherited from the base's table
        column = parts_of(part.mapper)[0].key.columns[part.key.columns.index(column)]
    return sql_decode(dialect, column, source.c.before, names[column])


def _is_restored(
    dialect: str,
    parent: Mapper[Any],
    part: Part,
    changeset_id: int,
    pairs: list[tuple[sa.Column[Any], Any]],
) -> Any:
    """The condition that the changeset deleted the parent too, and none of its values is taken.

    ``pairs``: columns of the parent and the values that they must have.
    """
    deletion = changes.alias("deletion")
    free = []
    for unique_part, columns in _unique(parent):
        wanted = _values_before(dialect, columns, deletion)
        free.append(~_is_taken(dialect, unique_part, columns, wanted, changeset_id, deletion))
    by_column = dict(pairs)
    if set(by_column) == set(part.key.columns):
        text = part.key.sql_text_of(dialect, [by_column[column] for column in part.key.columns])
        found = deletion.c.record_id == text
    else:
        found = sa.and_(
            *(
                sql_same(dialect, column, _before(dialect, part, column, deletion), value)
                for column, value in pairs
            )
        )
    return sa.exists().where(
        deletion.c.changeset_id == changeset_id,
        deletion.c.model == history_name(parent),
        deletion.c.operation == "delete",
        found,
        *free,
    )


def _was_written_by(
    dialect: str, part: Part, row: Any, changeset_id: int, fields: Iterable[str]
) -> Any:
    """The condition that the changeset created a row or set these fields: it will be undone."""
    own = {
        name: column
        for name, column in revertible_columns(part.mapper).items()
        if name in part.fields
    }

    def was_written_by(operation: str) -> Any:
        """One condition for each operation, so that each can use an index."""
        change = changes.alias(f"{operation}d")
        has_effect = (
            _as_created(dialect, own, row, change)
            if operation == "create"
            else sa.and_(*(sql_has_field(dialect, change.c.after, name) for name in fields))
        )
        found = sa.exists().where(
            change.c.changeset_id == changeset_id,
            change.c.model == history_name(part.mapper),
            change.c.operation == operation,
            change.c.record_id == part.key.sql_text(dialect, row),
            has_effect,
        )
        return found.correlate(row)

    return sa.or_(was_written_by("create"), was_written_by("update"))
