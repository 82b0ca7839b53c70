"""What people do again and again, and what they look for after it."""

import re

from playwright.sync_api import Locator, Page, Response, expect

from tests.cast import PASSWORD


def sign_in(page: Page, email: str = "ada@example.com", password: str = PASSWORD) -> None:
    """Sign in, from wherever that browser is, and land on the first page.

    The form is sent without being drawn, which takes a second of each test;
    ``fill_in_sign_in`` is for those that are about it.
    """
    browser = page.context.request
    form = browser.get("/admin/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text())
    assert token
    fields = {"csrf_token": token[1], "username": email, "password": password}
    origin = "/".join(form.url.split("/")[:3])
    done = browser.post("/admin/login", form=fields, headers={"Origin": origin}, max_redirects=0)
    assert done.status == 303, done.text()
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Welcome, {email.split('@')[0].title()} Tester"
    )


def fill_in_sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    """The button that a person sees with exactly that name."""
    return page.get_by_role("button", name=name, exact=True)


def open_user_menu(page: Page) -> Locator:
    """Open the menu at the person's name."""
    page.locator("button.person").click()
    menu = page.get_by_role("group", name="Your account")
    expect(menu).to_be_visible()
    return menu


def press(page: Page, name: str) -> int:
    """Press a button that sends a form, and wait for the page that comes of it.

    Returns the answer's status: 303 where it led on to another page.
    """
    with page.expect_event("load"), page.expect_response(_answers_a_form) as answered:
        button(page, name).click()
    return answered.value.status


def _answers_a_form(response: Response) -> bool:
    return response.request.is_navigation_request() and response.request.method == "POST"


def loaded(page: Page) -> Page:
    """The page that is shown, once its scripts have run and react to keys and clicks."""
    page.wait_for_load_state()
    return page


def names(page: Page) -> Locator:
    """The names in the first column of the list that is shown."""
    return page.locator("tbody .cell-name")


def expect_first(page: Page, *expected: str) -> None:
    """The list begins with these names, or will in a moment."""
    for place, name in enumerate(expected):
        expect(names(page).nth(place)).to_have_text(name)
    loaded(page)


def row(page: Page, name: str) -> Locator:
    """The list's row with exactly that name."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def facet(page: Page, name: str) -> Locator:
    """The filter beside the list that has that heading, perhaps with a unit behind it."""
    return page.get_by_role("group", name=re.compile(f"^{re.escape(name)}( [A-Z]+)?$"))


def heading(page: Page, name: str) -> Locator:
    """The link in a column's heading that sorts by it."""
    return page.get_by_role("columnheader", name=name).get_by_role("link").first


def focused(page: Page) -> Locator:
    """Whatever has the focus."""
    return page.locator(":focus")


def colours(page: Page) -> str:
    """ "light" or "dark", by what the page is painted on."""
    page.wait_for_load_state()
    painted = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    red, green, blue = (int(number) for number in re.findall(r"\d+", painted)[:3])
    return "light" if red + green + blue > 3 * 128 else "dark"
