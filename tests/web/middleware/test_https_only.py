"""Plain HTTP where cookies are Secure: nobody ends at a sign-in that cannot work."""

import logging
from typing import Any

import pytest
from starlette.testclient import TestClient

from backoffice.config import Settings
from backoffice.db import Database
from tests.web.small_site import PASSWORD, Site

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(settings: Settings, database: Database) -> Site:
    site = Site(settings.model_copy(update={"cookie_secure": True}), database)
    site.add_user()
    return site


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "address",
    ["/", "/admin/login", "/admin/item/list?search=M8+%C3%97&sort=asc", "/admin/a%2Fb/%C3%A9"],
)
def test_a_page_is_led_to_the_same_address_by_https(site: Site, method: str, address: str) -> None:
    answer = site.client().request(method, address)

    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://localhost{address}"
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_form_is_refused_with_the_way_on(site: Site) -> None:
    credentials = {"username": "ada@example.com", "password": PASSWORD}
    answer = site.client().post("/admin/login", data=credentials)

    assert answer.status_code == 403
    assert "https://localhost/" in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_by_plain_http(site: Site, path: str) -> None:
    assert site.client().get(path).status_code == 200


def test_behind_a_proxy_that_says_https_somebody_signs_in(site: Site) -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    browser = TestClient(
        site.app, base_url="https://localhost", client=("127.0.0.1", 1), follow_redirects=False
    )
    browser.headers.update(forwarded)
    assert site.sign_in(browser).status_code == 303
    assert browser.get("/admin/").status_code == 200
    # What a stranger says of itself does not count.
    stranger = site.client(client=("203.0.113.9", 1)).get("/admin/login", headers=forwarded)
    assert stranger.status_code == 308


def test_a_proxy_that_ends_tls_and_does_not_say_so_sends_no_browser_in_circles(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="backoffice.tls")
    browser = site.client()
    for _ in range(2):
        answer = browser.get("/admin/login", headers={"Sec-Fetch-Site": "none"})
        assert answer.status_code == 200
    warned = [record.getMessage() for record in caplog.records]
    assert len(warned) == 1
    assert "FORWARDED_ALLOW_IPS" in warned[0]


@pytest.mark.parametrize("values", [{}, {"backoffice_env": "production", "cookie_secure": False}])
def test_where_cookies_go_over_plain_http_nothing_is_led_away(
    settings: Settings, database: Database, values: dict[str, Any]
) -> None:
    plain = Site(settings.model_copy(update=values), database)
    assert plain.client().get("/admin/login").status_code == 200
