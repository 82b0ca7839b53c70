"""Views that contradict their model or each other stop the start with a sentence."""

from typing import Any

import pytest
from sqladmin import action
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backoffice.admin.checks.sqladmin_options import UNUSED
from backoffice.admin.options import ColumnTotal
from backoffice.admin.view import RecordView
from backoffice.models import Audited
from tests.admin.checks.shelves import (
    GOOD,
    PLAIN,
    ROOMS,
    TAGS,
    Lamp,
    Point,
    Room,
    Shelf,
    Start,
    made,
    named,
    shelf,
    view,
)


def test_a_view_without_mistakes_starts(problems: Start) -> None:
    everything = {
        "column_list": ["name", "room", "half", "double", "place"],
        "column_details_list": ["name", "tags", "below", "area", "number", "seen_tags"],
        "column_searchable_list": ["name", "room"],
        "column_sortable_list": ["name", "room", "width", "half", "double"],
        "column_default_sort": [("name", True)],
        "list_filters": ["room", "width", "name"],
        "list_totals": [ColumnTotal("Width", Shelf.width)],
        "form_columns": ["name", "width", "price", "room", "above"],
        "column_labels": {"name": "Label"},
    }
    assert problems(shelf(**everything)) == []


def test_all_that_is_wrong_is_told_at_once(problems: Start) -> None:
    views = [
        view(Shelf, **(GOOD | {"column_list": ["nme"], "list_filters": ["rom"]})),
        view(Room, **(PLAIN | {"column_sortable_list": ["nme"]})),
        TAGS,
    ]
    assert problems(views) == [
        "ShelfView.column_list: Shelf has no 'nme'. Write 'name'.",
        "ShelfView.list_filters: Shelf has no 'rom'. Write 'room'.",
        "RoomView.column_sortable_list: Room has no 'nme'. Write 'name'.",
    ]


@pytest.mark.parametrize("name", sorted(UNUSED))
def test_what_only_sqladmins_own_screens_read_is_said_to_have_no_effect(
    problems: Start, name: str
) -> None:
    value = getattr(RecordView, name)
    sentence = f"ShelfView.{name} has no effect: {UNUSED[name]}."
    assert sentence in problems(shelf(**{name: value}))


def test_an_icon_that_there_is_not_is_told_with_the_one_that_may_be_meant(problems: Start) -> None:
    assert problems(shelf(icon="truck")) == []
    assert problems(shelf(icon="trukc")) == [
        "ShelfView.icon: Heroicons has no outline 'trukc'. Write 'truck'."
    ]
    assert problems(shelf(icon="fa-solid fa-warehouse")) == [
        "ShelfView.icon: Heroicons has no outline 'fa-solid fa-warehouse'. Write the name of an "
        "outline, such as 'cube'."
    ]


@pytest.mark.parametrize("name", ["can_export", "can_import"])
def test_screens_that_there_are_not_cannot_be_turned_on(problems: Start, name: str) -> None:
    sentence = f"ShelfView.{name} has no effect: there is no such screen. Remove it."
    assert problems(shelf(**{name: True})) == [sentence]
    assert problems(shelf(**{name: False})) == []


def test_an_action_of_sqladmin_is_said_to_have_no_effect(problems: Start) -> None:
    @action(name="approve", label="Approve")
    async def approve(self: Any, request: Any) -> None: ...

    assert problems(shelf(approve=approve)) == [
        "ShelfView.approve has no effect: it is SQLAdmin's action. "
        "Write backoffice.admin.actions.action."
    ]


def test_a_relation_to_records_without_a_view_is_reported(problems: Start) -> None:
    views = [view(Shelf, **(GOOD | {"column_list": ["name", "room"]}))]
    assert problems(views) == [
        "ShelfView.column_list: Shelf.room leads to Room, which no view shows. Put a view of Room "
        "into VIEWS."
    ]
    bare = GOOD | {"column_details_list": []}
    assert problems([view(Shelf, **bare), TAGS]) == [
        "ShelfView.column_details_list: Shelf.room leads to Room, which no view shows. Put a view "
        "of Room into VIEWS. Or name the columns in column_details_list."
    ]


@pytest.mark.parametrize("flag", ["can_create", "can_edit", "can_delete", "has_history"])
def test_records_without_history_are_read_only(problems: Start, flag: str) -> None:
    lamps: dict[str, Any] = {"column_list": ["name"], "column_details_list": ["name"]}
    assert problems([view(Lamp, **lamps)]) == []
    assert problems([view(Lamp, **(lamps | {flag: True}))]) == [
        f"LampView.{flag}: Lamp has no history and is read-only here. Make Lamp Audited, or "
        f"remove {flag}."
    ]
    assert problems([view(Lamp, **(lamps | {flag: False}))]) == []


def test_a_read_only_view_offers_nothing_that_writes() -> None:
    lamps = view(Lamp)()
    assert [lamps.allows(action) for action in ("list", "details")] == [True, True]
    writes = ("create", "edit", "delete", "action:history", "action:undo")
    assert not any(lamps.allows(action) for action in writes)


def test_two_views_of_one_model_and_two_models_of_one_name_share_an_address(
    problems: Start,
) -> None:
    assert problems([ROOMS, view(Room, "OldRoomView", **PLAIN)]) == [
        "RoomView and OldRoomView both show Room, at one address: remove one of them from VIEWS."
    ]

    class Others(DeclarativeBase):
        pass

    namesake = type(
        "Room",
        (Audited, Others),
        {
            "__tablename__": "rooms",
            "__annotations__": {"id": Mapped[int], "name": Mapped[str]},
            "id": mapped_column(primary_key=True),
        },
    )
    assert problems([ROOMS, view(namesake, "OtherRoomView", **PLAIN)]) == [
        "RoomView and OtherRoomView have one address, /admin/room, since both models are called "
        "Room: give one of the two classes another name."
    ]


def test_a_view_without_a_model_is_reported(problems: Start) -> None:
    class NoView(RecordView):
        pass

    assert problems([NoView]) == [
        "NoView has no model: write class NoView(RecordView, model=…), or remove it from VIEWS."
    ]


def test_a_required_column_that_no_form_can_fill_in_is_reported(problems: Start) -> None:
    model = made("Spot", named(place=mapped_column(Point(), nullable=False)))
    shown = view(model, column_details_list=["name"], form_columns=["name", "place"])
    assert problems([shown]) == [
        "SpotView.form_columns: Spot.place (other) is required, and no form can fill it in. Give "
        "the column a default, or write can_create = False."
    ]


def test_a_view_that_fills_in_a_column_itself_may_leave_it_out_of_the_form(
    problems: Start,
) -> None:
    def apply(self: Any, context: Any, record: Any, values: Any, created: bool) -> None:
        record.width = 5

    assert problems(shelf(form_columns=["name"], apply=apply)) == []
    assert problems(shelf(form_columns=["name"], can_create=False)) == []
