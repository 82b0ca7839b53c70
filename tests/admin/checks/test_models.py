"""Models that the history or the addresses cannot keep stop the start with a sentence."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import ForeignKey, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from backoffice.models import Audited
from tests.admin.checks.shelves import PLAIN, Point, Start, made, named, view

ID = {"id": mapped_column(sa.Integer, primary_key=True)}


class Small(DeclarativeBase):
    pass


class Stuck(Audited, Small):
    """Its counter is a text of its own."""

    __tablename__ = "stuck"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    version: Mapped[str] = mapped_column(String(10), default="1.0")


class Counted(Audited, Small):
    __tablename__ = "counted"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - how SQLAlchemy asks


class Animal(Audited, Small):
    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


class Apart(Animal):
    __tablename__ = "apart"
    versioned = False
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(server_default="1")
    __mapper_args__ = {"concrete": True}  # noqa: RUF012 - how SQLAlchemy asks


class Linked(Audited, Small):
    __tablename__ = "linked"
    links = ("partz", "parts", "owner", "seen")
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("animals.id"))
    owner: Mapped[Animal | None] = relationship()
    parts: Mapped[list["Part"]] = relationship()
    seen: Mapped[list["Part"]] = relationship(viewonly=True)


class Part(Small):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    linked_id: Mapped[int] = mapped_column(ForeignKey("linked.id"))


LINKED = [
    "Linked.links: Linked has no relation 'partz'. Write 'parts'.",
    "Linked.links: Part has no from_token, so its records cannot be restored. Write one, "
    "or remove 'parts' from links.",
    "Linked.links: Linked.owner is not a to-many relation that can be changed. Remove "
    "it from links.",
    "Linked.links: Linked.seen is not a to-many relation that can be changed. Remove "
    "it from links.",
]

COUNTER = "but Audited adds a counter. Write versioned = False in"


def test_links_that_the_history_cannot_store_are_reported(problems: Start) -> None:
    views = [view(Linked, **PLAIN), view(Animal, **PLAIN)]
    assert problems(views) == LINKED


@pytest.mark.parametrize(
    ("model", "sentences"),
    [
        (Stuck, [f"Stuck.version is a column of your own, {COUNTER} Stuck."]),
        (Counted, [f"Counted.revision is a version_id_col of your own, {COUNTER} Counted."]),
        (
            Apart,
            [
                "Apart is mapped with concrete inheritance, whose records the history cannot tell "
                "apart. Map it on its own, or with joined inheritance, or remove Audited."
            ],
        ),
        (
            made("Ratio", named(share=mapped_column(Numeric(20, 4)))),
            [
                "Ratio.share has 20 digits, but SQLite stores 15: write Numeric(15, 4), or use "
                "PostgreSQL."
            ],
        ),
        (
            made("Loose", named(share=mapped_column(Numeric()))),
            ["Loose.share has no scale, and would be rounded: write Numeric(precision, scale)."],
        ),
        (
            made(
                "Token",
                {
                    "name": mapped_column(String(50), primary_key=True, info={"secret": "x"}),
                },
            ),
            [
                "Token.name is a key and a secret, but the history needs the keys. "
                'Remove "secret" from its info, or use another key.'
            ],
        ),
        (
            made("Endless", {"name": mapped_column(String(), primary_key=True)}),
            [
                "EndlessView: Endless.name (text) has no length and cannot be a key. Give it a "
                "length, such as String(100)."
            ],
        ),
        (
            made(
                "Odd",
                {
                    "place": mapped_column(Point(), primary_key=True, default=""),
                    "name": mapped_column(String(50)),
                },
            ),
            ["OddView: Odd.place (other) has no length and cannot be a key. Use another column."],
        ),
        (
            made("Lengthy", {"name": mapped_column(String(501), primary_key=True)}),
            [
                "LengthyView: the key of Lengthy may have 501 characters, but the history stores "
                "500. Make its columns shorter."
            ],
        ),
        (
            made(
                "Twofold",
                {
                    "name": mapped_column(String(200), primary_key=True),
                    "place": mapped_column(String(200), primary_key=True, default=""),
                },
            ),
            [
                "TwofoldView: the key of Twofold may have 808 characters, but the history stores "
                "500. Make its columns shorter."
            ],
        ),
        (
            made("N" * 140, named()),
            [
                f"{'N' * 140}: its table's name has 140 characters, but the history stores 130. "
                "Give it a shorter __tablename__."
            ],
        ),
        (
            made("Nameless", {**ID, "code": mapped_column(String(9))}),
            [
                "Nameless.label_from: Nameless has no column 'name'. Write label_from = "
                '("code",) in Nameless: the columns that name a record.'
            ],
        ),
        (
            made("Unnamed", named(), label_from=()),
            [
                "Unnamed.label_from is (), but must name columns. Write label_from = "
                '("name",) in Unnamed: the columns that name a record.'
            ],
        ),
    ],
)
def test_a_model_that_the_history_cannot_keep_stops_the_start_with_a_sentence(
    problems: Start, model: type[Any], sentences: list[str]
) -> None:
    names = [name for name in ("name", "code") if hasattr(model, name)]
    shown = view(model, column_details_list=names, form_columns=names)
    assert problems([shown]) == sentences


def test_a_label_that_cannot_be_searched_is_reported(problems: Start) -> None:
    class Own(DeclarativeBase):
        pass

    class Box(Audited, Own):
        __tablename__ = "boxes"
        label_from = ("made_at",)
        id: Mapped[int] = mapped_column(primary_key=True)
        made_at: Mapped[datetime] = mapped_column()

    class Thing(Audited, Own):
        __tablename__ = "things"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(9))
        box_id: Mapped[int | None] = mapped_column(ForeignKey("boxes.id"))
        box: Mapped[Box | None] = relationship()

    boxes = view(Box, column_details_list=["made_at"], form_columns=["made_at"])
    things = view(Thing, **PLAIN, column_searchable_list=["box"])
    assert problems([boxes, things]) == [
        "ThingView.column_searchable_list: Thing.box is searched by Box.made_at (naive datetime), "
        "which is not text. Remove it."
    ]
