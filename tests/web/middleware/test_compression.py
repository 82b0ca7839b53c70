"""Pages in gzip: for whom, what, and what may not be."""

import gzip
import re
from collections.abc import AsyncIterator

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.responses import Response as Answer
from starlette.routing import Route
from starlette.testclient import TestClient

from backoffice.db import Database
from backoffice.web.middleware.compression import Compression
from tests.cast import ORIGIN, Browser, add_items, add_user

pytestmark = pytest.mark.databases("sqlite")

LIST = "/admin/item/list"


@pytest.fixture
def filled(ada: Browser, database: Database) -> Browser:
    """Ada, with fifty items to look at."""
    add_items(database, 50)
    return ada


def is_packed(response: Response) -> bool:
    assert "accept-encoding" in response.headers.get("vary", "").lower()
    return response.headers.get("content-encoding") == "gzip"


def test_a_page_is_packed_for_who_accepts_it_and_is_the_same_page(filled: Browser) -> None:
    plain = filled.get(LIST, headers={"accept-encoding": "identity"})
    packed = filled.get(LIST, headers={"accept-encoding": "gzip, br"})

    assert is_packed(packed)
    assert not is_packed(plain)
    assert int(packed.headers["content-length"]) < len(packed.content) / 5

    def without_token(page: Response) -> str:
        return re.sub(r'name="csrf_token" value="[^"]+"', "", page.text)

    assert without_token(packed) == without_token(plain)
    assert not is_packed(filled.get(LIST, headers={"accept-encoding": "gzip;q=0, *"}))


def test_answers_to_scripts_refusals_and_the_sign_in_page_are_packed_too(
    filled: Browser, mallory: Browser, database: Database
) -> None:
    add_items(database, 0, [f"Category with a long name {number}" for number in range(20)])
    filled.get("/admin/")

    for path in (
        "/admin/item/lookup/category?q=category",
        "/admin/nothing",
        "/admin/item/details/999",
    ):
        answer = filled.get(path)
        assert is_packed(answer), path
    assert filled.get("/admin/item/lookup/category?q=category").json()["results"]
    assert is_packed(filled.post("/admin/item/create", {"name": ""}))
    assert is_packed(mallory.get("/admin/login"))


def test_what_is_short_or_no_text_is_left_as_it_is(filled: Browser, mallory: Browser) -> None:
    for answer in (mallory.get("/healthz"), mallory.get(LIST), filled.post("/admin/theme")):
        assert "content-encoding" not in answer.headers
        assert answer.headers.get("content-length", "0") == str(len(answer.content))


def test_the_head_alone_says_the_same(filled: Browser) -> None:
    whole, head = filled.get(LIST), filled.client.head(LIST)

    assert head.status_code == 200
    assert head.headers["content-encoding"] == whole.headers["content-encoding"]
    # Another mask of the token, another byte or two.
    difference = int(head.headers["content-length"]) - int(whole.headers["content-length"])
    assert abs(difference) < 100


@pytest.mark.parametrize(
    ("headers", "packed"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"referer": f"{ORIGIN}/admin/"}, True),
        ({}, True),  # a program
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none", "referer": "https://evil.example/"}, False),
        ({"referer": "https://evil.example/"}, False),
        ({"referer": "null"}, False),
    ],
)
def test_a_page_that_another_site_led_to_keeps_its_length_to_itself(
    filled: Browser, headers: dict[str, str], packed: bool
) -> None:
    assert is_packed(filled.get(f"{LIST}?search=Item", headers=headers)) is packed


def test_no_two_pages_hold_the_same_token(filled: Browser) -> None:
    """So what was guessed of one page's token packs no better on the next."""
    pages = [filled.get(LIST) for _ in range(5)]

    tokens = [set(re.findall(r'name="csrf_token" value="([^"]+)"', page.text)) for page in pages]
    assert [len(of_a_page) for of_a_page in tokens] == [1] * 5
    assert len(set.union(*tokens)) == 5


def test_a_form_opened_before_another_page_was_is_still_good(filled: Browser) -> None:
    filled.get("/admin/category/create")
    first = filled.token
    filled.get(LIST)
    assert filled.token != first

    answer = filled.post("/admin/category/create", {"csrf_token": first, "name": "Nuts"})

    assert answer.status_code == 303


def test_signing_in_sets_its_cookie_on_a_packed_page_too(
    mallory: Browser, database: Database
) -> None:
    add_user(database, "ada@example.com")
    page = mallory.get("/admin/login")
    assert is_packed(page)
    assert "set-cookie" in page.headers
    assert mallory.sign_in("ada@example.com").status_code == 303


# What no screen of ours does today, but the middleware must handle --------------------------------

PAGE = "<p>" + "A long text that packs well. " * 100


async def whole(request: Request) -> Answer:
    return HTMLResponse(PAGE)


async def plain_text(request: Request) -> Answer:
    return PlainTextResponse(PAGE)


async def packed_already(request: Request) -> Answer:
    body = gzip.compress(PAGE.encode())
    return HTMLResponse(body, headers={"content-encoding": "gzip", "vary": "Cookie"})


async def in_pieces(request: Request) -> Answer:
    async def pieces() -> AsyncIterator[str]:
        for start in range(0, len(PAGE), 1000):
            yield PAGE[start : start + 1000]

    return StreamingResponse(pieces(), media_type="text/html")


async def a_part(request: Request) -> Answer:
    return HTMLResponse(PAGE, status_code=206, headers={"content-range": "bytes 0-9/10"})


async def nothing(request: Request) -> Answer:
    return Answer(status_code=204, headers={"content-type": "text/html"})


async def with_vary(request: Request) -> Answer:
    return HTMLResponse(PAGE, headers={"vary": "Cookie"})


ANSWERS = [whole, plain_text, packed_already, in_pieces, a_part, nothing, with_vary]


@pytest.fixture
def small() -> TestClient:
    routes = [Route(f"/{answer.__name__}", answer) for answer in ANSWERS]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Compression)]))


@pytest.mark.parametrize("path", ["plain_text", "in_pieces", "a_part"])
def test_other_kinds_of_answers_pass_untouched(small: TestClient, path: str) -> None:
    answer = small.get(f"/{path}")

    assert answer.text == PAGE
    assert "content-encoding" not in answer.headers


def test_nothing_is_packed_twice(small: TestClient) -> None:
    answer = small.get("/packed_already")

    assert answer.text == PAGE
    assert answer.headers["vary"] == "Cookie"


def test_an_answer_without_a_body_keeps_none(small: TestClient) -> None:
    answer = small.get("/nothing")

    assert answer.status_code == 204
    assert answer.content == b""
    assert "content-encoding" not in answer.headers


def test_what_an_answer_varies_by_is_added_to(small: TestClient) -> None:
    assert small.get("/with_vary").headers["vary"] == "Cookie, Accept-Encoding"
    assert small.get("/whole").headers["content-encoding"] == "gzip"
