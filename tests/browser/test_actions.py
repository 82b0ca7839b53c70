"""An action from the ticked rows of a list to its undo."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backoffice.models import Item
from backoffice.web.app import create_app
from examples.actions.views import WITH_ACTIONS
from tests import databases, shared
from tests.admin.acting.steps import values
from tests.browser.acts import focused, press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site, served
from tests.cast import add_items, add_user


@pytest.fixture
def site(sqlite_folder: Path) -> Iterator[Site]:
    """A back office whose items have the actions of the examples, and twelve items."""
    with databases.migrated_database("sqlite", sqlite_folder) as url:
        settings = databases.make_settings(url)
        with shared.opened(settings) as database:
            add_user(database, "ada@example.com", superuser=True)
            add_items(database, 12)
            with served(create_app(settings, database, views=WITH_ACTIONS)) as address:
                yield Site(address, database)


@pytest.fixture
def page(site: Site, open_browser: OpenBrowser, scripts: bool) -> Page:
    """Ada's browser; with scripts and without."""
    page = open_browser(scripts=scripts)
    sign_in(page)
    return page


def test_ticked_rows_are_restocked_after_a_preview_and_set_back_by_one_undo(
    site: Site, page: Page
) -> None:
    page.goto("/admin/item/list")
    for name in ("Item 0001", "Item 0002", "Item 0009"):
        row(page, name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Restock").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Restock 3 items?")
    expect(focused(page)).to_have_attribute("name", "level")
    assert press(page, "Preview") == 422
    expect(page.get_by_text("Enter the level.")).to_be_visible()
    page.get_by_label("Level").fill("5")
    assert press(page, "Preview") == 200
    outlook = page.get_by_role("region", name="What will happen")
    expect(outlook.get_by_role("listitem")).to_have_count(3)
    expect(outlook).to_contain_text("1 stays as it is: it has 5 or more.")
    expect(outlook).to_contain_text("Item 0002")
    expect(focused(page)).to_have_text("Restock 3 items")
    assert values(site.database, Item.quantity)[:3] == [0, 1, 2]

    assert press(page, "Restock 3 items") == 303
    expect(page.get_by_text("2 items were restocked to 5.")).to_be_visible()
    assert values(site.database, Item.quantity)[:4] == [0, 5, 5, 3]
    assert press(page, "Undo") == 303
    expect(page.get_by_text("2 items changed back.")).to_be_visible()
    assert values(site.database, Item.quantity)[:4] == [0, 1, 2, 3]


def test_enter_in_the_form_previews_and_does_not_act(site: Site, page: Page) -> None:
    page.goto("/admin/item/action/restock?pks=1,2")
    page.get_by_label("Level").fill("5")
    with page.expect_event("load"):
        page.get_by_label("Level").press("Enter")
    expect(page.get_by_role("region", name="What will happen")).to_be_visible()
    assert values(site.database, Item.quantity)[:2] == [0, 1]


def test_a_record_is_discontinued_from_its_page(site: Site, page: Page) -> None:
    page.goto("/admin/item/list?search=0007")
    page.get_by_role("link", name="Item 0007").click()
    page.get_by_role("link", name="Discontinue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Discontinue “Item 0007”?")
    page.get_by_label("Reason").fill("No longer made")
    assert press(page, "Discontinue") == 303
    expect(page.get_by_text("1 item was discontinued.")).to_be_visible()
    expect(page).to_have_url(
        f"{site.address}/admin/item/edit/8?next=%2Fadmin%2Fitem%2Flist%3Fsearch%3D0007"
    )
    assert values(site.database, Item.quantity)[7] == 0


def test_the_buttons_of_a_telephone_fit_its_width(open_browser: OpenBrowser, site: Site) -> None:
    page = open_browser(width=390, height=844)
    sign_in(page)
    page.goto("/admin/item/list")
    page.get_by_role("checkbox").first.check()
    bar = page.locator("#bulk")
    expect(bar.get_by_role("button", name="Restock")).to_be_visible()
    for button in bar.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
