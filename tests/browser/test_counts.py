"""A long list's counts come after its rows, into places kept free, and disturb nobody."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, Route, expect

from backoffice.history import unit_of_work
from backoffice.models import SignInSession
from tests.admin.lists.counted import fill
from tests.browser.acts import button, expect_first, facet, focused, names, sign_in
from tests.browser.chromium import Complaints
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site

LIST = "/admin/item/list"
COUNTS = re.compile("/admin/item/counts")
FILTERS = re.compile("^Filters")
SHELVES = [f"Shelf {number:02}" for number in range(1, 13)]
EIGHT = "&".join(f"category={number}" for number in range(1, 9))
"""400 of the items: without one of these shelves, there are still enough to be counted later."""

READ = """document.addEventListener("readystatechange", () =>
  requestAnimationFrame(() => requestAnimationFrame((time) => { window.pageShown ??= time; })))"""
"""Notes when a page was shown that had been read to its end. A busy browser paints a page in parts
while it arrives, and half a button more is a move to it; the frame after the last part is the first
that tells of it."""

MOVED = """() => new Promise((resolve) => {
  const moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.startTime < window.pageShown) continue;
      moved.push([entry.value, ...entry.sources.map((source) => String(source.node?.outerHTML))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(resolve, 100, moved));
})"""
"""What moved on the page since it was shown whole, and by how much."""


class Slow:
    """A browser whose requests for counts are on their way until ``go`` is called."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._routes: list[Route] = []
        page.add_init_script(READ)
        page.route(COUNTS, lambda route: self._routes.append(route))

    def open(self, address: str) -> None:
        self._routes.clear()
        with self.page.expect_request(COUNTS):
            self.page.goto(address)

    def request(self) -> Route:
        while not self._routes:
            self.page.wait_for_timeout(10)  # playwright hears of it only while it waits
        return self._routes.pop()

    def go(self) -> None:
        """Let the request through, and see that the page tells what came of it."""
        self.request().continue_()
        expect(told(self.page)).to_have_text("Counts are shown.")


def told(page: Page) -> Locator:
    """What somebody who does not see the page is told."""
    return page.locator("[role=status][data-counts]")


def link(page: Page) -> Locator:
    """The links to the page with its counts that can be seen."""
    return page.get_by_role("link", name="Show counts")


def totals(page: Page) -> Locator:
    return page.get_by_text("Stock value")


@pytest.fixture
def parts(site: Site) -> Site:
    """600 items on twelve shelves, fifty on each; twelve are out, 120 low."""
    fill(site.database, 600, SHELVES)
    return site


@pytest.fixture
def slow(parts: Site, ada: Page) -> Slow:
    """Ada's browser in a wide window."""
    return Slow(ada)


@pytest.fixture
def phone(parts: Site, open_browser: OpenBrowser) -> Slow:
    """Ada's telephone."""
    page = open_browser(width=390, height=844)
    sign_in(page)
    return Slow(page)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1000, 700), (390, 844)])
def test_rows_come_first_and_nothing_moves_when_the_counts_follow(
    parts: Site, open_browser: OpenBrowser, width: int, height: int
) -> None:
    page = open_browser(width=width, height=height)
    sign_in(page)
    slow = Slow(page)
    for query in ("", f"?{EIGHT}&search=part&sort=-quantity"):
        slow.open(LIST + query)
        expect(names(page)).to_have_count(50)
        expect(totals(page)).to_be_hidden()
        expect(link(page)).to_have_count(0)
        # The foot may be below what is seen, where the browser notes no move.
        height = page.locator(".foot").evaluate("foot => foot.offsetHeight")
        slow.go()
        expect(totals(page)).to_be_visible()
        expect(link(page)).to_have_count(0)
        assert page.evaluate(MOVED) == []
        assert page.locator(".foot").evaluate("foot => foot.offsetHeight") == height


def test_where_fewer_come_than_lines_were_kept_free_the_rest_stays_in_its_place(
    site: Site, ada: Page
) -> None:
    fill(site.database, 800, SHELVES[:2])
    slow = Slow(ada)
    category = facet(ada, "Category")
    for query in ("", "?category=1", "?category=1&category=2"):
        slow.open(LIST + query)
        before = category.bounding_box()
        slow.go()
        expect(category.locator("label")).to_have_text(["Shelf 01 400", "Shelf 02 400"])
        assert category.bounding_box() == before
        assert ada.evaluate(MOVED) == []
        # Nobody scrolls through empty lines.
        hidden = "ticks => ticks.scrollHeight - ticks.clientHeight"
        assert category.locator(".facet-ticks").evaluate(hidden) == 0


def test_the_counts_are_those_of_a_page_that_has_them(slow: Slow) -> None:
    page = slow.page

    def said() -> list[list[str]]:
        places = (".facet legend", ".facet .tick-line", ".facet-bounds", ".totals")
        texts = [page.locator(place).all_inner_texts() for place in places]
        return [[text for text in found if text.strip()] for found in texts]

    for query in ("?", f"?{EIGHT}"):
        slow.open(LIST + query)
        before = said()
        slow.go()
        later = said()
        page.goto(f"{LIST}{query}&counts=shown")
        assert sorted(later[1]) == sorted(said()[1])
        assert [later[0], *later[2:]] == [said()[0], *said()[2:]]
        assert later != before


def test_what_was_done_before_the_counts_came_stays(phone: Slow) -> None:
    page = phone.page
    phone.open(LIST)
    button(page, FILTERS).click()
    facet(page, "Stock").get_by_label("Low").check()
    # One of those that will be offered, found by typing before that.
    category = facet(page, "Category")
    category.get_by_role("combobox").fill("shelf 03")
    category.get_by_role("option").click()
    facet(page, "Price").get_by_label("Price from").fill("1")
    panel = page.locator("#facets")
    panel.evaluate("panel => panel.scrollTo(0, 40)")

    phone.go()

    assert panel.evaluate("panel => panel.scrollTop") == 40
    expect(facet(page, "Price").get_by_label("Price from")).to_be_focused()
    expect(facet(page, "Price").get_by_label("Price from")).to_have_value("1")
    expect(facet(page, "Stock").get_by_label("Low (1 to 10) 120")).to_be_checked()
    expect(category.get_by_label("Shelf 03 50")).to_be_checked()
    expect(category.get_by_label("Shelf 01 50")).not_to_be_checked()
    expect(category.get_by_role("checkbox", checked=True)).to_have_count(1)
    panel.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"list\?is=low&category=3&price_from=1$"))
    expect(page.locator(".count")).to_have_text("10 items")


def test_words_that_are_being_typed_stay(slow: Slow) -> None:
    slow.open(LIST)
    slow.page.keyboard.type("part 59")
    slow.go()
    expect(slow.page.get_by_label("Search items")).to_be_focused()
    expect(slow.page.get_by_label("Search items")).to_have_value("part 59")


def test_a_tick_need_not_wait_for_the_counts(slow: Slow) -> None:
    slow.open(LIST)
    facet(slow.page, "Stock").get_by_label("Out").check()
    expect(slow.page.locator(".count")).to_have_text("12 items")
    expect(facet(slow.page, "Stock").get_by_label("Out 12")).to_be_focused()


def test_boxes_that_came_with_the_counts_apply_at_once(slow: Slow) -> None:
    slow.open(LIST)
    slow.go()
    facet(slow.page, "Category").get_by_label("Shelf 02 50").check()
    expect(slow.page.locator(".count")).to_have_text("50 items")


def test_the_focus_comes_back_to_a_box_that_comes_with_the_counts(slow: Slow) -> None:
    slow.open(f"{LIST}?{EIGHT}")
    slow.go()
    box = facet(slow.page, "Category").get_by_label("Shelf 05 50")
    box.focus()
    with slow.page.expect_request(COUNTS):
        slow.page.keyboard.press("Space")
    slow.page.wait_for_load_state()
    expect(box).to_have_count(0)
    expect(focused(slow.page)).to_have_attribute("name", "category")
    slow.go()
    expect(box).not_to_be_checked()
    expect(box).to_be_focused()


def test_a_request_that_fails_leaves_the_link(slow: Slow, complaints: Complaints) -> None:
    page = slow.page
    slow.open(LIST)
    slow.request().abort()
    expect(link(page)).to_be_visible()
    complaints.heard.clear()
    assert page.evaluate(MOVED) == []
    link(page).click()
    expect(page).to_have_url(re.compile(r"list\?counts=shown$"))
    expect(totals(page)).to_be_visible()
    expect(facet(page, "Category").get_by_label("Shelf 08 50")).to_be_visible()


def test_where_the_session_is_over_there_is_the_link_and_nothing_else(
    parts: Site, slow: Slow, complaints: Complaints
) -> None:
    page = slow.page
    slow.open(LIST)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with unit_of_work(parts.database, writes=True) as session:
        session.execute(sa.delete(SignInSession))
    slow.request().continue_()
    expect(link(page)).to_be_visible()
    assert not [url for url in asked if "login" in url]
    expect(told(page)).to_be_empty()
    complaints.heard.clear()
    link(page).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_counting_that_took_too_long_is_told_in_the_place_of_the_link(slow: Slow) -> None:
    page, sentence = slow.page, "Counting took longer than 5 seconds and was stopped."
    slow.open(LIST)
    slow.request().fulfill(
        content_type="text/html", body=f"<p data-status data-stopped>{sentence}</p>"
    )
    expect(told(page)).to_have_text(sentence)
    expect(page.locator("#facets").get_by_text(sentence)).to_be_visible()
    expect(link(page)).to_have_count(0)
    assert page.evaluate(MOVED) == []


def test_back_brings_the_counts_again(slow: Slow) -> None:
    page = slow.page
    slow.open(LIST)
    page.get_by_role("link", name="Part 0", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Part 0")
    page.unroute(COUNTS)
    page.go_back()
    expect(facet(page, "Category").get_by_label("Shelf 01 50")).to_be_visible()
    expect(totals(page)).to_be_visible()


def test_folded_filters_have_their_totals_all_the_same(slow: Slow) -> None:
    page = slow.page
    slow.open(LIST)
    with page.expect_response("**/arrange"):
        button(page, FILTERS).click()
    slow.open(LIST)
    expect(facet(page, "Category")).to_be_hidden()
    slow.go()
    expect(totals(page)).to_be_visible()
    assert page.evaluate(MOVED) == []


def test_without_scripts_a_link_shows_the_counts(parts: Site, open_browser: OpenBrowser) -> None:
    for width in (1280, 390):
        page = open_browser(scripts=False, width=width)
        sign_in(page)
        page.goto(f"{LIST}?sort=-price")
        expect_first(page, "Part 599")
        expect(link(page).first).to_be_visible()
        expect(totals(page)).to_be_hidden()
        link(page).first.click()
        expect(totals(page)).to_be_visible()
        expect(link(page)).to_have_count(0)
        expect_first(page, "Part 599")
        if width == 390:
            button(page, FILTERS).click()
        expect(facet(page, "Category").get_by_label("Shelf 01 50")).to_be_visible()
