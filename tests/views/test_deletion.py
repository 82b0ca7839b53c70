"""The delete page: what it names, what it asks, and what it refuses without losing anything."""

import html
import re

import pytest
from httpx2 import Response
from sqlalchemy import select

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from tests.cast import Browser, add_items, add_user, count, signed_in, text_of

PAGE = "/admin/category/delete?pks=1"
DELETE = "/admin/category/delete"


@pytest.fixture(autouse=True)
def stocked(database: Database) -> None:
    """Twenty-four items: twelve each of Bolts and of Nuts."""
    add_items(database, 24, ["Bolts", "Nuts"])


def asked(browser: Browser, path: str = PAGE) -> dict[str, str]:
    """What the page's form posts unseen."""
    page = browser.get(path)
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    pks = re.search(r'name="pks" value="([^"]*)"', page.text)
    assert seen, text_of(page)
    assert pks
    return {"pks": html.unescape(pks[1]), "seen": html.unescape(seen[1])}


def focused(page: Response) -> str:
    """The id, or else the tag, of the one element that has the focus."""
    (tag,) = re.findall(r"<[^>]* autofocus[^>]*>", page.text)
    found = re.search(r'id="([^"]+)"', tag)
    return found[1] if found else tag


def test_it_names_five_records_and_counts_the_others(ada: Browser) -> None:
    page = ada.get(PAGE)
    said = text_of(page)
    assert "This will be deleted: Bolts" in said
    assert "It contains 12 items: Item 0000 Item 0002 Item 0004 Item 0006 Item 0008" in said
    assert "Item 0010" not in said
    assert "and 7 more" in said
    assert "What should happen to its 12 items?" in said
    assert "Move the items to another category" in said
    assert "Delete all 12 items as well" in said
    assert focused(page).startswith("<a")  # Cancel


def test_of_many_that_are_selected_the_others_can_be_unfolded(ada: Browser) -> None:
    page = ada.get(f"/admin/item/delete?pks={','.join(map(str, range(1, 25)))}")
    assert "These 24 items will be deleted:" in text_of(page)
    first, others = page.text.split("<summary>")
    assert re.findall(r">(Item \d+)</a>", first) == [f"Item {n:04}" for n in range(5)]
    assert "and 19 more</summary>" in others
    assert len(re.findall(r">(Item \d+)</a>", others)) == 19


def test_without_a_choice_nothing_is_deleted_and_the_focus_is_on_the_choice(
    ada: Browser, database: Database
) -> None:
    hidden = asked(ada)
    refused = ada.post(DELETE, {**hidden, "confirm": "12"})
    assert refused.status_code == 422
    assert "Nothing was deleted. Choose what should happen to the 12 items." in text_of(refused)
    assert focused(refused) == "below-move"
    assert 'value="12"' in refused.text, "what was typed is kept"
    assert count(database, Category) == 2


@pytest.mark.parametrize(
    ("posted", "sentence", "focus"),
    [
        (
            {"below": "delete", "confirm": "120"},
            "Nothing was deleted. Type 12 to delete the items as well.",
            "confirm",
        ),
        (
            {"below": "move"},
            "Nothing was deleted. Choose the category to move the items to.",
            "below-to",
        ),
    ],
)
def test_half_a_choice_is_refused_at_what_is_missing(
    ada: Browser, database: Database, posted: dict[str, str], sentence: str, focus: str
) -> None:
    refused = ada.post(DELETE, {**asked(ada), **posted})
    assert refused.status_code == 422
    assert sentence in text_of(refused)
    assert focused(refused) == focus
    way = f'value="{posted["below"]}" checked'
    assert way in refused.text, "the way stays chosen"
    assert count(database, Category) == 2


def test_a_category_that_is_chosen_without_a_script_means_to_move(
    ada: Browser, database: Database
) -> None:
    assert ada.post(DELETE, {**asked(ada), "move_to": "2"}).status_code == 303
    assert "12 items moved to “Nuts”." in text_of(ada.get("/admin/category/list"))
    assert (count(database, Category), count(database, Item)) == (1, 24)


def test_a_way_that_was_chosen_is_not_changed_by_a_category(
    ada: Browser, database: Database
) -> None:
    posted = {**asked(ada), "below": "delete", "move_to": "2", "confirm": " 12 "}
    assert ada.post(DELETE, posted).status_code == 303
    said = text_of(ada.get("/admin/category/list"))
    assert "Category “Bolts” was deleted, and 12 items with it." in said
    assert (count(database, Category), count(database, Item)) == (1, 12)


def test_a_way_that_is_closed_is_said_before_the_choice(ada: Browser, database: Database) -> None:
    ada.get("/admin/role/create")
    allowed = ["category:list", "category:delete", "item:list", "item:edit"]
    assert ada.post("/admin/role/create", {"name": "Clerk", "grants": allowed}).status_code == 303
    add_user(database, "ben@example.com", role="Clerk")
    page = signed_in(ada.client.app, "ben@example.com").get(PAGE)
    assert "You don't have permission to delete items, and 12 would be deleted" in text_of(page)
    way = re.search(r'<input type="radio" id="below-delete"[^>]*>', page.text)
    assert way
    assert " disabled " in way[0]
    assert 'id="below-move" class="form-check-input" name="below"' in page.text


def test_the_last_category_has_nowhere_to_move_its_items(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Category, 2))
    page = ada.get(PAGE)
    assert "There is no other category." in text_of(page)
    refused = ada.post(DELETE, asked(ada))
    assert focused(refused) == "below-delete"


def test_an_own_account_is_refused_at_once_and_the_other_one_can_be_deleted(
    ada: Browser, database: Database
) -> None:
    with unit_of_work(database) as session:
        own = session.scalars(select(User.id).where(User.email == "ada@example.com")).one()
    other = add_user(database, "bess@example.com")
    page = ada.get(f"/admin/user/delete?pks={own},{other}")
    assert "You can't delete your own account. Ask another superuser to do it." in text_of(page)
    assert ">Delete</button>" not in page.text
    (link,) = re.findall(r'href="([^"]+)"[^>]*>Delete the other user<', page.text)
    assert "Delete “" in text_of(ada.get(html.unescape(link)))
    assert f"/admin/user/delete?pks={own}" not in ada.get(f"/admin/user/details/{own}").text


def test_the_page_of_a_deleted_record_says_who_deleted_it_and_leads_to_its_history(
    ada: Browser, vera: Browser
) -> None:
    ada.post("/admin/item/delete", {"pks": "3", "save": "delete"})
    for screen in ("details", "edit"):
        page = ada.get(f"/admin/item/{screen}/3")
        assert page.status_code == 404
        told = text_of(page)
        assert "This item was deleted Ada Tester deleted this item just now." in told
        assert "Its history is kept." in told
        assert 'href="/admin/item/history/3"' in page.text
    assert "Restore" in text_of(ada.get("/admin/item/history/3"))
    never = text_of(ada.get("/admin/item/details/999"))
    assert "This item doesn't exist. It may have been deleted." in never
