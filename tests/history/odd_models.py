"""Small models of shapes that companies have, to test the history's own code with."""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from backoffice.db import Database
from backoffice.db.types import UniqueText, long_text
from backoffice.models import Audited
from backoffice.models.base import TABLE_OPTIONS
from tests.history.ledger import live


class Odd(sa.orm.DeclarativeBase):
    """The base of the models of this file."""

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> sa.Table:
        made: dict[str, Any] = {**TABLE_OPTIONS, "sqlite_autoincrement": False}
        return sa.Table(*args, **(made | options))


class OddlyNamed(sa.orm.DeclarativeBase):
    """The base of a model whose table nobody finds by a plain name; see ``odd_names``."""


def plain_table(name: str, *columns: Any, metadata: sa.MetaData = Odd.metadata) -> sa.Table:
    return sa.Table(name, metadata, *columns, **(TABLE_OPTIONS | {"sqlite_autoincrement": False}))


class Country(Audited, Odd):
    """A natural key."""

    __tablename__ = "odd_countries"
    code: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))


class City(Audited, Odd):
    """A foreign key that is not an integer."""

    __tablename__ = "odd_cities"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    country_code: Mapped[str | None] = mapped_column(
        sa.String(80), sa.ForeignKey("odd_countries.code", ondelete="CASCADE")
    )


class Day(Audited, Odd):
    __tablename__ = "odd_days"
    label_from = ("day",)
    day: Mapped[date] = mapped_column(primary_key=True)
    note: Mapped[str | None] = mapped_column(sa.String(50))


class Big(Audited, Odd):
    __tablename__ = "odd_bigs"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(50))


class Line(Audited, Odd):
    """A key of several columns, and parts that refer to it as a whole."""

    __tablename__ = "odd_lines"
    label_from = ("what",)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    what: Mapped[str] = mapped_column(sa.String(50))


class Piece(Audited, Odd):
    __tablename__ = "odd_pieces"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["line_number", "line_kind"],
            ["odd_lines.number", "odd_lines.kind"],
            ondelete="CASCADE",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    line_number: Mapped[int | None] = mapped_column()
    line_kind: Mapped[str | None] = mapped_column(sa.String(20))


class Branch(Audited, Odd):
    """A tree that goes with its root."""

    __tablename__ = "odd_branches"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(UniqueText(50), unique=True)
    parent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("odd_branches.id", ondelete="CASCADE")
    )


class Chief(Audited, Odd):
    """A tree whose members stay."""

    __tablename__ = "odd_chiefs"
    versioned = False
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    reports_to: Mapped[int | None] = mapped_column(
        sa.ForeignKey("odd_chiefs.id", ondelete="SET NULL")
    )


post_tags = plain_table(
    "odd_post_tags",
    sa.Column("post_id", sa.ForeignKey("odd_posts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "tag_code",
        UniqueText(40),
        sa.ForeignKey("odd_tags.code", ondelete="CASCADE"),
        primary_key=True,
    ),
)

friends = plain_table(
    "odd_friends",
    sa.Column("one_id", sa.ForeignKey("odd_posts.id"), primary_key=True),
    sa.Column("other_id", sa.ForeignKey("odd_posts.id"), primary_key=True),
)


class Blog(Audited, Odd):
    __tablename__ = "odd_blogs"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))


class Post(Audited, Odd):
    """Many to many, with nothing said of it; and related posts."""

    __tablename__ = "odd_posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    blog_id: Mapped[int | None] = mapped_column(sa.ForeignKey("odd_blogs.id", ondelete="CASCADE"))
    tags: Mapped[list["Tag"]] = relationship(secondary=post_tags, back_populates="posts")
    related: Mapped[list["Post"]] = relationship(
        secondary=friends,
        primaryjoin=lambda: Post.id == friends.c.one_id,
        secondaryjoin=lambda: Post.id == friends.c.other_id,
    )


class Tag(Audited, Odd):
    __tablename__ = "odd_tags"
    versioned = False
    code: Mapped[str] = mapped_column(UniqueText(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    posts: Mapped[list[Post]] = relationship(secondary=post_tags, back_populates="tags")


class Person(Audited, Odd):
    """One to one: the passport's key is the person's."""

    __tablename__ = "odd_people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    passport: Mapped["Passport | None"] = relationship(
        back_populates="person", passive_deletes=True, cascade="all, delete-orphan"
    )


class Passport(Audited, Odd):
    __tablename__ = "odd_passports"
    label_from = ("number",)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("odd_people.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[str] = mapped_column(UniqueText(20), unique=True)
    person: Mapped[Person] = relationship(back_populates="passport")


class Animal(Audited, Odd):
    """Joined inheritance, with what the mapper has to know of it."""

    __tablename__ = "odd_animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(UniqueText(50), unique=True)
    blog_id: Mapped[int | None] = mapped_column(sa.ForeignKey("odd_blogs.id", ondelete="CASCADE"))
    __mapper_args__ = {  # noqa: RUF012 - how SQLAlchemy asks
        "polymorphic_on": "kind",
        "polymorphic_identity": "animal",
    }


class Dog(Animal):
    __tablename__ = "odd_dogs"
    id: Mapped[int] = mapped_column(sa.ForeignKey("odd_animals.id"), primary_key=True)
    barks: Mapped[int] = mapped_column()
    __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012 - as above


class Bird(Animal):
    __tablename__ = "odd_birds"
    bird_id: Mapped[int] = mapped_column(
        sa.ForeignKey("odd_animals.id", ondelete="CASCADE"), primary_key=True
    )
    wings: Mapped[Decimal] = mapped_column(sa.Numeric(6, 2))
    __mapper_args__ = {"polymorphic_identity": "bird"}  # noqa: RUF012 - as above


class Fur(enum.Enum):
    SHORT = "short"
    LONG = "long"


class Toy(Audited, Odd):
    """Single-table inheritance."""

    __tablename__ = "odd_toys"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(50))
    __mapper_args__ = {  # noqa: RUF012 - how SQLAlchemy asks
        "polymorphic_on": "kind",
        "polymorphic_identity": "toy",
    }


class Ball(Toy):
    fur: Mapped[Fur | None] = mapped_column(sa.Enum(Fur, name="odd_fur"))
    __mapper_args__ = {"polymorphic_identity": "ball"}  # noqa: RUF012 - as above


class Counted(Audited, Odd):
    """Columns that the database or the model fills by itself, and a version of its own."""

    __tablename__ = "odd_counted"
    versioned = False
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    version: Mapped[str] = mapped_column(sa.String(20))
    price: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), server_default="1.50")
    double: Mapped[Decimal] = mapped_column(sa.Numeric(9, 2), sa.Computed("price * 2"))
    changed: Mapped[int] = mapped_column(default=0, onupdate=sa.text("changed + 1"))
    renamed: Mapped[str | None] = mapped_column("a column", long_text())


def _has_partial(_ddl: Any, _target: Any, bind: Any, **_options: Any) -> bool:
    return bool(bind.dialect.name in ("sqlite", "postgresql"))


ON_SOME: Any = _has_partial


class Slot(Audited, Odd):
    """A key that the database alone gives, and rules that are no plain columns'."""

    __tablename__ = "odd_slots"
    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    room: Mapped[int] = mapped_column()
    is_main: Mapped[bool] = mapped_column()
    __table_args__ = (
        sa.Index(
            "odd_one_main",
            "room",
            unique=True,
            sqlite_where=sa.text("is_main"),
            postgresql_where=sa.text("is_main"),
        ).ddl_if(callable_=ON_SOME),
        sa.Index("odd_lower", sa.text("lower(name)"), unique=True).ddl_if(callable_=ON_SOME),
    )


class Department(Audited, Odd):
    """A circle: it has a head, who is of it."""

    __tablename__ = "odd_departments"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    head_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("odd_employees.id", ondelete="SET NULL", use_alter=True, name="odd_head")
    )


class Employee(Audited, Odd):
    __tablename__ = "odd_employees"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    department_id: Mapped[int] = mapped_column(
        sa.ForeignKey("odd_departments.id", ondelete="CASCADE")
    )


class Clock(Audited, Odd):
    """A moment without a zone."""

    __tablename__ = "odd_clocks"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    at: Mapped[datetime] = mapped_column(
        sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    )


class Wide(Audited, OddlyNamed):
    """Names that SQL and JSON paths could trip over, and many of them."""

    @declared_attr.directive
    @classmethod
    def __table__(cls) -> Any:
        odd = ("50% off", "a.b", "it's", "next", "page", "saved", "before", "after", "label")
        return plain_table(
            "odd wide",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50)),
            sa.Column("version", sa.Integer, nullable=False, server_default="1"),
            *(sa.Column(name, sa.String(20)) for name in odd),
            *(sa.Column(f"n{number}", sa.Integer) for number in range(90)),
            metadata=OddlyNamed.metadata,
        )


def odd_live(database: Database, *, versions: bool = True) -> dict[tuple[str, str], dict[str, Any]]:
    """The records of these models as the history would keep them, by table and key."""
    found = live(database, versions=versions)
    return {key: values for key, values in found.items() if key[0].startswith("odd")}
