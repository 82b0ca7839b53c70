"""How `serve` starts the server, and what it does on a first start."""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn

from backoffice.cli import serve
from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from tests.cli.conftest import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What uvicorn was started with."""
    options: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **given: options.update(given, app=app))
    return options


@pytest.mark.databases("sqlite")
def test_it_serves_as_the_settings_say(
    run: Run,
    served: dict[str, Any],
    settings: Settings,
    use_settings: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_settings(settings)
    monkeypatch.setenv("PORT", "9123")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    told = run("serve", "--host", "0.0.0.0")
    assert told.code == 0
    assert "http://127.0.0.1:9123/admin/" in told.out
    assert served["app"] == "backoffice.web.asgi:app"
    assert (served["host"], served["port"], served["workers"]) == ("0.0.0.0", 9123, 3)
    assert served["proxy_headers"] is False
    assert served["access_log"] is False
    assert served["http"] == "backoffice.web.asgi:protocol"
    assert "limit_concurrency" not in served  # it would refuse the health check
    assert 0 < served["timeout_graceful_shutdown"] < 30


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/admin/"),
        ("::1", "http://[::1]:8000/admin/"),
        ("::", "http://127.0.0.1:8000/admin/"),
        ("admin.local", "http://admin.local:8000/admin/"),
    ],
)
def test_the_address_that_is_told_is_one_to_click(host: str, address: str) -> None:
    assert serve.address(Settings(host=host)) == address


@pytest.mark.usefixtures("served")
def test_a_first_start_makes_everything_and_prints_the_password_once(
    run: Run, empty_settings: Settings, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(empty_settings)
    first = run("serve", "--prepare")
    assert (first.code, first.err) == (0, "")
    assert len(re.findall(r"^ +Password +(\S{16})$", first.out, re.MULTILINE)) == 1

    database = open_database(empty_settings)
    with unit_of_work(database) as session:
        for model, count in ((Category, 20), (Item, 2_000), (User, 6)):
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == count

    second = run("serve", "--prepare")
    assert second.out.splitlines() == [
        "Serving http://127.0.0.1:8000/admin/ (press Ctrl+C to stop)"
    ]
    database.dispose()


@pytest.mark.usefixtures("served")
@pytest.mark.databases("sqlite")
def test_records_that_are_there_get_no_demo_beside_them(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Ours"))
    assert "Password" in run("serve", "--prepare").out  # somebody has to be able to sign in
    with unit_of_work(database) as session:
        assert list(session.scalars(sa.select(Category.name))) == ["Ours"]
        assert list(session.scalars(sa.select(User.email))) == ["admin@example.com"]


@pytest.mark.usefixtures("served")
@pytest.mark.databases("sqlite")
def test_users_that_are_there_get_no_superuser_beside_them(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    with unit_of_work(database, writes=True) as session:
        session.add(User(email="ada@example.com", first_name="Ada", last_name="Lovelace"))
    assert "Password" not in run("serve", "--prepare").out
    with unit_of_work(database) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Category)) == 0


@pytest.mark.usefixtures("served")
@pytest.mark.databases("sqlite")
def test_a_first_start_without_the_examples_says_so_and_goes_on(
    run: Run,
    empty_settings: Settings,
    use_settings: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "examples.demo", None)
    use_settings(empty_settings)
    told = run("serve", "--prepare")
    assert (told.code, told.err) == (0, "")
    assert "The demo records are missing: this copy" in told.out
    assert "Password" in told.out


def test_in_production_nothing_is_prepared(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", "vN7cQ2hT9xW4mB6kR1yP8sD3fG5jL0zAqEuIoXwC")
    monkeypatch.setenv("ALLOWED_HOSTS", "backoffice.example.com")
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    told = run("serve", "--prepare")
    assert told.code == 1
    assert "createsuperuser" in told.err
