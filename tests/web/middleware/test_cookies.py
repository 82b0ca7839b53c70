"""What is kept in the browser, and how."""

import json
import re
import time

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.middleware import cookies
from tests.web.small_site import Site, token_of

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(settings: Settings, database: Database) -> Site:
    site = Site(settings, database)
    site.add_user()
    return site


@pytest.fixture
def secure(site: Site) -> Site:
    """The same, set as in production."""
    return Site(site.settings.model_copy(update={"cookie_secure": True}), site.database)


def set_by(answer: Response) -> dict[str, str]:
    """The cookies that an answer sets: name to value and attributes."""
    lines = answer.headers.get_list("set-cookie")
    return dict(line.split("=", 1) for line in lines)


def test_a_new_browser_gets_a_token_with_its_first_page(site: Site) -> None:
    cookies = set_by(site.client().get("/admin/login"))
    assert list(cookies) == ["backoffice"]
    value, *attributes = cookies["backoffice"].split("; ")
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Lax"]
    assert re.fullmatch(r"[\w-]{43}\.[\w-]{43}", value), "a random id and its signature, no more"


def test_in_production_cookies_are_secure_and_of_this_host_alone(secure: Site) -> None:
    browser = secure.client(scheme="https")
    signed_in = secure.sign_in(browser)
    found = set_by(browser.get("/admin/login")) | set_by(signed_in)
    assert sorted(found) == ["__Host-backoffice", "__Host-backoffice-device"]
    for value in found.values():
        assert value.split("; ")[1:5] == ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]
        assert "Domain" not in value


def test_the_setting_decides_and_not_the_request(site: Site, secure: Site) -> None:
    assert "Secure" not in set_by(site.client(scheme="https").get("/admin/login"))["backoffice"]
    here = {"Sec-Fetch-Site": "none"}  # as a browser says of a proxy's https, which we do not see
    assert "__Host-backoffice" in set_by(secure.client().get("/admin/login", headers=here))


def test_a_browser_with_a_token_is_set_none(site: Site) -> None:
    browser = site.client()
    browser.get("/admin/login")
    assert set_by(browser.get("/admin/login")) == {}


@pytest.mark.parametrize("path", ["/static/site.css", "/healthz", "/readyz", "/", "/favicon.ico"])
def test_nothing_but_a_page_sets_a_token(site: Site, path: str) -> None:
    assert set_by(site.client().get(path)) == {}


@pytest.mark.parametrize("value", [b"", b"x", b"x.y", b"\xe9", b'"', b"a" * 3000, b"backoffice="])
def test_a_wrong_signature_is_as_no_cookie(site: Site, value: bytes) -> None:
    browser = site.client()
    answer = browser.get("/admin/login", headers={b"cookie": b"backoffice=" + value})
    assert answer.status_code == 200
    assert "backoffice" in set_by(answer)


def test_another_tokens_signature_is_wrong(site: Site) -> None:
    one, other = token_cookie(site.client(), site), token_cookie(site.client(), site)
    forged = f"{one.split('.')[0]}.{other.split('.')[1]}"
    answer = site.client().get("/admin/login", headers={"cookie": f"backoffice={forged}"})
    assert "backoffice" in set_by(answer)


def token_cookie(browser: TestClient, site: Site) -> str:
    token_of(browser)
    return str(browser.cookies["backoffice"])


def test_signing_in_and_out_change_the_token(site: Site) -> None:
    browser = site.client()
    before = token_cookie(browser, site)
    site.sign_in(browser)
    during = browser.cookies["backoffice"]
    browser.post("/admin/logout", data={"csrf_token": token_of(browser)})
    after = browser.cookies["backoffice"]
    assert len({before, during, after}) == 3


def test_the_device_is_remembered_for_half_a_year_and_through_signing_out(site: Site) -> None:
    browser = site.client()
    answer = site.sign_in(browser)
    assert set_by(answer)["backoffice-device"].endswith(f"Max-Age={180 * 24 * 60 * 60}")
    device = browser.cookies["backoffice-device"]
    browser.post("/admin/logout", data={"csrf_token": token_of(browser)})
    assert browser.cookies["backoffice-device"] == device
    assert "ada" not in device


def test_a_forged_device_is_as_none(site: Site) -> None:
    known = site.signed_in_client()
    value = known.cookies["backoffice-device"]
    stranger = site.client()
    for _ in range(6):
        site.sign_in(stranger, "wrong")
    assert site.sign_in(stranger).status_code == 429
    forger = site.client()
    # Not the last character, of which base64 ignores two bits.
    forged = value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1]
    forger.cookies.set("backoffice-device", forged)
    assert site.sign_in(forger).status_code == 429
    honest = site.client()
    honest.cookies.set("backoffice-device", value)
    assert site.sign_in(honest).status_code == 303


def act(browser: TestClient, what: str) -> Response:
    return browser.post("/admin/act", data={"what": what, "csrf_token": token_of(browser)})


def test_a_notice_is_told_once_on_the_next_page(site: Site) -> None:
    browser = site.signed_in_client()
    cookie = set_by(act(browser, "this"))["backoffice-notices"]
    assert cookie.endswith("Path=/; HttpOnly; SameSite=Lax; Max-Age=300")
    assert browser.get("/admin/").text == "Ada Lovelace ['Did this.']"
    assert browser.get("/admin/").text == "Ada Lovelace []"
    assert "backoffice-notices" not in browser.cookies


def test_notices_wait_until_a_page_shows_them(site: Site) -> None:
    browser = site.signed_in_client()
    act(browser, "this")
    act(browser, "that")
    assert browser.get("/admin/").text == "Ada Lovelace ['Did this.', 'Did that.']"


def test_a_page_without_notices_sets_nothing(site: Site) -> None:
    assert set_by(site.signed_in_client().get("/admin/")) == {}


def test_old_and_forged_notices_are_not_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.signed_in_client()
    act(browser, "this")
    with monkeypatch.context() as later:
        now = time.time()
        later.setattr(time, "time", lambda: now + cookies.NOTICES_LAST + 2)
        assert browser.get("/admin/").text == "Ada Lovelace []"
    browser.cookies.set("backoffice-notices", json.dumps([["success", "forged", "", ""]]))
    assert browser.get("/admin/").text == "Ada Lovelace []"


@pytest.mark.parametrize("letter", ["x", "é", "𝄞", '"'])
def test_a_long_notice_is_shortened_until_a_browser_takes_it(site: Site, letter: str) -> None:
    browser = site.signed_in_client()
    text = "".join(letter + chr(0x4E00 + number) for number in range(4000))
    answer = act(browser, text)
    assert len(set_by(answer)["backoffice-notices"]) < 3500
    assert f"Did {letter}\u4e00" in browser.get("/admin/").text


def test_too_many_notices_drop_the_oldest(site: Site) -> None:
    browser = site.signed_in_client()
    for number in range(30):
        text = "".join(chr(0x4E00 + number * 97 + place) for place in range(99))
        act(browser, f"{number} {text}")
    page = browser.get("/admin/").text
    assert "Did 29 " in page
    assert "Did 0 " not in page
