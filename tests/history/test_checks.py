"""What the history cannot keep of a model is said in a sentence that tells what to write."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, class_mapper, mapped_column, relationship

from backoffice.history import audited
from backoffice.history.checks import history_problems
from backoffice.models import Audited, Base

pytestmark = pytest.mark.databases("sqlite")


class Own(sa.orm.DeclarativeBase):
    """The base of this file's models."""


@pytest.fixture(autouse=True)
def own_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audited, "BASES", (Own,))


def told(model: type[Any]) -> str:
    (sentence,) = history_problems(class_mapper(model))
    return sentence


def test_our_own_models_have_no_problem() -> None:
    for model in (mapper.class_ for mapper in Base.registry.mappers):
        if issubclass(model, Audited):
            assert list(history_problems(class_mapper(model))) == []


def test_what_inherits_without_saying_so_cannot_be_told_apart() -> None:
    class Animal(Audited, Own):
        __tablename__ = "animals"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Dog(Animal):
        __tablename__ = "dogs"
        id: Mapped[int] = mapped_column(sa.ForeignKey("animals.id"), primary_key=True)

    assert told(Animal).startswith("Dog: nothing in the table of Animal says which")
    assert list(history_problems(class_mapper(Dog))) == []


def test_two_fields_of_one_name_are_told_apart_by_nothing() -> None:
    class Beast(Audited, Own):
        __tablename__ = "beasts"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        kind: Mapped[str]
        __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012 - how SQLAlchemy asks

    class Hound(Beast):
        __tablename__ = "hounds"
        id: Mapped[int] = mapped_column(sa.ForeignKey("beasts.id"), primary_key=True)
        size: Mapped[int]
        __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012 - how SQLAlchemy asks

    class Cat(Beast):
        __tablename__ = "cats"
        id: Mapped[int] = mapped_column(sa.ForeignKey("beasts.id"), primary_key=True)
        size: Mapped[str]
        __mapper_args__ = {"polymorphic_identity": "cat"}  # noqa: RUF012 - how SQLAlchemy asks

    assert told(Beast) == (
        "Cat.size is also a field of Hound, in another table, but the history tells fields apart "
        "by name. Rename one."
    )


def test_a_base_that_is_not_audited_has_no_history_for_its_children() -> None:
    class Plain(Own):
        __tablename__ = "plain"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        version: Mapped[int]

    class Kept(Audited, Plain):
        versioned = False

    assert told(Kept).startswith("Kept inherits from Plain, which is not Audited")


def test_a_field_with_a_quote_in_its_name_cannot_be_found_again() -> None:
    class Odd(Audited, Own):
        __table__ = sa.Table(
            "odd",
            Own.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(10)),
            sa.Column('5" disk', sa.String(10)),
        )

    assert told(Odd).startswith('Odd.5" disk: the history cannot look up a field of that name')


def test_a_column_that_no_restored_record_could_do_without_is_asked_for() -> None:
    class Partial(Audited, Own):
        __table__ = sa.Table(
            "partial",
            Own.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(10)),
            sa.Column("needed", sa.String(10), nullable=False),
            sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        )
        __mapper_args__ = {"exclude_properties": ["needed"]}  # noqa: RUF012 - how SQLAlchemy asks

    assert told(Partial).startswith("Partial does not map the column needed, so")


def test_a_relation_through_the_table_of_a_model_is_that_models_to_write() -> None:
    class Left(Audited, Own):
        __tablename__ = "lefts"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        rights: Mapped[list["Right"]] = relationship(secondary="pairs")

    class Right(Audited, Own):
        __tablename__ = "rights"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Pair(Audited, Own):
        __tablename__ = "pairs"
        label_from = ("left_id",)
        left_id: Mapped[int] = mapped_column(sa.ForeignKey("lefts.id"), primary_key=True)
        right_id: Mapped[int] = mapped_column(sa.ForeignKey("rights.id"), primary_key=True)

    # Strings are looked up in the base's registry, where this function's classes are.
    assert told(Left).startswith("Left.rights writes to the table pairs, which has a model")
    assert list(history_problems(class_mapper(Pair))) == []


def test_an_effect_of_a_delete_that_is_not_known_is_refused() -> None:
    class Shelf(Audited, Own):
        __tablename__ = "shelves"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class Book(Audited, Own):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        shelf_id: Mapped[int] = mapped_column(
            sa.ForeignKey("shelves.id", ondelete="SET DEFAULT"), server_default="1"
        )

    assert told(Shelf).startswith("Book.shelf_id is ON DELETE SET DEFAULT")
    assert list(history_problems(class_mapper(Book))) == []
