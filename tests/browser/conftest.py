"""People at real browsers. Each test has records of its own, and no page may complain."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import databases, shared
from tests.browser.acts import row, sign_in
from tests.browser.chromium import PATH_VARIABLE, Complaints, Started, find_chromium
from tests.browser.site import Site, served
from tests.cast import add_items, add_user

HERE = Path(__file__).parent
PATIENCE = 10_000
"""Milliseconds that a page may take on a busy machine; nobody waits longer than it needs."""

OpenBrowser = Callable[..., Page]

_started = Started()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """One browser for the tests of this folder that run one after another (see Started)."""
    try:
        yield
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            _started.stop()


@pytest.fixture
def chromium() -> Browser:
    """The browser that every window of a test is a window of."""
    program = find_chromium(os.environ.get(PATH_VARIABLE))
    if program is None:
        reason = f"no Chromium was found on the PATH, and {PATH_VARIABLE} does not name one"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return _started.browser(program)


@pytest.fixture
def site(sqlite_folder: Path) -> Iterator[Site]:
    """A back office without records, served; ada, a superuser, may sign in."""
    with databases.migrated_database("sqlite", sqlite_folder) as url:
        settings = databases.make_settings(url)
        with shared.opened(settings) as database:
            add_user(database, "ada@example.com", superuser=True)
            with served(shared.application(settings, database)) as address:
                yield Site(address, database)


@pytest.fixture
def complaints() -> Complaints:
    """What the pages complain of. A test that is about one looks at it and forgets it."""
    return Complaints()


@pytest.fixture
def open_browser(chromium: Browser, site: Site, complaints: Complaints) -> Iterator[OpenBrowser]:
    """Opens a browser of somebody's own on the site: no cookies, 1280 × 800, with scripts.

    ``open_browser(scripts=False, width=390, height=844, colours="dark")``. Whatever its pages
    complain of fails the test.
    """
    contexts = []
    expect.set_options(timeout=PATIENCE)

    def open_one(
        *, scripts: bool = True, width: int = 1280, height: int = 800, colours: str = "light"
    ) -> Page:
        context = chromium.new_context(
            base_url=site.address,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme="dark" if colours == "dark" else "light",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        complaints.listen(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert complaints.heard == []


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts: the test runs once with, once without."""
    given: bool = request.param
    return given


@pytest.fixture
def page(open_browser: OpenBrowser) -> Page:
    """A stranger's browser."""
    return open_browser()


@pytest.fixture
def ada(page: Page) -> Page:
    """Ada's browser, signed in, on the first page."""
    sign_in(page)
    return page


@pytest.fixture
def items(site: Site, ada: Page) -> Page:
    """Ada before the first of three pages of 120 items in three categories; number 7 costs 7, and
    there are 7 of it."""
    add_items(site.database, 120, ["Bolts", "Nuts", "Washers"])
    ada.goto("/admin/item/list")
    expect(row(ada, "Item 0000")).to_be_visible()
    return ada
