"""Where a sign-in leads, and what SQLAdmin is told."""

import anyio
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from backoffice.auth.backend import SIGN_INS_AT_ONCE, SignInBackend
from backoffice.auth.return_url import START, safe_return_url
from backoffice.config import Settings
from backoffice.db import open_database
from tests.databases import make_settings


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/item/list",
        "/admin/item/list?search=bolt&sort=-price#row",
        "/admin/item/details/5",
        "/admin/item/list?search=https://example.com/",
        "/admin/item/list?search=%C3%A9",
        "/admin/login-log",
    ],
)
def test_one_lands_where_one_was_going(path: str) -> None:
    assert safe_return_url(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "admin/",
        "https://evil.example/",
        "javascript:alert(1)",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example",
        " //evil.example",
        "/%2Fevil.example/",
        "/admin/\x00",
        "/admin/\ud800",
        "/admin/item list",
        "/" + "x" * 3000,
        "/admin/login",
        "/admin/login?next=/admin/login",
        "/admin/logout",
        "/admin/./logout/",
        "/admin/%6Cogout",
    ],
)
def test_one_lands_on_no_other_site_and_not_at_the_door(path: str) -> None:
    assert safe_return_url(path) == START


@given(st.text(alphabet="/\\.%2fF:@?#a\t\n ", max_size=12))
def test_whatever_is_asked_for_the_way_stays_on_this_site(path: str) -> None:
    goal = safe_return_url(path)
    assert goal.startswith("/")
    assert not goal.startswith(("//", "/\\"))
    assert not set(goal) & set("\\\t\n ")


def test_it_brings_no_middleware_and_knows_nobody_by_itself() -> None:
    settings = make_settings("sqlite://")
    backend = SignInBackend(settings, open_database(settings))
    request = Request({"type": "http", "headers": [], "state": {"signed_in": None}})
    assert backend.middlewares == []
    assert not anyio.run(backend.authenticate, request)
    assert anyio.run(backend.get_user_id, request) is None


def test_every_page_and_every_sign_in_under_way_has_a_connection(
    settings: Settings,
) -> None:
    few = {"database_pool_size": 2, "database_connect_timeout": 1}
    database = open_database(settings.model_copy(update=few))
    under_way = [database.reader.connect() for _ in range(2 + SIGN_INS_AT_ONCE)]
    with pytest.raises(sa.exc.TimeoutError):
        database.reader.connect()
    for connection in under_way:
        connection.close()
    database.dispose()
