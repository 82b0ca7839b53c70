"""Working in a list: sorting, paging, ticking, filtering, and all of it from the keyboard."""

import re

from playwright.sync_api import Locator, Page, expect

from backoffice.models import Item
from tests.browser.acts import (
    button,
    expect_first,
    facet,
    focused,
    heading,
    names,
    open_user_menu,
    press,
    row,
)
from tests.browser.site import Site
from tests.cast import count

FIRST, SECOND = "Item 0000", "Item 0001"


def into_the_rows(page: Page) -> None:
    """From the search, which has the focus once the page is there, to the first row."""
    page.wait_for_load_state()
    expect(page.get_by_label("Search items")).to_be_focused()
    page.keyboard.press("ArrowDown")


def test_a_heading_sorts_and_sorts_the_other_way_round(items: Page) -> None:
    price = items.get_by_role("columnheader", name="Price")
    expect(price).not_to_have_attribute("aria-sort", re.compile("."))

    heading(items, "Price").click()
    expect(price).to_have_attribute("aria-sort", "ascending")
    expect_first(items, FIRST, SECOND)

    heading(items, "Price").click()
    expect(price).to_have_attribute("aria-sort", "descending")
    expect_first(items, "Item 0119", "Item 0118")

    heading(items, "Category").click()
    expect(price).not_to_have_attribute("aria-sort", re.compile("."))
    expect_first(items, "Item 0000", "Item 0003")


def test_shift_and_a_click_sort_by_one_column_within_another(items: Page) -> None:
    def sorted_by(name: str) -> Locator:
        return items.get_by_role("columnheader", name=name)

    heading(items, "Category").click()
    expect_first(items, "Item 0000", "Item 0003")
    heading(items, "Price").click(modifiers=["Shift"])
    expect(sorted_by("Category")).to_have_attribute("aria-sort", "ascending")
    expect(sorted_by("Category").locator(".place")).to_have_text("1")
    expect(sorted_by("Price").locator(".place")).to_have_text("2")
    expect_first(items, "Item 0000", "Item 0003")

    heading(items, "Price").focus()
    items.keyboard.press("Shift+Enter")
    expect(sorted_by("Price")).to_have_attribute("aria-sort", "descending")
    expect_first(items, "Item 0117", "Item 0114")

    # The order holds over the pages, and a plain click leaves one column.
    items.get_by_role("link", name="Next").click()
    expect_first(items, "Item 0088", "Item 0085")
    heading(items, "Price").click()
    expect(sorted_by("Category")).not_to_have_attribute("aria-sort", re.compile("."))
    expect(items.locator(".place")).to_have_count(0)


def test_pages_lead_on_and_back_and_to_both_ends(items: Page) -> None:
    pages = items.get_by_role("navigation", name="Pages")

    def go(to: str, first: str) -> None:
        pages.get_by_role("link", name=to).click()
        expect(items.locator("tbody tr").first).to_contain_text(first)

    expect(names(items)).to_have_count(50)
    expect(pages.get_by_role("link", name="Previous")).to_have_count(0)
    go("Next", "Item 0050")
    go("Next", "Item 0100")
    expect(pages.get_by_role("link", name="Next")).to_have_count(0)
    expect(names(items)).to_have_count(20)
    go("Previous", "Item 0050")
    go("First page", FIRST)
    go("Last page", "Item 0070")
    expect(row(items, "Item 0119")).to_be_visible()
    go("First page", FIRST)


def test_more_rows_a_page_are_chosen_at_the_foot(items: Page) -> None:
    rows = items.get_by_label("Rows")
    rows.focus()
    rows.select_option("200")
    button(items, "Apply").last.click()
    expect(items.locator("tbody tr")).to_have_count(120)
    expect(items.get_by_role("navigation", name="Pages")).to_have_count(0)


def test_ticked_rows_are_deleted_together_after_a_page_that_names_them(
    site: Site, items: Page
) -> None:
    items.get_by_label("Select Item 0003").check()
    items.get_by_label("Select Item 0006").click(modifiers=["Shift"])
    expect(items.get_by_text("4 selected")).to_be_visible()
    items.get_by_label("Select Item 0004").uncheck()
    expect(items.get_by_text("3 selected")).to_be_visible()

    button(items, "Delete selected").click()
    expect(items.get_by_role("heading", level=1)).to_have_text("Delete 3 items?")
    expect(items.locator(".doomed-records li")).to_have_text(
        ["Item 0003", "Item 0005", "Item 0006"]
    )
    assert count(site.database, Item) == 120

    assert press(items, "Delete") == 303
    expect(items.get_by_text("3 items deleted.")).to_be_visible()
    assert count(site.database, Item) == 117
    expect_first(items, FIRST, SECOND, "Item 0002", "Item 0004", "Item 0007")


def test_all_rows_of_a_page_are_ticked_and_let_go_at_once(items: Page) -> None:
    every = items.get_by_label("Select all on this page")
    every.check()
    expect(items.get_by_text("50 selected")).to_be_visible()
    items.get_by_label("Select Item 0004").uncheck()
    expect(items.get_by_text("49 selected")).to_be_visible()
    assert every.evaluate("box => box.indeterminate")
    button(items, "Clear").click()
    expect(items.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_a_row_is_found_and_opened_without_a_mouse(items: Page) -> None:
    expect(items.get_by_label("Search items")).to_be_focused()
    items.keyboard.type("item 11")
    items.keyboard.press("Enter")
    expect(items.locator("tbody tr")).to_have_count(11)

    into_the_rows(items)
    expect(focused(items)).to_have_text("Item 0011")
    items.keyboard.press("j")
    items.keyboard.press("j")
    expect(focused(items)).to_have_text("Item 0111")
    items.keyboard.press("k")
    expect(focused(items)).to_have_text("Item 0110")
    items.keyboard.press("x")
    expect(items.get_by_label("Select Item 0110")).to_be_checked()
    items.keyboard.press("/")
    into_the_rows(items)
    items.keyboard.press("j")
    items.keyboard.press("Enter")
    expect(items.get_by_role("heading", level=1)).to_have_text("Item 0110")

    # Enter saves, and one is back where one was.
    expect(items.get_by_label("Name")).to_be_focused()
    items.keyboard.press("Enter")
    expect(items.get_by_text("Nothing changed in item “Item 0110”.")).to_be_visible()
    expect(items.get_by_label("Search items")).to_have_value("item 11")


def test_escape_leads_out_of_the_search_also_where_nothing_is_found(items: Page) -> None:
    items.keyboard.type("no such thing")
    items.keyboard.press("Enter")
    expect(items.get_by_role("heading", name="No items match")).to_be_visible()
    items.keyboard.press("ArrowDown")
    search = items.get_by_label("Search items")
    expect(search).to_be_focused()
    items.keyboard.press("Escape")
    expect(search).not_to_be_focused()
    items.keyboard.press("a")
    expect(items.get_by_role("heading", level=1)).to_have_text("Add item")


def test_what_is_as_usual_does_not_stand_in_the_address(items: Page) -> None:
    items.get_by_label("Search items").press("Enter")
    expect(items).to_have_url(re.compile(r"/admin/item/list\??$"))


def test_pages_are_turned_and_records_added_without_a_mouse(items: Page) -> None:
    into_the_rows(items)
    items.keyboard.press("l")
    expect(row(items, "Item 0050")).to_be_visible()
    into_the_rows(items)
    items.keyboard.press("h")
    expect(row(items, FIRST)).to_be_visible()
    into_the_rows(items)
    items.keyboard.press("?")
    expect(items.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    items.keyboard.press("Escape")
    expect(items.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    items.keyboard.press("a")
    expect(items.get_by_role("heading", level=1)).to_have_text("Add item")


def test_keys_type_where_one_types_and_can_be_switched_off(items: Page) -> None:
    expect(items.get_by_label("Search items")).to_be_focused()
    items.keyboard.type("/jkxa?")
    expect(items.get_by_label("Search items")).to_have_value("/jkxa?")
    open_user_menu(items)
    button(items, "Keyboard shortcuts").click()
    items.get_by_label("Use single-key shortcuts").uncheck()
    items.keyboard.press("Escape")
    items.goto("/admin/item/list")
    into_the_rows(items)
    items.keyboard.press("j")
    expect(focused(items)).to_have_text(FIRST)


def test_a_click_anywhere_on_a_row_opens_it(items: Page) -> None:
    row(items, "Item 0007").get_by_text("Description of item 7").click()
    expect(items.get_by_role("heading", level=1)).to_have_text("Item 0007")


def test_a_search_that_finds_nothing_leads_back_to_all(items: Page) -> None:
    items.get_by_label("Search items").fill("zzz")
    items.keyboard.press("Enter")
    expect(items.get_by_role("heading", name="No items match")).to_be_visible()
    expect(facet(items, "Category")).to_be_visible()
    items.get_by_role("link", name="Show all items").click()
    expect(items.get_by_text("120 items", exact=True)).to_be_visible()


def test_rows_a_page_are_kept_while_nothing_is_found(items: Page) -> None:
    items.goto("/admin/item/list?pageSize=25&search=zzz")
    items.get_by_label("Search items").fill("item")
    items.keyboard.press("Enter")
    expect(names(items)).to_have_count(25)


def test_what_all_items_add_up_to_stands_at_the_foot(items: Page) -> None:
    totals = items.locator(".totals")
    expect(totals).to_have_text(re.compile(r"Totals of 120 items:\s*Quantity 7,140\s*Stock value"))
    items.goto("/admin/item/list?search=item 000")
    expect(totals).to_have_text(re.compile(r"Totals of 10 items:\s*Quantity 45"))
    items.get_by_label("Select Item 0003").check()
    expect(totals).to_be_hidden()
