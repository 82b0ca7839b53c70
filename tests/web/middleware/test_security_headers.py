"""What every answer tells the browser."""

import re

import pytest

from backoffice.config import Settings
from backoffice.db import Database
from tests.web.small_site import Site

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(settings: Settings, database: Database) -> Site:
    site = Site(settings, database)
    site.add_user()
    return site


PATHS = ["/admin/login", "/admin/", "/nothing", "/static/site.css", "/healthz", "/admin/boom"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(site: Site, path: str) -> None:
    browser = site.signed_in_client(raise_server_exceptions=False)
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]


def test_a_refusal_carries_them_too(site: Site) -> None:
    for answer in (site.client().post("/admin/act"), site.client().get("/", headers={"host": "x"})):
        assert answer.status_code >= 400
        assert "content-security-policy" in answer.headers


def test_the_policy_lets_no_inline_script_or_style_and_no_other_site_in(site: Site) -> None:
    policy = site.client().get("/admin/login").headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["img-src"] == "'self' data:"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert not re.search(r"unsafe|\*|https?:", policy)


@pytest.mark.parametrize("path", ["/admin/login", "/admin/", "/nothing", "/admin/data"])
def test_pages_are_kept_by_no_cache(site: Site, path: str) -> None:
    assert site.signed_in_client().get(path).headers["cache-control"] == "no-store"


def test_only_who_came_through_tls_is_told_to_come_no_other_way(site: Site) -> None:
    assert "strict-transport-security" not in site.client().get("/admin/login").headers
    header = "strict-transport-security"
    assert site.client(scheme="https").get("/admin/login").headers[header] == "max-age=31536000"
    behind = site.client().get("/admin/login", headers={"x-forwarded-proto": "https"})
    assert behind.headers[header] == "max-age=31536000"
    forged = site.client(client=("203.0.113.66", 1)).get(
        "/admin/login", headers={"x-forwarded-proto": "https"}
    )
    assert header not in forged.headers


def test_it_can_be_left_out(settings: Settings, database: Database) -> None:
    site = Site(settings.model_copy(update={"hsts_seconds": 0}), database)
    answer = site.client(scheme="https").get("/admin/login")
    assert "strict-transport-security" not in answer.headers
