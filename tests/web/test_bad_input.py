"""What nobody should send: each gets a page of ours that says so, and keeps what was typed."""

import html
import json
import re

import anyio
import pytest
from httpx2 import Response
from markupsafe import escape
from starlette.applications import Starlette
from starlette.types import Message, Scope

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import delete_where, unit_of_work
from backoffice.models import Category, Item
from tests.cast import ORIGIN, Browser, add_items, count, text_of

pytestmark = pytest.mark.every_database

MULTIPART = "multipart/form-data; boundary=limit"
CREATE = "/admin/item/create"
TYPED = {
    "name": "M4 × 20 <b>",
    "description": "Hex bolt,\nzinc & plain",
    "price": "0.25",
    "quantity": "12",
    "category": "1",
}


def send(browser: Browser, body: bytes, content_type: str, path: str = CREATE) -> Response:
    """A body as it is, with the token in a header."""
    headers = {
        "Origin": ORIGIN,
        "Sec-Fetch-Site": "same-origin",
        "X-CSRF-Token": browser.token,
        "Content-Type": content_type,
    }
    return browser.client.post(path, content=body, headers=headers)


def part(name: str, value: bytes) -> bytes:
    head = f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + value + b"\r\n"


END = b"--limit--\r\n"


# Too much of it ---------------------------------------------------------------------------


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "unannounced"])
def test_a_hundred_megabytes_are_refused_before_they_are_read(
    app: Starlette, settings: Settings, ada: Browser, announced: bool
) -> None:
    chunk = b"x" * 65_536
    number = 100 * 2**20 // len(chunk)
    headers = [(b"content-length", str(number * len(chunk)).encode())] if announced else []
    body = Body(chunk, number)

    status, page = anyio.run(body.post, app, ada, CREATE, headers)

    assert status == 413
    assert "This is too large" in page
    assert "Nothing was saved" in page
    assert body.taken * len(chunk) <= settings.max_body_bytes + len(chunk)
    assert body.taken == 0 or not announced
    assert ada.get("/admin/item/list").status_code == 200


class Body:
    """A body that is made while it is read, and knows how much of it was."""

    def __init__(self, chunk: bytes, number: int) -> None:
        self.chunk, self.number, self.taken = chunk, number, 0

    async def post(
        self, app: Starlette, browser: Browser, path: str, headers: list[tuple[bytes, bytes]]
    ) -> tuple[int, str]:
        """Send it in that browser; the answer's status and text."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
        scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "headers": [
                (b"host", b"127.0.0.1:8000"),
                (b"origin", ORIGIN.encode()),
                (b"cookie", cookies.encode()),
                (b"x-csrf-token", browser.token.encode()),
                (b"content-type", b"application/x-www-form-urlencoded"),
                *headers,
            ],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            self.taken += 1
            return {
                "type": "http.request",
                "body": self.chunk,
                "more_body": self.taken < self.number,
            }

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent[0]["status"], b"".join(m.get("body", b"") for m in sent).decode()


@pytest.mark.databases("sqlite")
def test_a_form_with_more_fields_than_any_of_ours_is_refused(ada: Browser) -> None:
    body = "&".join(f"field{number}=x" for number in range(5000))

    response = send(ada, body.encode(), "application/x-www-form-urlencoded")

    assert response.status_code == 400
    assert "arrived damaged" in text_of(response)


# Broken ------------------------------------------------------------------------------------


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (part("name", b"x"), MULTIPART),
        (part("name", b"x")[:-20], MULTIPART),
        (b"no boundary in here", MULTIPART),
        (part("name", b"x") + END, "multipart/form-data"),
        (b"--limit\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, MULTIPART),
        (part("name", b"+2AA-") + END, f"{MULTIPART}; charset=utf-7"),
        (part("name", b"\\ud800") + END, f"{MULTIPART}; charset=unicode_escape"),
        (part("x", b"x") + part("+2AA-", b"x") + END, f"{MULTIPART}; charset=utf-7"),
    ],
    ids=["cut off", "cut in a part", "no parts", "no boundary", "no name", "half a character",
         "half a character, escaped", "half a character in a name"],
)  # fmt: skip
def test_a_broken_multipart_is_refused_as_a_whole(
    ada: Browser, database: Database, body: bytes, content_type: str
) -> None:
    response = send(ada, body, content_type)

    assert response.status_code == 400
    assert "arrived damaged" in text_of(response)
    assert count(database, Item) == 0


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "x"])
def test_a_body_that_is_no_form_fills_nothing_in(ada: Browser, content_type: str) -> None:
    response = send(ada, json.dumps(TYPED).encode(), content_type)

    assert response.status_code == 422
    assert "This field is required." in text_of(response)


@pytest.mark.databases("sqlite")
def test_a_file_is_no_value(ada: Browser) -> None:
    without_description = {name: TYPED[name] for name in TYPED if name != "description"}
    files = {"description": ("bolt.txt", b"Hex bolt")}

    response = ada.post(CREATE, without_description, files=files)

    assert response.status_code == 422
    assert "Enter text, not a file." in text_of(response)


# Wrong values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "x" * 256, "Shorten this to 255 characters. It has 256."),
        ("description", "y " * 100_001, "Shorten this to 200,000 characters"),
        ("name", "M4\0", "Remove the characters that cannot be stored, such as NUL."),
        ("name", "M4\tM5", "Remove the line breaks and control characters."),
        ("price", "1" * 11, "Enter less than 10,000,000,000."),
        ("price", "9" * 400, "Enter less than 10,000,000,000."),
        ("price", "0.125", "Enter at most 2 decimal places."),
        ("price", "NaN", "Enter a number, such as 12.50."),
        ("price", "-0.01", "Enter zero or more."),
        ("price", "1e9999999", "Enter a number, such as 12.50."),
        ("quantity", "2147483648", "Enter at most 2,147,483,647."),
        ("quantity", "9" * 30, "Enter at most 2,147,483,647."),
        ("quantity", "1.5", "Enter a whole number, such as 12."),
        ("quantity", "٣", "Enter a whole number, such as 12."),
        ("quantity", "-1", "Enter a number without a sign"),
    ],
)
@pytest.mark.databases("postgresql")
def test_a_wrong_value_is_told_at_its_field_and_everything_typed_is_kept(
    ada: Browser, database: Database, field: str, value: str, message: str
) -> None:
    add_items(database, 1)
    typed = {**TYPED, field: value}

    response = ada.post(CREATE, typed)

    assert response.status_code == 422
    assert error_at(response, field).startswith(message)
    for name in ("name", "description", "price", "quantity"):
        assert str(escape(typed[name])) in response.text
    assert '<option value="1" selected>' in response.text
    assert count(database, Item) == 1


@pytest.mark.parametrize("key", ["2", "99999999999", "-1", "abc", "1 ", "\0", ""])
def test_a_category_that_is_not_there_is_told_at_its_field(
    ada: Browser, database: Database, key: str
) -> None:
    add_items(database, 1)
    before = count(database, Item)

    response = ada.post(CREATE, {**TYPED, "category": key})

    if key.strip() == "1":  # spaces around a key are nobody's fault
        assert response.status_code == 303
        return
    assert response.status_code == 422
    expected = "This category no longer exists" if key.strip() else "This field is required."
    assert error_at(response, "category").startswith((expected, "Remove the characters"))
    assert str(escape(TYPED["name"])) in response.text
    assert count(database, Item) == before


def test_a_category_that_vanishes_while_the_form_is_open_is_told_at_its_field(
    ada: Browser, database: Database
) -> None:
    add_items(database, 1, ("Bolts",))
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Nuts"))
    form = ada.get("/admin/item/edit/1")
    assert "Nuts" in form.text
    with unit_of_work(database, writes=True) as session:
        delete_where(session, Category, Category.name == "Nuts")

    response = ada.post("/admin/item/edit/1", {**TYPED, "category": "2", "version": "1"})

    assert response.status_code == 422
    assert error_at(response, "category").startswith("This category no longer exists.")
    assert str(escape(TYPED["name"])) in response.text


@pytest.mark.databases("sqlite")
def test_a_field_that_is_sent_twice_is_refused(ada: Browser, database: Database) -> None:
    add_items(database, 1)

    response = ada.post(CREATE, {**TYPED, "price": ["0.25", "99"]})

    assert response.status_code == 422
    assert error_at(response, "price") == "This field was sent more than once."
    assert count(database, Item) == 1


@pytest.mark.databases("sqlite")
def test_a_list_option_that_is_given_twice_counts_as_given_last(
    ada: Browser, database: Database
) -> None:
    add_items(database, 5)

    page = ada.get("/admin/item/list?pageSize=2&pageSize=1&search=x&search=0003&sort=name")

    assert page.status_code == 200
    assert "Item 0003" in page.text
    assert page.text.count('class="cell-name"') == 1


# And otherwise -----------------------------------------------------------------------------------


@pytest.mark.databases("sqlite")
def test_head_is_answered_as_get_is(mallory: Browser) -> None:
    assert mallory.client.head("/admin/login").status_code == 200


def error_at(response: Response, field: str) -> str:
    """The message at a field; "" if there is none."""
    match = re.search(
        rf'<p class="error" id="field-{field}-error">(.+?)</p>', response.text, re.DOTALL
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", match[1])).split()) if match else ""
