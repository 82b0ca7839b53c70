"""Which indexes a database has, by its catalog, and which it should have, by the models."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

T = TypeVar("T")

Kind = Literal["ordered", "trigram", "other"]
"""``ordered``: it holds rows in the order of its columns. ``trigram``: it finds text anywhere."""

SEARCH_SUFFIX = "_trgm"
"""What a search index's name ends in: no comparison with the models drops it."""

SEARCH_INDEX = "search_index"
"""Key of a column's ``info``: a search is to find text in it by an index, where there is such."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a statement needs to be answered from an index: one that begins with a column.

    ``table``, here as below: its full name, ``schema.table`` where it is in no default schema.
    """

    table: str
    column: str
    kind: Kind = "ordered"


@dataclass(frozen=True, slots=True)
class HeldIndex:
    """An index that the database has, a constraint's and a primary key's own included.

    ``columns`` are those it goes by, "" for an expression. ``label``: its name as the models say
    it, where the database has another. ``valid``: false for one that PostgreSQL was building when
    the build failed; no query uses it.
    """

    table: str
    name: str
    columns: tuple[str, ...]
    kind: Kind = "ordered"
    unique: bool = False
    valid: bool = True
    partial: bool = False
    label: str = ""

    def meets(self, need: Need) -> bool:
        """Whether it is what ``need`` needs."""
        return (
            (self.table, self.kind) == (need.table, need.kind)
            and self.columns[:1] == (need.column,)
            and self.valid
            and not self.partial
        )


@dataclass(frozen=True, slots=True)
class WantedIndex:
    """An index that the models declare, or that somebody would have to make.

    ``declared``: the models say so, whatever the size of the table. ``schema``: that ``table``
    names; "" for none.
    """

    table: str
    name: str
    columns: tuple[str, ...]
    kind: Kind = "ordered"
    unique: bool = False
    declared: bool = False
    schema: str = ""

    @property
    def bare_table(self) -> str:
        """The table's name without its schema."""
        return self.table.removeprefix(f"{self.schema}.") if self.schema else self.table

    def is_held(self, held: Iterable[HeldIndex]) -> bool:
        """Whether one of ``held`` does all that this one would."""
        return any(self._is(one) for one in held)

    def is_invalid(self, held: Iterable[HeldIndex]) -> bool:
        """Whether it is there by its name, left INVALID by a build."""
        return any(
            (one.table, one.name, one.valid) == (self.table, self.name, False) for one in held
        )

    def is_taken(self, held: Iterable[HeldIndex]) -> bool:
        """Whether another index has its name."""
        return any(one.name == self.name and one.valid and not self._is(one) for one in held)

    def _is(self, held: HeldIndex) -> bool:
        if not held.meets(Need(self.table, self.columns[0], self.kind)):
            return False
        if self.unique:
            return held.unique and set(held.columns) == set(self.columns)
        return held.columns[: len(self.columns)] == self.columns


def declared_indexes(tables: Iterable[sa.Table], dialect: str) -> Iterator[WantedIndex]:
    """The indexes that models' tables declare for a database: indexes, unique constraints, and on
    PostgreSQL those of searched columns. Primary keys are not among them: no table lacks its."""
    for table in tables:
        name, schema = table.fullname, table.schema or ""
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            columns = tuple(column.name for column in index.columns)
            if is_ordered(index):
                unique = bool(index.unique)
                named = str(index.name)
                yield WantedIndex(name, named, columns, "ordered", unique, True, schema)
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                columns = tuple(column.name for column in constraint.columns)
                yield WantedIndex(
                    name, str(constraint.name), columns, "ordered", True, True, schema
                )
        for column in table.columns if dialect == "postgresql" else ():
            if column.info.get(SEARCH_INDEX):
                yield search_index(name, column.name, declared=True, schema=schema)


def is_ordered(index: sa.Index) -> bool:
    """Whether a declared index holds all rows in the order of its columns: no trigrams, no part."""
    special = ("using", "where", "ops", "prefix", "length")
    return not any(name.endswith(special) for name, value in index.dialect_kwargs.items() if value)


def search_index(
    table: str, column: str, *, declared: bool = False, schema: str = ""
) -> WantedIndex:
    """The index that finds text anywhere in a column."""
    bare = table.removeprefix(f"{schema}.") if schema else table
    name = f"ix_{bare}_{column}{SEARCH_SUFFIX}"
    return WantedIndex(table, name, (column,), "trigram", declared=declared, schema=schema)


# What there is ----------------------------------------------------------------------------------


def held_indexes(
    connection: sa.Connection, tables: Iterable[sa.Table | str]
) -> tuple[HeldIndex, ...]:
    """The indexes of these tables, as far as they are there, with those of constraints and primary
    keys; none of what is a view of the database. A text is the name of a table in the default
    schema."""
    wanted = [one if isinstance(one, sa.Table) else sa.Table(one, sa.MetaData()) for one in tables]
    looking = sa.inspect(connection)
    there = {
        (schema, name)
        for schema in {table.schema for table in wanted}
        for name in looking.get_table_names(schema=schema)
    }
    read = {"postgresql": _of_postgresql, "sqlite": _of_sqlite}.get(
        connection.dialect.name, _of_mysql
    )
    found = [table for table in wanted if (table.schema, table.name) in there]
    return tuple(read(connection, sorted(found, key=lambda table: table.fullname)))


def _of_postgresql(connection: sa.Connection, tables: list[sa.Table]) -> Iterator[HeldIndex]:
    places = {(table.schema, table.name): table.fullname for table in tables}
    rows = connection.execute(_POSTGRESQL, {"tables": [table.name for table in tables]})
    for schema, visible, table, name, method, columns, operators, unique, valid, partial in rows:
        trigram = bool(operators) and operators[0] in ("gin_trgm_ops", "gist_trgm_ops")
        kind: Kind = "trigram" if trigram else "ordered" if method == "btree" else "other"
        place = places.get((schema, table)) or (places.get((None, table)) if visible else None)
        if place is not None:
            yield HeldIndex(place, name, tuple(columns), kind, unique, valid, partial)


_POSTGRESQL = sa.text("""
    SELECT n.nspname, pg_table_is_visible(t.oid), t.relname, i.relname, m.amname,
        ARRAY(
            SELECT coalesce(a.attname::text, '')
            FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place)
            LEFT JOIN pg_attribute a
                ON a.attrelid = x.indrelid AND a.attnum = k.number AND k.number > 0
            WHERE k.place <= x.indnkeyatts ORDER BY k.place
        ),
        ARRAY(
            SELECT o.opcname::text
            FROM unnest(x.indclass::oid[]) WITH ORDINALITY AS k (number, place)
            JOIN pg_opclass o ON o.oid = k.number ORDER BY k.place
        ),
        x.indisunique, x.indisvalid AND x.indisready, x.indpred IS NOT NULL
    FROM pg_index x
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_am m ON m.oid = i.relam
    WHERE t.relname = ANY (:tables)
    ORDER BY t.relname, i.relname
""")


def _of_sqlite(connection: sa.Connection, tables: list[sa.Table]) -> Iterator[HeldIndex]:
    looking = sa.inspect(connection)
    for table in tables:
        place, name, schema = table.fullname, table.name, table.schema
        constraints = {
            tuple(one["column_names"]): str(one["name"])
            for one in _quietly(looking.get_unique_constraints, name, schema)
            if one["name"]
        }
        key = looking.get_pk_constraint(name, schema)
        if key["constrained_columns"]:
            # The table itself, where the key is a number.
            columns = tuple(key["constrained_columns"])
            yield HeldIndex(place, "", columns, unique=True, label="the primary key")
        where = {"schema": schema or "main"}
        listed = 'SELECT name, "unique", origin, partial FROM pragma_index_list(:table, :schema)'
        rows = connection.execute(sa.text(listed), where | {"table": name}).all()
        for index, unique, origin, partial in rows:
            found = connection.scalars(
                sa.text("SELECT name FROM pragma_index_info(:index, :schema) ORDER BY seqno"),
                where | {"index": index},
            )
            columns = tuple(column or "" for column in found)
            # The index of a constraint has a name of SQLite's own.
            label = {"u": constraints.get(columns, ""), "pk": "the primary key"}.get(origin, "")
            yield HeldIndex(
                place, index, columns, unique=bool(unique), partial=bool(partial), label=label
            )


def _quietly(read: Callable[[str, str | None], T], table: str, schema: str | None) -> T:
    """What ``read`` finds, without warnings of indexes that SQLAlchemy cannot describe."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        return read(table, schema)


def _of_mysql(connection: sa.Connection, tables: list[sa.Table]) -> Iterator[HeldIndex]:
    looking = sa.inspect(connection)
    for table in tables:
        place, name, schema = table.fullname, table.name, table.schema
        key = tuple(looking.get_pk_constraint(name, schema)["constrained_columns"])
        yield HeldIndex(place, "PRIMARY", key, unique=True, label="the primary key")
        for index in _quietly(looking.get_indexes, name, schema):
            columns = tuple(column or "" for column in index["column_names"])
            options: dict[str, Any] = index.get("dialect_options", {})
            # A full-text index has a prefix there, one of the first characters a length.
            kind: Kind = "other" if any(options.values()) or index.get("type") else "ordered"
            yield HeldIndex(place, str(index["name"]), columns, kind, unique=bool(index["unique"]))


# Trigrams ---------------------------------------------------------------------------------------

Trigrams = Literal["installed", "may be created", "may not be created", "not on the server"]


def trigrams(connection: sa.Connection) -> Trigrams:
    """Whether a PostgreSQL database has the extension pg_trgm, or this user may create it."""
    installed, on_the_server, may = connection.execute(_TRIGRAMS).one()
    if installed:
        return "installed"
    if not on_the_server:
        return "not on the server"
    return "may be created" if may else "may not be created"


_TRIGRAMS = sa.text("""
    SELECT
        EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm'),
        EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'),
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
            OR has_database_privilege(current_database(), 'CREATE')
            AND EXISTS (
                SELECT FROM pg_available_extension_versions WHERE name = 'pg_trgm' AND trusted
            )
""")
