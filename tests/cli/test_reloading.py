"""`serve --reload`: what is saved is served; where it must not be on, a sentence says so."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from backoffice.cli import reloading
from backoffice.config import CHECKOUT, Settings
from tests.checkout import fresh_clone
from tests.cli.conftest import Run
from tests.cli.processes import free_port, started, until_ready
from tests.databases import child_environment
from tests.freezing import until

PATIENCE_SECONDS = 60


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.databases("sqlite")
def test_what_is_saved_is_served(settings: Settings, tmp_path: Path) -> None:
    clone, port, output = fresh_clone(tmp_path / "clone"), free_port(), tmp_path / "serve.log"
    command = [sys.executable, "-m", "backoffice", "serve", "--reload", "--port", str(port)]

    with started(command, child_environment(settings), clone, output) as server:
        until_ready(port, server, output, PATIENCE_SECONDS)

        def sign_in_page() -> str:
            """The page, or nothing where the old process ends before it has answered."""
            address = f"http://127.0.0.1:{port}/admin/login"
            try:
                return httpx2.get(address, timeout=PATIENCE_SECONDS).text
            except httpx2.TransportError:
                return ""

        (style,) = [word for word in sign_in_page().split('"') if "/static/tokens.css?v=" in word]

        replace(
            clone / "backoffice/templates/sign_in.html", '{{ _("Sign in") }}</h1>', "Hello</h1>"
        )
        replace(clone / "backoffice/config.py", '"Back office"', '"Back room"')
        replace(clone / "backoffice/static/tokens.css", "}\n", "}\n\n")
        until(lambda: "<h1>Hello</h1>" in sign_in_page(), PATIENCE_SECONDS)
        until(lambda: "· Back room</title>" in sign_in_page(), PATIENCE_SECONDS)
        until(lambda: (page := sign_in_page()) and style not in page, PATIENCE_SECONDS)

        (clone / ".env").write_text("PRODUCT_NAME=Front office\n")
        until(lambda: "· Front office</title>" in sign_in_page(), PATIENCE_SECONDS)

    assert "Traceback" not in output.read_text()
    assert "log=backoffice.requests" in output.read_text()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What uvicorn was started with."""
    options: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **given: options.update(given, app=app))
    return options


@pytest.mark.databases("sqlite")
def test_it_serves_by_our_own_protocol_and_watches_nothing_but_what_it_serves_from(
    run: Run,
    served: dict[str, Any],
    settings: Settings,
    use_settings: Callable[[Settings], None],
) -> None:
    use_settings(settings)
    assert run("serve", "--reload").code == 0
    assert served["reload"] is True
    assert served["http"] == "backoffice.web.asgi:protocol"
    assert served["log_config"] is None
    assert served["workers"] == 1
    assert {str(CHECKOUT / name) for name in ("tests", "docs")} <= set(served["reload_excludes"])
    assert str(CHECKOUT / "backoffice") not in served["reload_excludes"]
    assert served["timeout_graceful_shutdown"] == reloading.GRACE_SECONDS


@pytest.mark.databases("sqlite")
def test_without_the_option_nothing_is_watched(
    run: Run,
    served: dict[str, Any],
    settings: Settings,
    use_settings: Callable[[Settings], None],
) -> None:
    use_settings(settings)
    assert run("serve").code == 0
    assert not {name for name in served if "reload" in name}


def test_every_kind_of_file_that_is_served_from_is_watched() -> None:
    served_from = [
        path
        for folder in ("templates", "static")
        for path in (CHECKOUT / "backoffice" / folder).rglob("*")
        if path.is_file()
    ]
    missed = [
        path.name
        for path in served_from
        if not any(path.match(pattern) for pattern in reloading.WATCHED)
    ]
    assert served_from
    assert missed == []


def refusal(run: Run, served: dict[str, Any]) -> str:
    """The one sentence that says why it does not start."""
    ran = run("serve", "--reload")
    assert (ran.code, ran.out, served) == (1, "", {})
    assert len(ran.err.splitlines()) == 1
    return ran.err


def test_it_is_refused_in_production(
    run: Run, served: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKOFFICE_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", "vN7cQ2hT9xW4mB6kR1yP8sD3fG5jL0zAqEuIoXwC")
    monkeypatch.setenv("ALLOWED_HOSTS", "backoffice.example.com")
    assert "BACKOFFICE_ENV is production: start without it." in refusal(run, served)


def test_it_is_refused_with_several_workers(
    run: Run, served: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    assert "WEB_CONCURRENCY is 3: unset it" in refusal(run, served)


def test_without_what_watches_it_says_what_to_install(
    run: Run, served: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "script/venv requirements-dev.txt" in refusal(run, served)
