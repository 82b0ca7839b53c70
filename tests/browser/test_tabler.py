"""Pages look the same with what they use of Tabler's stylesheet as with the whole of it."""

import pytest
from playwright.sync_api import Page

from backoffice.admin.pages.rendering import TABLER, TABLER_USED, TABLER_WHOLE
from tests.browser.acts import sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

SCREENS = (
    "/admin/item/list?category=1&counts=shown&search=item+price>0",
    "/admin/item/details/1",
    "/admin/item/create",
    "/admin/category/delete?pks=1",
    "/admin/role/edit/1",
    "/admin/changeset/details/1",
)
MORE = (
    "/admin/",
    "/admin/item/edit/1",
    "/admin/user/create",
    "/admin/role/details/1",
    "/admin/changeset/list",
    "/admin/item/history/1",
    "/admin/item/views",
    "/admin/item/edit/999",
)

STYLES = """async () => {
  await Promise.all(document.getAnimations().map((moving) => moving.finished));
  const found = {};
  const named = (element) => `${element.tagName}.${[...element.classList].join(".")}`;
  for (const element of document.querySelectorAll("body, body *")) {
    if (element.closest("svg") && element.tagName !== "svg") continue;
    const name = `${named(element.parentElement)} > ${named(element)}`;
    if (name in found) continue;  // a list's rows look alike
    for (const part of ["", "::before", "::after", "::placeholder"]) {
      const style = getComputedStyle(element, part || null);
      if (part && style.content === "none") continue;
      found[name + part] = Array.from(style)
        .filter((property) => !property.startsWith("--"))
        .map((property) => `${property}: ${style.getPropertyValue(property)}`)
        .join("\\n");
    }
  }
  return found;
}"""

SWAP = """([from, to]) => new Promise((done) => {
  const link = document.querySelector(`link[href="${from}"]`);
  link.addEventListener("load", () => done());
  link.href = to;
})"""


def differences(page: Page) -> list[str]:
    """What would look different with the whole stylesheet: elements, and a line of their styles."""
    few = page.evaluate(STYLES)
    page.evaluate(SWAP, [TABLER.href(TABLER_USED), TABLER.href(TABLER_WHOLE)])
    whole = page.evaluate(STYLES)
    assert few.keys() == whole.keys()
    return [
        f"{name}: {ours}, whole {theirs}"
        for name in few
        if few[name] != whole[name]
        for ours, theirs in zip(few[name].split("\n"), whole[name].split("\n"), strict=True)
        if ours != theirs
    ][:20]


@pytest.mark.parametrize(
    ("width", "colours", "screens"),
    [
        (1280, "light", SCREENS),
        pytest.param(390, "dark", (*SCREENS, *MORE), marks=pytest.mark.thorough),
    ],
)
def test_every_screen_looks_as_with_the_whole_stylesheet(
    site: Site, open_browser: OpenBrowser, width: int, colours: str, screens: tuple[str, ...]
) -> None:
    add_items(site.database, 12, ["Bolts", "Nuts"])
    page = open_browser(width=width, colours=colours)
    page.emulate_media(reduced_motion="reduce")
    page.goto("/admin/login")
    found = differences(page)
    assert not found, ("sign-in", found)
    sign_in(page, "ada@example.com")
    for address in screens:
        page.goto(address)
        found = differences(page)
        assert not found, (address, found)
