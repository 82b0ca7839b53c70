"""A role's fields at a real browser, and what somebody with that role sees."""

import re
from urllib.parse import parse_qs

from playwright.sync_api import Request, expect

from backoffice.history import unit_of_work
from backoffice.models import Role
from tests.browser.acts import press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.browser.test_screens import RULES, violations_on
from tests.cast import add_items, add_role, add_user
from tests.views.test_role_fields import EDITOR


def test_a_role_loses_a_field_and_its_people_see_no_trace_of_it(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_items(site.database, 12)
    clerks = add_role(site.database, "Clerk", *EDITOR)
    add_user(site.database, "carl@example.com", role="Clerk")
    page = open_browser(scripts=scripts, width=390, height=844)
    sign_in(page)
    page.goto(f"/admin/role/edit/{clerks}")
    page.get_by_role("row", name="Items").get_by_role("link", name="all fields").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fields of items for Clerk")
    if scripts:
        assert violations_on(page, RULES["light"]) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    price = page.get_by_role("row", name="Price")
    price.get_by_label("No", exact=False).check()
    if not scripts:  # a script does it when somebody chooses a field
        page.get_by_label("Only those chosen below").check()
    expect(page.get_by_label("Only those chosen below")).to_be_checked()
    assert press(page, "Save") == 303

    posted = parse_qs(sent[0].post_data or "", keep_blank_values=True)
    fields = [name for name in posted if name.startswith("field.")]
    assert fields == ["field.price"] if scripts else len(fields) == 5
    expect(page.get_by_role("link", name="4 of 5 fields")).to_be_visible()
    with unit_of_work(site.database) as session:
        tokens = {str(grant) for grant in session.get_one(Role, clerks).grants}
    assert not any("price" in token for token in tokens)

    carl = open_browser(scripts=scripts)
    sign_in(carl, "carl@example.com")
    carl.goto("/admin/item/list")
    assert "–" in row(carl, "Item 0003").inner_text()
    expect(carl.get_by_role("link", name=re.compile("^Price"))).to_have_count(0)
    row(carl, "Item 0003").get_by_role("link", name="Item 0003").click()
    expect(carl.get_by_text("you don't have permission to see it")).to_be_visible()
    carl.get_by_label("Quantity").fill("+5")
    assert press(carl, "Save") == 303
    expect(carl.get_by_text("Item “Item 0003” was saved.")).to_be_visible()
