"""One line per request, with the id that leads to it."""

import logging
import re
import sys
from collections.abc import Iterator

import pytest

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.middleware.request_log import LogfmtFormatter, configure_logging
from tests.web.small_site import Site

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(settings: Settings, database: Database, caplog: pytest.LogCaptureFixture) -> Site:
    caplog.set_level(logging.INFO, "backoffice")
    return Site(settings, database)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "backoffice.requests"]


def test_a_request_is_one_line_without_its_query(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.client().get("/admin/login?next=/secret")
    (line,) = lines(caplog)
    assert re.fullmatch(
        r"method=GET path=/admin/login status=200 ms=[\d.]+ address=127\.0\.0\.1", line
    )


def test_it_says_who_is_signed_in(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    ada = site.add_user()
    site.signed_in_client().get("/admin/")
    assert f" user={ada.id} " in lines(caplog)[-1]


def test_it_says_what_was_refused_and_what_failed(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.add_user()
    browser = site.signed_in_client(raise_server_exceptions=False)
    browser.post("/admin/act")
    browser.get("/", headers={"host": "evil.example"})
    browser.get("/admin/boom")
    statuses = [line.split("status=")[1].split()[0] for line in lines(caplog)[-3:]]
    assert statuses == ["403", "400", "500"]


def test_health_checks_and_files_are_no_noise(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    browser = site.client()
    browser.get("/healthz")
    browser.get("/static/site.css")
    assert lines(caplog) == []
    browser.get("/static/nothing")
    assert len(lines(caplog)) == 1


def test_no_path_can_forge_a_line(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.client().get("/admin/%0Amethod=GET%20path=/x%22")
    (line,) = lines(caplog)
    assert r'path="/admin/\nmethod=GET path=/x\""' in line


def test_the_id_comes_back_and_is_made_anew_each_time(site: Site) -> None:
    browser = site.client()
    ids = {browser.get("/healthz").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("peer", "given", "taken"),
    [
        ("127.0.0.1", "01234567-89ab-cdef", True),
        ("203.0.113.66", "01234567-89ab-cdef", False),
        ("127.0.0.1", 'x" event=sign-in', False),
        ("127.0.0.1", "short", False),
        ("127.0.0.1", "x" * 129, False),
    ],
)
def test_a_trusted_proxys_id_is_taken_if_it_is_sane(
    site: Site, peer: str, given: str, taken: bool
) -> None:
    browser = site.client(client=(peer, 1))
    answer = browser.get("/healthz", headers={"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) is taken


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield root
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False


def test_every_line_of_a_request_carries_its_id(
    settings: Settings, database: Database, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(settings)
    configure_logging(settings)
    site = Site(settings, database)
    answer = site.sign_in(site.client(), "wrong")
    mine = [
        line
        for line in capsys.readouterr().err.splitlines()
        if f"request={answer.headers['x-request-id']}" in line
    ]
    assert len(mine) == 2
    assert re.match(r"at=\S+ level=warning log=backoffice\.auth request=\w+ event=sign-in", mine[0])
    assert re.match(r"at=\S+ level=info log=backoffice\.requests request=\w+ method=POST", mine[1])


def test_other_programs_lines_are_quoted() -> None:
    record = logging.LogRecord("uvicorn", 40, "", 1, "two\nlines %s", ("é",), None)
    assert LogfmtFormatter().format(record).endswith(r'log=uvicorn message="two\nlines \u00e9"')


def test_a_traceback_follows_its_line() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        record = logging.LogRecord("x", 40, "", 1, "failed", (), sys.exc_info())
    first, second, *_rest = LogfmtFormatter().format(record).splitlines()
    assert first.endswith("message=failed")
    assert second.startswith("Traceback")
