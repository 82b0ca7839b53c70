"""Static files: small on the wire, kept by browsers for as long as they are the same."""

import gzip
import hashlib
import re
from typing import Any

import anyio
import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.admin.pages.rendering import STATIC, TABLER, TABLER_USED, TEMPLATES
from backoffice.admin.pages.static_files import MEDIA_TYPES, StaticFiles
from backoffice.cli.demo import load
from backoffice.db import Database
from tests.cast import ORIGIN, Browser, links_of
from tests.web.small_site import call

pytestmark = pytest.mark.databases("sqlite")

LIST_CSS = STATIC.href("list.css")
YEAR = "public, max-age=31536000, immutable"
FIRST_VISIT, PAGE_OF_50 = 140_000, 15_000
"""Bytes on the wire: all files together, and each page."""


@pytest.fixture
def client(app: Starlette) -> TestClient:
    """A browser of nobody."""
    return TestClient(app, base_url=ORIGIN)


def fetch(client: TestClient, path: str, method: str = "GET", **headers: str) -> Response:
    sent = {
        "accept-encoding": "gzip",
        **{name.replace("_", "-"): headers[name] for name in headers},
    }
    return client.request(method, path, headers=sent)


def on_the_wire(client: TestClient, path: str, **headers: Any) -> int:
    """How many bytes the body has as it travels."""
    response = fetch(client, path, **headers)
    assert response.status_code == 200, path
    return int(response.headers["content-length"])


def test_the_first_visit_of_a_list_and_each_page_after_it_stay_small(
    ada: Browser, database: Database
) -> None:
    load(database, items=2_000, users=0)  # names and descriptions as they are in life
    path = "/admin/item/list?pageSize=50"
    page = ada.get(path)
    files = set(re.findall(r'(?:href|src)="(/[^"]*static[^"]*)"', page.text))
    assert len(files) > 5

    sizes = {file: on_the_wire(ada.client, file) for file in files}
    assert on_the_wire(ada.client, path) + sum(sizes.values()) <= FIRST_VISIT, sizes
    for file in files:
        assert fetch(ada.client, file).headers["cache-control"] == YEAR

    for _ in range(5):
        assert page.text.count('name="pks"') == 50
        assert on_the_wire(ada.client, path) <= PAGE_OF_50
        (path,) = set(links_of(page, rel="next"))
        page = ada.get(path)


@pytest.mark.parametrize("folder", [STATIC, TABLER], ids=["ours", "tabler"])
def test_every_file_is_served_at_its_address_as_it_lies_on_the_disk(
    client: TestClient, folder: StaticFiles
) -> None:
    for name, file in folder.files.items():
        packed, plain = fetch(client, folder.href(name)), fetch(
            client, folder.href(name), accept_encoding="identity"
        )  # fmt: skip
        assert packed.content == plain.content == file.plain.body
        assert hashlib.sha256(plain.content).hexdigest().startswith(file.digest)
        assert "content-encoding" not in plain.headers
        assert int(plain.headers["content-length"]) == len(plain.content)
        for answer in (packed, plain):
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["content-type"] == MEDIA_TYPES[f".{name.rpartition('.')[2]}"]


def test_what_templates_link_is_there() -> None:
    for template in TEMPLATES.rglob("*.html"):
        for name in re.findall(r"static_href\('([^']+)'\)", template.read_text()):
            assert STATIC.href(name)


def test_a_file_is_packed_as_small_as_it_goes_and_not_where_it_would_grow(
    client: TestClient,
) -> None:
    assert on_the_wire(client, TABLER.href(TABLER_USED)) < 20_000
    packed = STATIC.files["list.css"].compressed
    assert gzip.decompress(packed.body) == STATIC.files["list.css"].plain.body
    icon = fetch(client, STATIC.href("favicon.svg"))
    assert "content-encoding" not in icon.headers


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("gzip;q=0.001", True),
        ("*", True),
        ("gzip ; q=1", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("gzipped", False),
        ("gzip;q=0", False),
        ("gzip;q=0.0, *", False),
        ("gzip;q=0, x-gzip", False),
        ("*;q=0", False),
        ("gzip;q=nan", False),
        ("gzip;q=2", False),
        ("gzip;q=", False),
        ("gzip;level=9", False),
        ("gzip;q=0.5, identity", False),
        ("identity;q=0.5, gzip;q=0.5", True),
        (";;,,=;q", False),
    ],
)
def test_only_clients_that_accept_gzip_get_it(
    client: TestClient, accepted: str, packed: bool
) -> None:
    answer = fetch(client, LIST_CSS, accept_encoding=accepted)

    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert answer.content == STATIC.files["list.css"].plain.body


def test_what_a_browser_has_is_not_sent_again(client: TestClient) -> None:
    first = fetch(client, LIST_CSS)
    tag = first.headers["etag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = fetch(client, LIST_CSS, if_none_match=known)
        assert again.status_code == 304
        assert again.content == b""
        assert "content-length" not in again.headers
        for name in ("etag", "vary", "cache-control"):
            assert again.headers[name] == first.headers[name]
        assert "content-security-policy" in again.headers
    # The plain bytes are another thing to hold than the packed ones.
    plain = fetch(client, LIST_CSS, accept_encoding="identity", if_none_match=tag)
    assert plain.status_code == 200
    assert plain.headers["etag"] != tag
    assert fetch(client, LIST_CSS, if_none_match='"other"').status_code == 200


def test_only_the_address_of_this_very_content_is_kept_for_a_year(client: TestClient) -> None:
    assert fetch(client, LIST_CSS).headers["cache-control"] == YEAR
    # Another release's address, while one replaces the other; or none, as an import has.
    for path in ("/static/list.css?v=0123456789ab", "/static/list.css", f"{LIST_CSS}&x=1"):
        answer = fetch(client, path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"


def test_a_question_for_the_head_alone_is_answered_as_for_the_whole(client: TestClient) -> None:
    for encoding in ("gzip", "identity"):
        whole = fetch(client, LIST_CSS, accept_encoding=encoding)
        head = fetch(client, LIST_CSS, "HEAD", accept_encoding=encoding)
        assert head.status_code == 200
        assert head.content == b""
        mine = {"x-request-id"}
        assert {k: v for k, v in head.headers.items() if k not in mine} == {
            k: v for k, v in whole.headers.items() if k not in mine
        }


def test_a_part_of_a_file_is_not_to_be_had(client: TestClient) -> None:
    for encoding in ("gzip", "identity"):
        answer = fetch(client, LIST_CSS, range="bytes=0-9", accept_encoding=encoding)
        assert answer.status_code == 200
        assert answer.headers["accept-ranges"] == "none"
        assert answer.content == STATIC.files["list.css"].plain.body


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/",
        "/static/../config.py",
        "/static//etc/passwd",
        "/static/./list.css",
        "/static/list.css/",
        "/static/list.css\0",
        "/static/LIST.CSS",
        "/static/\\..\\config.py",
        "/static/�.css",
        "/admin/statics/list.css",
        "/admin/statics/js/jquery.min.js",
        "/admin/statics/css/../css/tabler.min.css",
        "/admin/statics/../../__init__.py",
    ],
)
def test_nothing_but_those_files_is_to_be_had(app: Starlette, path: str) -> None:
    # As it comes from a server: escapes resolved, dots not.
    answer = anyio.run(call, app, "GET", path, {})

    assert answer is not None
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


def test_files_are_only_read(client: TestClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/admin/login").text)
    assert token
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        headers = {"origin": ORIGIN, "x-csrf-token": token[1]}
        answer = client.request(method, LIST_CSS, headers=headers)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert answer.headers["cache-control"] == "no-store"
