"""Saved views on the list: tabs, which of them is shown, and whether it still says what it said."""

import html
import re
from dataclasses import dataclass

import pytest
from httpx2 import Response

from backoffice.admin.saved_views.store import VIEW_GONE
from backoffice.db import Database
from tests.admin.saved_views.acts import LIST, act, kept, role, save
from tests.cast import Browser, add_items, statements, text_of

pytestmark = pytest.mark.databases("sqlite")

SAVE_CHANGES = "Save changes"


@dataclass(frozen=True)
class Tab:
    text: str
    href: str
    current: bool
    changed: bool


def tabs(page: Response) -> list[Tab]:
    """The list's saved views."""
    inside = page.text.partition('aria-label="Saved views"')[2].partition("</nav>")[0]
    return [
        Tab(
            html.unescape(re.sub("<.*", "", text)),
            html.unescape(href),
            "aria-current" in rest,
            "view-changed" in text,
        )
        for href, rest, text in re.findall(r'<a href="([^"]*)"([^>]*)>(.*?)</a>', inside)
    ]


def shown(page: Response) -> list[str]:
    """The names in the list's first column."""
    return re.findall(r'class="cell-name"[^>]*>\s*(?:<a[^>]*>)?([^<]+)', page.text)


def headings(page: Response) -> list[str]:
    """The list's columns."""
    head = page.text.partition("<thead>")[2].partition("</thead>")[0]
    return [
        re.sub(r"<[^>]+>", " ", one).split()[0]
        for one in re.findall(r'<th scope="col" data-column=.*?</th>', head, re.DOTALL)
    ]


def current(page: Response) -> Tab:
    (one,) = (tab for tab in tabs(page) if tab.current)
    return one


@pytest.fixture(autouse=True)
def _items(database: Database) -> None:
    add_items(database, 12, ("Bolts", "Nuts"))


def test_without_views_there_are_no_tabs(ed: Browser) -> None:
    assert tabs(ed.get(LIST)) == []
    assert "Save view" in text_of(ed.get(f"{LIST}?search=0011"))


def test_a_view_is_a_tab_that_shows_what_it_says(ed: Browser, database: Database) -> None:
    save(ed, "Last", "search=001&sort=-name")
    number = kept(database, "Last").id
    page = ed.get(LIST)
    href = f"{LIST}?search=001&sort=-name&view={number}"
    assert tabs(page) == [
        Tab("All", f"{LIST}?view=all", current=True, changed=False),
        Tab("Last", href, current=False, changed=False),
    ]
    opened = ed.get(href)
    assert current(opened) == Tab("Last", href, current=True, changed=False)
    assert shown(opened) == ["Item 0011", "Item 0010", "Item 0001"]
    assert SAVE_CHANGES not in text_of(opened)


def test_ones_own_come_first_each_by_name(ed: Browser, bob: Browser, database: Database) -> None:
    for name in ("nuts", "Bolts"):
        save(ed, name)
    for name in ("Aardvarks", "zebras"):
        save(bob, name, share=role(database))
    assert [tab.text for tab in tabs(ed.get(LIST))] == [
        "All",
        "Bolts",
        "nuts",
        "Aardvarks",
        "zebras",
    ]


def test_what_differs_is_marked_and_can_be_saved(ed: Browser, database: Database) -> None:
    save(ed, "Bolts", "category=1&category=2&sort=-price")
    number = kept(database, "Bolts").id
    same = ed.get(f"{LIST}?category=2&sort=-price&category=1&pageSize=50&view={number}")
    assert not current(same).changed
    other = ed.get(f"{LIST}?category=2&sort=-price&view={number}")
    assert current(other).changed
    assert SAVE_CHANGES in text_of(other)
    assert f'action="/admin/item/views/{number}"' in other.text
    assert 'name="query" value="category=2&amp;sort=-price"' in other.text
    act(ed, number, query="category=2&sort=-price")
    assert not current(ed.get(f"{LIST}?category=2&sort=-price&view={number}")).changed


def test_what_others_share_changes_for_nobody_else(
    ed: Browser, bob: Browser, database: Database
) -> None:
    save(ed, "Ours", share=role(database))
    page = bob.get(f"{LIST}?search=other&view={kept(database, 'Ours').id}")
    assert current(page).changed
    assert SAVE_CHANGES not in text_of(page)
    assert "Save view" in text_of(page)


def test_the_default_opens_the_plain_list_and_all_shows_everything(
    ed: Browser, database: Database
) -> None:
    save(ed, "Last", "search=001", default="yes")
    opened = ed.get(LIST)
    assert current(opened).text == "Last"
    assert not current(opened).changed
    assert len(shown(opened)) == 3
    everything = ed.get(f"{LIST}?view=all")
    assert current(everything).text == "All"
    assert len(shown(everything)) == 12
    act(ed, kept(database, "Last").id, do="delete")
    assert len(shown(ed.get(LIST))) == 12


def test_a_view_that_is_gone_is_told_and_the_rest_of_the_address_holds(ed: Browser) -> None:
    page = ed.get(f"{LIST}?search=0011&view=77")
    assert VIEW_GONE in text_of(page)
    assert shown(page) == ["Item 0011"]


def test_columns_of_a_view_go_before_ones_own_and_ones_own_are_saved_with_it(
    ed: Browser, bob: Browser, database: Database
) -> None:
    ed.post("/admin/item/arrange", {"columns": ["name", "quantity"], "density": "compact"})
    assert headings(ed.get(LIST)) == ["Name", "Quantity"]
    page = ed.get(f"{LIST}?search=item")
    assert 'name="query" value="search=item&amp;columns=name%2Cquantity"' in page.text
    save(ed, "Counts", "columns=name,quantity", share=role(database))
    save(bob, "As it comes", "search=item")
    bob.post("/admin/item/arrange", {"columns": ["name", "price"], "density": "compact"})
    assert headings(bob.get(LIST)) == ["Name", "Price"]
    number = kept(database, "Counts").id
    assert headings(bob.get(f"{LIST}?columns=name%2Cquantity&view={number}")) == [
        "Name",
        "Quantity",
    ]
    plain = bob.get(f"{LIST}?search=item&view={kept(database, 'As it comes').id}")
    assert headings(plain) == ["Name", "Price"]
    assert not current(plain).changed


def test_views_cost_a_list_one_statement_however_many_there_are(
    ed: Browser, bob: Browser, database: Database
) -> None:
    def cost() -> list[str]:
        ed.get(LIST)
        with statements(database) as seen:
            ed.get(LIST)
        return seen

    none = cost()
    for number in range(4):
        save(ed, f"Mine {number}")
        save(bob, f"Theirs {number}", share=role(database))
    many = cost()
    assert len(many) == len(none)
    assert sum("saved_views" in statement for statement in many) == 1


def test_the_page_of_views_says_what_they_say(ed: Browser, database: Database) -> None:
    save(ed, "A", "search=price>3&category=1&category=2&sort=-price,name&columns=name,price")
    save(ed, "B", "price_from=2&is=low&category=" + "&category=".join(map(str, range(1, 9))))
    save(ed, "C", "")
    page = text_of(ed.get("/admin/item/views"))
    assert (
        "Search “price>3” · Category: Bolts, Nuts · "
        "Sorted by Price, highest first, then Name, A to Z · Columns: Name, Price"
    ) in page
    assert "Category: Bolts, Nuts, #3, #4, 4 more" in page
    assert "from 2" in page
    assert "All items" in page


def test_telling_costs_the_same_statements_for_one_view_as_for_many(
    ed: Browser, database: Database
) -> None:
    def cost() -> int:
        ed.get("/admin/item/views")
        with statements(database) as seen:
            ed.get("/admin/item/views")
        return len(seen)

    save(ed, "A", "category=1")
    one = cost()
    for number in range(5):
        save(ed, f"B{number}", f"category={number}&search=x")
    assert cost() == one


@pytest.mark.databases("sqlite", "postgresql", "mariadb")
def test_a_superuser_shares_with_any_role_and_changes_what_is_shared(
    ed: Browser, ada: Browser, database: Database
) -> None:
    page = ada.get(f"{LIST}?search=001").text
    offered = re.findall(r'<option value="(\d+)">Everyone with the role ([^<]*)<', page)
    assert (role(database), "Editor") in offered, "though she has no role herself"
    save(ada, "From above", "search=001", share=role(database))
    assert "From above" in [tab.text for tab in tabs(ed.get(LIST))]

    save(ed, "Ours", share=role(database))
    save(ed, "Private")
    ours, private = kept(database, "Ours").id, kept(database, "Private").id
    assert "Ours" not in [tab.text for tab in tabs(ada.get(LIST))], "it is not a tab of hers"
    opened = ada.get(f"{LIST}?search=bolt&view={ours}")
    assert current(opened).text == "Ours"
    assert SAVE_CHANGES not in text_of(opened)
    changed = ada.get(f"{LIST}?search=nut&view={ours}")
    assert current(changed).changed
    assert SAVE_CHANGES in text_of(changed)
    assert f'action="/admin/item/views/{ours}"' in changed.text
    act(ada, ours, query="search=nut")
    assert kept(database, "Ours").query == "search=nut"
    assert kept(database, "Ours").owner_id == kept(database, "Private").owner_id

    for browser in (ada, ed):
        closed = browser.get(f"{LIST}?search=x&view={private}")
        assert (SAVE_CHANGES in text_of(closed)) == (browser is ed)
    assert VIEW_GONE in text_of(ada.get(f"{LIST}?view={private}"))


def test_the_roles_of_a_superuser_cost_no_statement_more(
    ed: Browser, ada: Browser, database: Database
) -> None:
    numbers = []
    for browser in (ed, ada):
        browser.get(LIST)
        with statements(database) as seen:
            browser.get(LIST)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]
