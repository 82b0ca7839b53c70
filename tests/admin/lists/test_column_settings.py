"""People arrange a list for themselves: columns, their order, how close the rows are."""

from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.admin.lists.column_settings import (
    available_columns,
    read_columns,
    shown_columns,
    stored_columns,
)
from backoffice.admin.view import RecordView
from backoffice.auth.preferences import ListPreferences, parse_preferences
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item, User, UserPreferences
from backoffice.views import VIEWS, ItemView
from backoffice.web.app import create_app
from tests.cast import Browser, add_items, add_user, signed_in, statements

LIST = "/admin/item/list"
OWN = ("name", "category", "price", "quantity", "description")

pytestmark = pytest.mark.databases("sqlite")


def preferred(database: Database, email: str = "ed@example.com") -> Any:
    """What a person's preferences say of the list of items."""
    with unit_of_work(database) as session:
        data = session.scalar(sa.select(UserPreferences.data).join(User).where(User.email == email))
    return parse_preferences(data).get("lists", {}).get("item")


def arrange(browser: Browser, **fields: Any) -> Response:
    """Send the form that arranges the list of items, with the token of a page."""
    return browser.post("/admin/item/arrange", {"density": "compact", **fields})


def notice(browser: Browser) -> str:
    return browser.get("/admin/").text


def test_a_list_offers_its_columns_and_then_those_of_the_details_page(items: RecordView) -> None:
    assert available_columns(items) == (*OWN, "id")


def test_no_list_offers_a_secret_or_a_relation_to_many(app: Starlette) -> None:
    users = app.state.site.find_view("user")
    offered = available_columns(users)
    assert "password_hash" not in offered
    assert "roles" not in offered
    assert "id" in offered


def test_the_link_to_the_record_is_always_first(items: RecordView) -> None:
    assert read_columns(items, ["price", "name", "price", ""]) == (("name", "price"), [])
    assert read_columns(items, []) == (("name",), [])


def test_a_column_that_is_none_is_named_and_the_rest_is_kept(items: RecordView) -> None:
    columns, problems = read_columns(items, ["colour", "price", "x" * 60])
    assert columns == ("name", "price")
    assert problems[0] == "There is no column “colour”."
    assert len(problems) == 2
    assert len(problems[1]) < 80


def test_the_address_goes_before_the_person_and_the_person_before_the_view(
    items: RecordView,
) -> None:
    liked = ListPreferences(columns=("quantity", "gone", "name"))
    assert shown_columns(items, ListPreferences()) == OWN
    assert shown_columns(items, liked) == ("name", "quantity")
    assert shown_columns(items, liked, ["price"]) == ("name", "price")
    assert stored_columns(items, OWN) is None
    assert stored_columns(items, ("name", "price")) == "name,price"


def test_columns_are_kept_in_the_order_of_the_fields(ed: Browser, database: Database) -> None:
    back = f"{LIST}?search=bolt"
    answer = arrange(ed, columns=["name", "quantity", "price"], density="cosy", next=back)
    assert answer.status_code == 303
    assert answer.headers["location"] == back
    assert preferred(database) == {"columns": ["name", "quantity", "price"], "density": "cosy"}
    assert "Columns saved." in notice(ed)


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ("1 2 3 4", "name category price quantity"),
        ("1 2 3 2", "name quantity category price"),  # to the second place, from the fourth
        ("1 3 3 4", "name price category quantity"),  # to the third, from the second
        ("1 4 3 2", "name quantity price category"),
        ("1 9 3 4", "name price quantity category"),
        ("9 2 3 1", "name quantity category price"),  # the link stays first
        ("1 2 x 4", "name category quantity price"),  # no place said: last
    ],
)
def test_without_a_script_places_order_the_columns(
    ed: Browser, database: Database, places: str, order: str
) -> None:
    names = ["name", "category", "price", "quantity"]
    typed = {f"place_{n}": place for n, place in zip(names, places.split(), strict=True)}
    if typed["place_name"] == "1":
        del typed["place_name"]  # the page has no such field: the link is always first
    arrange(ed, columns=names, **typed)
    assert preferred(database)["columns"] == order.split()


def test_the_lists_own_columns_are_kept_as_nothing(ed: Browser, database: Database) -> None:
    arrange(ed, columns=["name", "price"])
    arrange(ed, columns=list(OWN))
    assert preferred(database) is None


def test_a_form_without_columns_leaves_them(ed: Browser, database: Database) -> None:
    arrange(ed, columns=["name", "price"])
    arrange(ed, density="cosy")
    assert preferred(database) == {"columns": ["name", "price"], "density": "cosy"}


def test_reset_brings_the_lists_own_arrangement_back(ed: Browser, database: Database) -> None:
    ed.post("/admin/item/arrange", {"filters": "closed"})
    arrange(ed, columns=["name"], density="cosy")
    answer = arrange(ed, reset="yes", columns=["name", "price"], next=f"{LIST}?columns=name")
    assert answer.headers["location"] == LIST
    assert preferred(database) == {"filters": "closed"}  # folding is not part of the arrangement
    assert "Columns reset." in notice(ed)


def test_folding_the_filters_answers_with_nothing(ed: Browser, database: Database) -> None:
    for word in ("closed", "closed"):
        answer = ed.post("/admin/item/arrange", {"filters": word})
        assert (answer.status_code, answer.content) == (204, b"")
    assert preferred(database) == {"filters": "closed"}
    ed.post("/admin/item/arrange", {"filters": "open"})
    assert preferred(database) is None


def test_a_name_that_is_no_column_is_told_and_the_rest_is_kept(
    ed: Browser, database: Database
) -> None:
    answer = arrange(ed, columns=["name", "password_hash", "price"], density="cosy")
    assert answer.status_code == 303
    assert preferred(database) == {"columns": ["name", "price"], "density": "cosy"}
    assert "There is no column “password_hash”." in notice(ed)


def test_where_the_address_names_columns_they_change_there(ed: Browser, database: Database) -> None:
    shown = f"{LIST}?search=bolt&columns=name%2Cprice&view=3"
    answer = arrange(ed, columns=["name", "quantity"], density="cosy", next=shown)
    assert answer.headers["location"] == f"{LIST}?search=bolt&view=3&columns=name%2Cquantity"
    assert preferred(database) == {"density": "cosy"}


def test_a_default_view_with_columns_is_what_the_plain_list_arranges(
    ed: Browser, database: Database
) -> None:
    ed.get("/admin/item/views")
    query = "search=bolt&columns=name%2Cprice"
    ed.post("/admin/item/views", {"name": "Bolts", "query": query, "default": "yes"})
    answer = arrange(ed, columns=["name", "quantity"])
    assert answer.headers["location"] == f"{LIST}?search=bolt&view=1&columns=name%2Cquantity"
    assert "columns" not in preferred(database)
    assert "Columns changed. Save the view to keep them." in notice(ed)


def test_a_width_is_remembered_within_the_steps_and_forgotten_alone_or_with_the_others(
    ed: Browser, database: Database
) -> None:
    add_items(database, 1)
    assert arrange(ed, width_price="20").status_code == 204
    assert arrange(ed, width_quantity="9999", width_nothing="8").status_code == 204
    assert preferred(database) == {"widths": {"price": 20, "quantity": 80}}
    page = ed.get(LIST).text
    assert '<col class="w-20">' in page
    assert '<col class="w-80">' in page

    assert arrange(ed, width_quantity="").status_code == 204
    assert preferred(database) == {"widths": {"price": 20}}
    assert arrange(ed, columns=["name", "price"]).status_code == 303
    assert preferred(database) == {"widths": {"price": 20}, "columns": ["name", "price"]}

    assert arrange(ed, reset="widths", next=f"{LIST}?search=a").headers["location"] == (
        f"{LIST}?search=a"
    )
    assert preferred(database) == {"columns": ["name", "price"]}
    assert "Column widths reset." in notice(ed)
    arrange(ed, width_price="20")
    arrange(ed, reset="yes")
    assert preferred(database) is None


def test_widths_that_cannot_be_read_are_none(ed: Browser, database: Database) -> None:
    assert ListPreferences.of({"lists": {"item": {"widths": ["x"]}}}, "item").widths == {}
    stored = {"lists": {"item": {"widths": {"price": "wide", "name": 12, "id": -1, "x": True}}}}
    assert ListPreferences.of(stored, "item").widths == {"name": 12}


def test_it_leads_to_no_other_page_than_the_list(ed: Browser) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/admin/user/list"):
        assert arrange(ed, next=elsewhere).headers["location"] == LIST


def test_each_person_arranges_for_themselves(
    ed: Browser, vera: Browser, database: Database
) -> None:
    assert arrange(vera, density="cosy").status_code == 303  # who may only look may do this
    assert preferred(database) is None
    assert preferred(database, "vera@example.com") == {"density": "cosy"}


def test_people_who_may_not_list_may_not_arrange(rolf: Browser, ed: Browser) -> None:
    assert arrange(rolf).status_code == 403
    assert ed.post("/admin/user/arrange", {"density": "cosy"}).status_code == 403
    assert ed.post("/admin/nothing/arrange", {"density": "cosy"}).status_code == 404
    assert ed.get("/admin/item/arrange").status_code == 405


def test_columns_that_the_list_lacks_cost_no_statement_for_each_row(
    settings: Settings, database: Database
) -> None:
    class NarrowItemView(ItemView, model=Item):
        column_list: ClassVar[Any] = [Item.name]
        column_sortable_list: ClassVar[Any] = [Item.name]

    views = [NarrowItemView if view is ItemView else view for view in VIEWS]
    add_user(database, "ada@example.com", superuser=True)
    ada = signed_in(create_app(settings, database, views=views), "ada@example.com")
    add_items(database, 20)
    arrange(ada, columns=["name", "price", "category"])
    with statements(database) as seen:
        page = ada.get(LIST)

    assert page.text.count('data-label="Price') == 20
    assert len(seen) <= 6
