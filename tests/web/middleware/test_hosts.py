"""Which names are answered to."""

import anyio
import pytest
from starlette.responses import PlainTextResponse

from backoffice.web.middleware.hosts import AllowedHosts
from tests.web.small_site import call

HOSTS = ("Backoffice.example.com", "127.0.0.1", "::1", "other.example.com:8443")


def status(host: str, path: str = "/admin/", hosts: tuple[str, ...] = HOSTS) -> int:
    answer = anyio.run(
        call, AllowedHosts(PlainTextResponse("in"), hosts), "GET", path, {"host": host}
    )
    assert answer is not None
    return answer.status


@pytest.mark.parametrize(
    "host",
    [
        "backoffice.example.com",
        "BACKOFFICE.example.com:8000",
        "backoffice.example.com.",
        "127.0.0.1:8000",
        "[::1]:8000",
        "[::1]",
        "other.example.com",
    ],
)
def test_our_names_are_answered_to(host: str) -> None:
    assert status(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "backoffice.example.com.evil.example",
        "evil.backoffice.example.com",
        "",
        "backoffice.example.com@evil.example",
        "[::2]",
        "*",
    ],
)
def test_others_are_not(host: str) -> None:
    assert status(host) == 400


def test_a_platform_asks_for_health_by_address() -> None:
    assert status("10.0.0.7:5000", "/healthz") == 200
    assert status("10.0.0.7:5000", "/readyz") == 200
    assert status("10.0.0.7:5000", "/readyz/admin") == 400


def test_any_host_where_the_settings_say_so() -> None:
    assert status("evil.example", hosts=("*",)) == 200
