"""What a request may carry, and how much of it is taken."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.middleware.body import BrokenBody, parse_form
from tests.size import sized
from tests.web.small_site import Answer, Site, call, token_of

pytestmark = pytest.mark.databases("sqlite")

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"
WHOLE = (
    b'--B\r\nContent-Disposition: form-data; name="what"\r\n\r\nthis\r\n'
    b'--B\r\nContent-Disposition: form-data; name="sheet"; filename="a.csv"\r\n\r\n1;2\r\n'
    b"--B--\r\n"
)


@pytest.fixture
def site(settings: Settings, database: Database) -> Site:
    site = Site(settings, database)
    site.add_user()
    return site


@pytest.fixture
def browser(site: Site) -> TestClient:
    return site.signed_in_client()


def headers_of(browser: TestClient, content_type: str = FORM, **others: str) -> dict[str, str]:
    """A raw request's headers: signed in, with a token."""
    return {
        "content-type": content_type,
        "x-csrf-token": token_of(browser),
        "cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
        "accept": "*/*",
        **{name.replace("_", "-"): value for name, value in others.items()},
    }


def post(site: Site, headers: dict[str, str], *chunks: bytes, **how: Any) -> Answer | None:
    async def ask() -> Answer | None:
        return await call(site.app, "POST", "/admin/act", headers, iter(chunks), **how)

    return anyio.run(ask)


def refusal(answer: Answer | None) -> tuple[int, bool]:
    assert answer is not None
    return answer.status, b"TOO_LARGE" in answer.body or b"BROKEN_BODY" in answer.body


def test_a_form_is_read_once_for_all(site: Site, browser: TestClient) -> None:
    answer = post(site, headers_of(browser), b"what=th", b"is&empty=")
    assert answer is not None
    assert answer.status == 303
    assert site.acts == [
        {"fields": {"what": "this", "empty": ""}, "files": {}, "body": b"what=this&empty="}
    ]


def test_files_come_through(site: Site, browser: TestClient) -> None:
    answer = post(site, headers_of(browser, MULTIPART), WHOLE)
    assert answer is not None
    assert answer.status == 303
    assert site.acts[0]["fields"] == {"what": "this"}
    assert site.acts[0]["files"] == {"sheet": b"1;2"}


def endless(taken: list[int]) -> Iterator[bytes]:
    for _ in range(1600):  # 100 MB
        taken.append(65536)
        yield b"x" * 65536


@pytest.mark.parametrize("content_type", [FORM, MULTIPART, "application/json", "text/plain"])
@pytest.mark.parametrize(
    "announced", [{}, {"content_length": "10"}, {"content_length": "nonsense"}]
)
def test_a_body_of_100_megabytes_is_read_up_to_the_limit(
    site: Site, browser: TestClient, content_type: str, announced: dict[str, str]
) -> None:
    headers = headers_of(browser, content_type, **announced)
    taken: list[int] = []

    async def ask() -> Answer | None:
        return await call(site.app, "POST", "/admin/act", headers, endless(taken))

    tracemalloc.start()
    answer = anyio.run(ask)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal(answer) == (413, True)
    assert sum(taken) <= site.settings.max_body_bytes + 65536
    assert most < 4 * site.settings.max_body_bytes
    assert site.acts == []


def test_one_that_announces_too_much_is_not_read_at_all(site: Site, browser: TestClient) -> None:
    headers = headers_of(browser, content_length="100000000")
    answer = post(site, headers, b"x")
    assert refusal(answer) == (413, True)
    assert answer is not None
    assert answer.chunks_taken == 0


def test_one_in_a_huge_chunk_is_refused(site: Site, browser: TestClient) -> None:
    assert refusal(post(site, headers_of(browser), b"x" * 5_000_000)) == (413, True)


def test_the_limit_is_inclusive(site: Site, browser: TestClient) -> None:
    limit = site.settings.max_body_bytes
    form = b"what=" + b"x" * (limit - 5)
    answer = post(site, headers_of(browser), form)
    assert answer is not None
    assert answer.status == 303
    assert refusal(post(site, headers_of(browser), form + b"x")) == (413, True)


def test_a_stranger_may_send_no_more(site: Site) -> None:
    stranger = site.client()
    taken: list[int] = []
    headers = headers_of(stranger)

    async def ask() -> Answer | None:
        return await call(site.app, "POST", "/admin/login", headers, endless(taken))

    assert refusal(anyio.run(ask)) == (413, True)
    assert sum(taken) <= site.settings.max_body_bytes + 65536


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, b""),
        (MULTIPART, b"x"),
        (MULTIPART, WHOLE[:-4]),
        (MULTIPART, WHOLE[:100]),
        (MULTIPART, WHOLE.replace(b'; name="what"', b"")),
        (MULTIPART, WHOLE.replace(b"\r\n", b"\n")),
        ("multipart/form-data", WHOLE),
        ("multipart/form-data; boundary=", WHOLE),
        ("multipart/form-data; boundary=other", WHOLE),
        (f"{MULTIPART}; charset=undefined", WHOLE),
        (MULTIPART, (WHOLE[:-7] + b"\r\n") * 3000 + b"--B--"),
        (FORM, b"&".join(b"f=" for _ in range(2001))),
    ],
)
def test_a_broken_body_is_refused(
    site: Site, browser: TestClient, content_type: str, body: bytes
) -> None:
    assert refusal(post(site, headers_of(browser, content_type), body)) == (400, True)
    assert site.acts == []


def test_who_goes_away_while_sending_has_done_nothing(site: Site, browser: TestClient) -> None:
    answer = post(site, headers_of(browser), b"what=th", then_vanish=True)
    assert answer is None
    assert site.acts == []


# Starlette forgets to close the file of a part that breaks off.
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@hypothesis_settings(max_examples=sized(100, 300), deadline=None)
@given(
    content_type=st.sampled_from(
        [FORM, MULTIPART, "multipart/form-data", "multipart/form-data; boundary=\xff", "text/plain"]
        + [f"{MULTIPART}; charset={name}" for name in ("idna", "utf-7", "utf-16", "x", "hex")]
    ),
    pieces=st.lists(
        st.sampled_from(
            [b"--B", b"--B--", b"\r\n", b"\n", b"--", b"B", b"a=1&b=%", b"%00", b"\xff\xfe", b";",
             b'Content-Disposition: form-data; name="a"', b"Content-Disposition: form-data",
             b'Content-Disposition: form-data; name="f"; filename="x"', b"Content-Type: text/plain",
             b": ", b"name=", b'"', b"\x00", b"x" * 100]
        )
        | st.binary(max_size=8),
        max_size=20,
    ),
)  # fmt: skip
def test_whatever_is_sent_is_a_form_or_broken(content_type: str, pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-type", content_type.encode("latin-1"))],
    }

    async def parse() -> None:
        try:
            form = await parse_form(scope, body, Request(scope).receive, 10_000)
        except BrokenBody:
            return
        await form.close()

    anyio.run(parse)
