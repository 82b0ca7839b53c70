"""Undo where one has just saved: by its button, by its key, and without scripts."""

import pytest
from playwright.sync_api import expect

from backoffice.models import Item
from tests.admin.acting.steps import values
from tests.browser.acts import press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

LIST = "/admin/item/list?search=Item"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_notice_undoes_and_redoes_and_the_list_stays(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_items(site.database, 3)
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto(LIST)
    page.goto("/admin/item/edit/2?next=%2Fadmin%2Fitem%2Flist%3Fsearch%3DItem")
    page.get_by_label("Quantity").fill("77")
    assert press(page, "Save") == 303

    if scripts:
        with page.expect_navigation():
            page.keyboard.press("Alt+KeyZ")
    else:
        assert press(page, "Undo") == 303
    expect(page.get_by_text("“Item 0001” was changed back.")).to_be_visible()
    expect(page).to_have_url(f"{page.url.partition('/admin')[0]}{LIST}")
    assert values(site.database, Item.quantity)[1] == 1

    assert press(page, "Redo") == 303
    assert values(site.database, Item.quantity)[1] == 77
