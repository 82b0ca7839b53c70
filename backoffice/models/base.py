"""The declarative base: names for every constraint, and the mixins that records share."""

from typing import Any, ClassVar

from sqlalchemy import Integer, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from backoffice.db.types import MYSQL

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
        return Table(*args, **(TABLE_OPTIONS | options))


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

    version: Mapped[int] = mapped_column(Integer, nullable=False, server_default="1")

    label_from: ClassVar[tuple[str, ...]] = ("name",)
    """The columns whose values, joined by a space, name a record; lists sort choices by them."""

    links: ClassVar[tuple[str, ...]] = ()
    """Relations to many that are fields of this record: changing them is changing it.

    Either many to many, kept in the history as the other records' keys, or records owned by this
    one, kept as what ``str`` says of them and made again by their ``from_token``.
    """

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return " ".join(str(getattr(self, name)) for name in self.label_from)
