"""The declarative base: names for every constraint, and the mixins that records share."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from backoffice.db.types import MYSQL

_SQLITE = sqlite.dialect()

TABLE_OPTIONS: dict[str, Any] = {
    # An id is never given twice, since history is kept by it. SERIAL and InnoDB's AUTO_INCREMENT
    # keep that promise by themselves; SQLite does only when asked.
    "sqlite_autoincrement": True,
    # Whatever the server's own defaults are: transactions, foreign keys and every character. The
    # two dialects' names reach the same tables by ``mysql://`` and ``mariadb://``.
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
    """Every table's base. The names below are what migrations and error messages go by."""

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
            # SQLite counts up nothing but a key of one number, and refuses the word elsewhere.
            table.dialect_options["sqlite"]["autoincrement"] = False
        elif column is not None and isinstance(column.type.dialect_impl(_SQLITE), BigInteger):
            column.type = column.type.with_variant(Integer(), "sqlite")  # which alone it counts
        return table


class Audited:
    """A record whose every write is kept in the history. Put it first among a model's bases.

    ``version`` starts at 1; each UPDATE by the session raises it and fails with
    ``StaleDataError`` if somebody else's came first.

    A column that no history may hold says so, with what a restored record gets in its place:
    ``mapped_column(info={"secret": UNUSABLE_PASSWORD})``.

    One that is searched in a large table says ``mapped_column(info={"search_index": True})``, and
    its migration calls ``create_search_index``: an index of PostgreSQL alone, which no ``Index``
    could declare for every database. ``python -m backoffice doctor`` compares.
    """

    versioned: ClassVar[bool] = True
    """Whether the table has the column ``version``. With False there is no counter: two edits at
    once are told apart by the values alone, and a column named ``version`` is the model's own."""

    @declared_attr
    @classmethod
    def version(cls) -> Mapped[Any]:
        """The counter of the record's writes."""
        if not cls.versioned or "__table__" in vars(cls):  # a whole table has its own, or none
            return None  # type: ignore[return-value]  # and so no attribute
        return mapped_column(Integer, nullable=False, server_default="1")

    label_from: ClassVar[tuple[str, ...]] = ("name",)
    """The columns whose values, joined by a space, name a record; lists sort choices by them."""

    links: ClassVar[tuple[str, ...]] = ()
    """Relations to many that are fields of this record: changing them is changing it.

    Many to many through a plain table needs no mention, but where both sides declare the relation
    and the table's first column leads to the other one; it is kept as the other records' keys. Or
    records owned by this one, kept as what ``str`` says of them and made again by their
    ``from_token``.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Count the versions of a model that says something else of its mapper."""
        own = cls.__dict__.get("__mapper_args__")
        if own is not None:
            setattr(cls, "__mapper_args__", declared_attr.directive(_with_version(own)))  # noqa: B010
        super().__init_subclass__(**options)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return _version_of(cls)

    def __str__(self) -> str:
        values = [getattr(self, name) for name in self.label_from]
        return " ".join([str(value) for value in values if value is not None])


def _version_of(cls: Any) -> dict[str, Any]:
    """The mapper's argument for the counter, for the class that has it in its own table."""
    # A table below another's, or beside it, counts no versions: SQLAlchemy takes the first table's.
    is_first = not any(hasattr(base, "__mapper__") for base in cls.__bases__)
    version = cls.__table__.c.get("version") if cls.versioned and is_first else None
    return {} if version is None else {"version_id_col": version}


def _with_version(own: Any) -> Callable[[Any], dict[str, Any]]:
    def mapper_args(cls: Any) -> dict[str, Any]:
        given: Mapping[str, Any] = own if isinstance(own, Mapping) else own.fget(cls)
        return {**_version_of(cls), **given}

    return mapper_args
