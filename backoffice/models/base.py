"""The declarative base: names for every constraint, and the mixins that records share."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from backoffice.db.types import MYSQL

_SQLITE = sqlite.dialect()

TABLE_OPTIONS: dict[str, Any] = {
    # The history identifies records by their ids, so none may be reused. SERIAL and InnoDB's
    # AUTO_INCREMENT never reuse one; SQLite needs the option.
    "sqlite_autoincrement": True,
    # Transactions, foreign keys and all characters, independent of the server's defaults. A table
    # may be reached by either dialect's name: ``mysql://`` or ``mariadb://``.
    **{
        f"{dialect}_{option}": value
        for dialect in MYSQL
        for option, value in (
            ("engine", "InnoDB"),
            ("charset", "utf8mb4"),
            ("collate", "utf8mb4_unicode_ci"),
        )
    },
}
"""Options of every table. Migrations repeat them as they were when written."""


class Base(DeclarativeBase):
    """The base of all models. Migrations and error messages rely on these constraint names."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> Table:
        """Make the class's table, with the options that every table has."""
        table = Table(*args, **(TABLE_OPTIONS | options))
        column = table.autoincrement_column
        if column is None and "sqlite_autoincrement" not in options:
            # SQLite accepts AUTOINCREMENT only for a key of one integer column.
            table.dialect_options["sqlite"]["autoincrement"] = False
        elif column is not None and isinstance(column.type.dialect_impl(_SQLITE), BigInteger):
            column.type = column.type.with_variant(Integer(), "sqlite")  # which SQLite can generate
        return table


class Audited:
    """A mixin for models whose every write is recorded. Put it first among a model's bases.

    ``version`` starts at 1. Each UPDATE by the session increments it, and fails with
    ``StaleDataError`` if another one came first.

    Mark a column that the history must not store with the value that a restored record gets:
    ``mapped_column(info={"secret": UNUSABLE_PASSWORD})``.

    Mark a column that is searched in a large table with ``mapped_column(info={"search_index":
    True})``, and call ``create_search_index`` in its migration. Only PostgreSQL has that index, so
    no ``Index`` can declare it. ``python -m backoffice doctor`` reports missing ones.
    """

    versioned: ClassVar[bool] = True
    """Whether the table has the column ``version``. With False there is no counter: concurrent
    edits are found by comparing values, and a column named ``version`` is the model's own."""

    @declared_attr
    @classmethod
    def version(cls) -> Mapped[Any]:
        """The counter of the record's updates, from 1."""
        # A class with ``__table__`` has its own column in that table, or none.
        if not cls.versioned or "__table__" in vars(cls):
            return None  # type: ignore[return-value]  # and so no attribute
        return mapped_column(Integer, nullable=False, server_default="1")

    label_from: ClassVar[tuple[str, ...]] = ("name",)
    """The columns whose values, joined by spaces, are a record's label. Choices sort by it."""

    links: ClassVar[tuple[str, ...]] = ()
    """Relations to many that are fields of this record: the history records their changes.

    A many-to-many relation through a plain table is one automatically, and is stored as the other
    records' keys. Name it only if both sides declare it and the table's first column refers to the
    other side. Name relations to records that this one owns: they are stored as tokens, which
    ``str`` makes of them and their ``from_token`` reads.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Add the version counter to a model with its own ``__mapper_args__``."""
        own = cls.__dict__.get("__mapper_args__")
        if own is not None:
            setattr(cls, "__mapper_args__", declared_attr.directive(_with_version(own)))  # noqa: B010 - typed as a method
        super().__init_subclass__(**options)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return _version_of(cls)

    def __str__(self) -> str:
        values = [getattr(self, name) for name in self.label_from]
        return " ".join([str(value) for value in values if value is not None])


def _version_of(cls: Any) -> dict[str, Any]:
    """The mapper argument for the version counter, of a class with the column in its own table."""
    # In a hierarchy SQLAlchemy uses the first table's counter.
    is_first = not any(hasattr(base, "__mapper__") for base in cls.__bases__)
    version = cls.__table__.c.get("version") if cls.versioned and is_first else None
    return {} if version is None else {"version_id_col": version}


def _with_version(own: Any) -> Callable[[Any], dict[str, Any]]:
    def mapper_args(cls: Any) -> dict[str, Any]:
        given: Mapping[str, Any] = own if isinstance(own, Mapping) else own.fget(cls)
        return {**_version_of(cls), **given}

    return mapper_args
