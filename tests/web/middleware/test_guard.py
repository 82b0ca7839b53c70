"""What the guard lets through, and what it answers."""

import pytest
import sqlalchemy as sa

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.models.tables import sessions, users
from tests.web.small_site import Site, token_of

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(settings: Settings, database: Database) -> Site:
    site = Site(settings, database)
    site.add_user()
    return site


# Who is there ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/admin/", "/admin/item/list", "/admin", "/nothing", "/admin/login/", "/admin/login/x",
     "/static", "/staticx/", "/healthz/", "/admin/static/", "//", "/ADMIN/", "/favicon.ico"],
)  # fmt: skip
def test_without_a_session_every_path_leads_to_the_door(site: Site, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = site.client().request(method, f"http://localhost{path}")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/admin/login")


@pytest.mark.parametrize(
    "path",
    ["/admin/login", "/static/site.css", "/admin/statics/tabler.css", "/healthz", "/readyz"],
)
def test_the_door_files_and_health_are_for_anybody(site: Site, path: str) -> None:
    assert site.client().get(path).status_code == 200


def test_the_start_leads_on_without_asking(site: Site) -> None:
    assert site.client().get("/").headers["location"] == "/admin/"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/admin/", "/admin/login"),
        ("/admin/item/list", "/admin/login?next=/admin/item/list"),
        (
            "/admin/item/list?search=a%26b&sort=price",
            "/admin/login?next=/admin/item/list%3Fsearch%3Da%2526b%26sort%3Dprice",
        ),
        ("/admin/caf%C3%A9", "/admin/login?next=/admin/caf%25C3%25A9"),
        ("/admin/x%0d%0aset-cookie:x", "/admin/login?next=/admin/x%250D%250Aset-cookie%3Ax"),
        ("//evil.example/", "/admin/login"),
        ("/%5Cevil.example/", "/admin/login?next=/%255Cevil.example/"),
    ],
)
def test_the_door_remembers_where_somebody_was_going(site: Site, path: str, location: str) -> None:
    answer = site.client().get(f"http://localhost{path}")
    assert answer.headers["location"] == location


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-mode": "cors"}, {"x-requested-with": "fetch"}, {"accept": "application/json"}],
)
def test_a_script_is_told_and_not_led(site: Site, headers: dict[str, str]) -> None:
    answer = site.client().get("/admin/data", headers=headers)
    assert (answer.status_code, answer.json()["refusal"]) == (401, "NOT_SIGNED_IN")


def test_with_a_session_the_page_knows_who_asks(site: Site) -> None:
    assert site.signed_in_client().get("/admin/").text == "Ada Lovelace []"


def test_a_copied_cookie_is_worthless_after_signing_out(site: Site) -> None:
    browser = site.signed_in_client()
    copy = site.client()
    copy.cookies.set("backoffice", browser.cookies["backoffice"])
    assert copy.get("/admin/").status_code == 200
    answer = browser.post("/admin/logout", data={"csrf_token": token_of(browser)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")
    assert copy.get("/admin/").status_code == 303
    assert browser.get("/admin/").status_code == 303


def test_a_cookie_planted_before_signing_in_does_not_sign_its_planter_in(site: Site) -> None:
    mallory = site.client()
    token_of(mallory)
    victim = site.client()
    victim.cookies.set("backoffice", mallory.cookies["backoffice"])
    assert site.sign_in(victim).status_code == 303
    assert mallory.get("/admin/").status_code == 303


def test_an_idle_session_ends(site: Site) -> None:
    browser = site.signed_in_client()
    site.wait(minutes=119)
    assert browser.get("/admin/").status_code == 200
    site.wait(minutes=121)
    assert browser.get("/admin/").status_code == 303


def test_a_deactivated_user_is_out_at_the_next_request(site: Site) -> None:
    browser = site.signed_in_client()
    with site.database.writer.begin() as connection:
        connection.execute(sa.update(users).values(is_active=False))
    assert browser.get("/admin/").status_code == 303


def test_what_was_typed_when_the_session_ended_is_handed_on(site: Site) -> None:
    browser = site.signed_in_client()
    token = token_of(browser)
    site.wait(days=1)
    answer = browser.post("/admin/act", data={"what": "long text", "csrf_token": token})
    assert answer.status_code == 401
    assert answer.json()["typed"]["what"] == "long text"
    assert site.acts == []


def test_health_checks_and_files_ask_nothing_of_the_database(site: Site) -> None:
    browser = site.signed_in_client()
    with site.database.writer.begin() as connection:
        sessions.drop(connection)
    for path in ("/", "/healthz", "/readyz", "/static/site.css"):
        assert browser.get(path).status_code in (200, 307)
    answer = browser.get("/admin/")
    assert (answer.status_code, answer.json()["refusal"]) == (503, "DATABASE_DOWN")
    answer = browser.post("/admin/act", data={"what": "typed"})
    assert answer.json() == {"refusal": "DATABASE_DOWN", "typed": {"what": "typed"}}


def test_a_new_browser_costs_no_query(site: Site) -> None:
    with site.database.writer.begin() as connection:
        sessions.drop(connection)
    assert site.client().get("/admin/login").status_code == 200
    assert site.client().get("/admin/").status_code == 303


# Whose page asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program, not a browser
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://localhost"},
        {"referer": "http://localhost/admin/item/list"},
        {"sec-fetch-site": "same-origin", "origin": "http://localhost"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_our_own_pages_may_act(site: Site, method: str, headers: dict[str, str]) -> None:
    browser = site.signed_in_client()
    headers |= {"x-csrf-token": token_of(browser)}
    assert browser.request(method, "/admin/act", headers=headers).status_code == 303
    assert len(site.acts) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
        {"sec-fetch-site": "none", "origin": "http://evil.example"},
        {"sec-fetch-site": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://localhost"},
        {"origin": "http://localhost:8001"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://evil.example", "referer": "http://localhost/"},
        {"referer": "http://evil.example/http://localhost/"},
        {"referer": "http://localhost@evil.example/"},
        {"referer": "http://[broken"},
        {"referer": ""},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_sites_page_may_not_even_with_a_token(
    site: Site, method: str, headers: dict[str, str]
) -> None:
    browser = site.signed_in_client()
    headers |= {"x-csrf-token": token_of(browser)}
    answer = browser.request(method, "/admin/act", headers=headers)
    assert (answer.status_code, answer.json()["refusal"]) == (403, "CROSS_SITE")
    assert site.acts == []


def test_behind_tls_the_origin_is_that_of_the_browser(site: Site) -> None:
    browser = site.signed_in_client()
    headers = {"x-csrf-token": token_of(browser), "origin": "https://localhost"}
    assert browser.post("/admin/act", headers=headers).status_code == 403
    headers["x-forwarded-proto"] = "https"
    assert browser.post("/admin/act", headers=headers).status_code == 303


def test_another_site_may_link_here(site: Site) -> None:
    browser = site.signed_in_client()
    headers = {"sec-fetch-site": "cross-site", "referer": "https://wiki.example/"}
    assert browser.get("/admin/", headers=headers).status_code == 200


def test_another_site_cannot_sign_somebody_in_or_out(site: Site) -> None:
    browser = site.signed_in_client()
    for path in ("/admin/login", "/admin/logout"):
        form = {"csrf_token": token_of(browser), "username": "x", "password": "x"}
        answer = browser.post(path, data=form, headers={"origin": "http://evil.example"})
        assert answer.json()["refusal"] == "CROSS_SITE"
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "LOCK"])
def test_methods_that_nothing_answers_are_refused(site: Site, method: str) -> None:
    answer = site.signed_in_client().request(method, "/admin/")
    assert (answer.status_code, answer.json()["refusal"]) == (405, "METHOD")


# The token ------------------------------------------------------------------------------


def test_a_form_carries_its_token_in_a_field_or_a_header(site: Site) -> None:
    browser = site.signed_in_client()
    token = token_of(browser)
    for request in (
        {"data": {"what": "x", "csrf_token": token}},
        {"files": {"sheet": b"a;b"}, "data": {"csrf_token": token}},
        {"json": {"what": "x"}, "headers": {"x-csrf-token": token}},
    ):
        assert browser.post("/admin/act", **request).status_code == 303


@pytest.mark.parametrize("given", [None, "", "wrong", "\0", "é"])
def test_without_its_token_nothing_is_done_and_nothing_typed_is_lost(
    site: Site, given: str | None
) -> None:
    form = {"what": "typed"} | ({} if given is None else {"csrf_token": given})
    answer = site.signed_in_client().post("/admin/act", data=form)
    assert answer.status_code == 403
    assert answer.json() == {"refusal": "CSRF", "typed": form}
    assert site.acts == []


def test_another_browsers_token_does_not_fit(site: Site) -> None:
    token = token_of(site.signed_in_client())
    answer = site.signed_in_client().post("/admin/act", data={"csrf_token": token})
    assert answer.json()["refusal"] == "CSRF"


def test_a_token_is_valid_for_the_session_and_no_longer(site: Site) -> None:
    browser = site.client()
    anonymous = token_of(browser)
    site.sign_in(browser)
    signed_in = token_of(browser)
    token_of(browser)  # another page, another mask
    assert browser.post("/admin/act", data={"csrf_token": anonymous}).status_code == 403
    assert browser.post("/admin/act", data={"csrf_token": signed_in}).status_code == 303


def test_the_sign_in_form_needs_one_too(site: Site) -> None:
    form = {"username": "ada@example.com", "password": "x"}
    assert site.client().post("/admin/login", data=form).json()["refusal"] == "CSRF"


def test_a_file_is_no_token(site: Site) -> None:
    browser = site.signed_in_client()
    answer = browser.post("/admin/act", files={"csrf_token": ("t", token_of(browser).encode())})
    assert answer.status_code == 403


def test_throttled_sign_in_says_when_to_try_again(site: Site) -> None:
    browser = site.client()
    assert [site.sign_in(browser, "wrong").status_code for _ in range(6)] == [422] * 6
    answer = site.sign_in(browser)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
