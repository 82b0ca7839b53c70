"""What Alembic gets wrong in generated migrations, so that they run as they are on every database.

PostgreSQL's enum types: left to themselves they are created with a table, even where another table
has made the type, and not dropped with it, nor created with a column that is added later. A
downgrade left them behind, and the next upgrade failed since they were there. So each has its own
lines. Other databases have no such types, and do nothing there.

The type of a column that keeps it: MariaDB repeats it with every change, so it must be the model's,
not as the database at hand spells it (SQLite has VARCHAR for an enumeration).

Indexes of a table that is dropped: MariaDB refuses to drop one that a foreign key needs, and the
table takes its indexes with it. So they are not dropped by themselves.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops


class _EnumOp(ops.MigrateOperation):
    """Something that happens to an enum type by itself."""

    def __init__(self, enum: sa.Enum) -> None:
        self.enum = enum


class CreateEnumOp(_EnumOp):
    """Creates the type, unless it is there."""


class DropEnumOp(_EnumOp):
    """Drops the type, if it is there."""


@renderers.dispatch_for(CreateEnumOp)
def _create(_context: AutogenContext, op: CreateEnumOp) -> str:
    values = "".join(f"{value!r}, " for value in op.enum.enums)
    return f"sa.Enum({values}{_name(op.enum)}).create(op.get_bind(), checkfirst=True)"


@renderers.dispatch_for(DropEnumOp)
def _drop(_context: AutogenContext, op: DropEnumOp) -> str:
    return f"sa.Enum({_name(op.enum)}).drop(op.get_bind(), checkfirst=True)"


def _name(enum: sa.Enum) -> str:
    schema = f", schema={enum.schema!r}" if enum.schema else ""
    return f"name={enum.name!r}{schema}"


def render_enum(enum: sa.Enum) -> str:
    """A native enumeration as the type of a column, which creates nothing by itself."""
    values = "".join(f"{value!r}, " for value in enum.enums)
    constraint = ", create_constraint=True" if enum.create_constraint else ""
    return f"sa.Enum({values}{_name(enum)}{constraint}, create_type=False)"


def is_native(type_: Any) -> bool:
    """Whether PostgreSQL has a type of its own for it."""
    return isinstance(type_, sa.Enum) and type_.native_enum and bool(type_.name)


def correct(script: ops.MigrationScript, metadata: Sequence[sa.MetaData]) -> None:
    """Put right what Alembic has generated. ``metadata``: the tables that it was made for."""
    _look_after_enums(script, metadata)
    for container in (*script.upgrade_ops_list, *script.downgrade_ops_list):
        dropped = {
            (one.schema, one.table_name)
            for one in container.ops
            if isinstance(one, ops.DropTableOp)
        }
        container.ops = [one for one in container.ops if not _only_drops_indexes(one, dropped)]
        for one in _altered(container.ops):
            column = _column_of(one, metadata)
            if column is not None and one.modify_type is None:
                one.existing_type = column.type


def _altered(some: Sequence[Any]) -> Iterator[ops.AlterColumnOp]:
    for op in some:
        for one in op.ops if isinstance(op, ops.ModifyTableOps) else [op]:
            if isinstance(one, ops.AlterColumnOp):
                yield one


def _column_of(op: ops.AlterColumnOp, metadata: Sequence[sa.MetaData]) -> sa.Column[Any] | None:
    name = f"{op.schema}.{op.table_name}" if op.schema else op.table_name
    tables = (each.tables[name] for each in metadata if name in each.tables)
    return next((table.columns.get(op.column_name) for table in tables), None)


def _only_drops_indexes(op: Any, tables: set[tuple[str | None, str]]) -> bool:
    return (
        isinstance(op, ops.ModifyTableOps)
        and (op.schema, op.table_name) in tables
        and all(isinstance(one, ops.DropIndexOp) for one in op.ops)
    )


def _look_after_enums(script: ops.MigrationScript, metadata: Sequence[sa.MetaData]) -> None:
    """Create and drop the enum types of columns that are added and dropped. A type that another
    column of the models still has is not dropped."""
    for container in (*script.upgrade_ops_list, *script.downgrade_ops_list):
        dropped = {(table, column.name) for one in container.ops for table, column in _dropped(one)}
        needed = {
            _identity(enum)
            for each in metadata
            for table in each.tables.values()
            for column in table.columns
            if (table.fullname, column.name) not in dropped
            for enum in _enums([column])
        }
        done: list[Any] = []
        for one in container.ops:
            done += [CreateEnumOp(enum) for enum in _unique(_enums(_added(one)))]
            done.append(one)
            gone = _unique(_enums(column for _table, column in _dropped(one)))
            done += [DropEnumOp(enum) for enum in gone if _identity(enum) not in needed]
        container.ops = done


def _added(op: Any) -> Iterator[sa.Column[Any]]:
    """The columns that are added, alone or with a new table."""
    for one in op.ops if isinstance(op, ops.ModifyTableOps) else [op]:
        if isinstance(one, ops.CreateTableOp):
            yield from one.to_table().columns
        elif isinstance(one, ops.AddColumnOp):
            yield one.column


def _dropped(op: Any) -> Iterator[tuple[str, sa.Column[Any]]]:
    """The columns that are dropped, alone or with their table, each with that table's name."""
    for one in op.ops if isinstance(op, ops.ModifyTableOps) else [op]:
        if isinstance(one, ops.DropTableOp):
            table = one.to_table()
            yield from ((table.fullname, column) for column in table.columns)
        elif isinstance(one, ops.DropColumnOp):
            schema = f"{one.schema}." if one.schema else ""
            yield f"{schema}{one.table_name}", one.to_column()


def _enums(columns: Iterable[sa.Column[Any]]) -> Iterator[sa.Enum]:
    for column in columns:
        plain: Any = getattr(column.type, "impl_instance", column.type)
        if is_native(plain):
            yield plain


def _unique(enums: Iterable[sa.Enum]) -> list[sa.Enum]:
    return list({_identity(enum): enum for enum in enums}.values())


def _identity(enum: sa.Enum) -> tuple[str | None, str | None]:
    return (enum.schema, enum.name)
