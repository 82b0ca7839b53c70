"""What `check` finds."""

import subprocess
import sys
from collections.abc import Callable
from typing import ClassVar

import pytest
import sqlalchemy as sa

from backoffice import views
from backoffice.admin.view import RecordView
from backoffice.cli import check
from backoffice.config import CHECKOUT, Settings, load_settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, User
from tests.cast import add_user
from tests.cli.conftest import Ran, Run
from tests.databases import child_environment
from tests.read_only import taking_no_changes

KEY = "vN7cQ2hT9xW4mB6kR1yP8sD3fG5jL0zAqEuIoXwC"
SAFE = {
    "BACKOFFICE_ENV": "production",
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "backoffice.example.com",
    "DATABASE_URL": "postgresql://app@db/backoffice",
}


class WrongView(RecordView, model=Category):
    """A view whose options are misspelt."""

    column_list: ClassVar = ["nme"]
    form_columns: ClassVar = ["name", "itms"]


def lines(told: Ran, level: str) -> str:
    return "\n".join(line for line in told.out.splitlines() if line.startswith(f"{level} "))


@pytest.fixture
def in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("in_production")
def test_safe_production_settings_are_all_well(run: Run) -> None:
    told = run("check", "--settings-only")
    assert told.code == 0
    assert "production settings" in lines(told, "ok")
    assert (lines(told, "warn"), lines(told, "fail"), told.err) == ("", "", "")


@pytest.mark.usefixtures("in_production")
@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("COOKIE_SECURE", "false", "COOKIE_SECURE"),
        ("HSTS_SECONDS", "0", "HSTS_SECONDS"),
        ("FORWARDED_ALLOW_IPS", "*", "FORWARDED_ALLOW_IPS"),
        ("FORWARDED_ALLOW_IPS", "0.0.0.0/0", "FORWARDED_ALLOW_IPS"),
        ("SESSION_IDLE_MINUTES", "2000", "SESSION_IDLE_MINUTES"),
        ("DATABASE_URL", "sqlite:////srv/backoffice.sqlite3", "SQLite"),
    ],
)
def test_what_weakens_production_is_warned_of(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str
) -> None:
    monkeypatch.setenv(name, value)
    told = run("check", "--settings-only")
    assert told.code == 0
    assert word in lines(told, "warn")


def test_a_weak_key_is_warned_of_before_production_refuses_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    assert "SECRET_KEY" in lines(run("check", "--settings-only"), "warn")


@pytest.mark.usefixtures("in_production")
def test_all_that_stops_the_start_is_told_without_a_database(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "All 5 views match their models." in lines(run("check", "--settings-only"), "ok")

    monkeypatch.setattr(views, "VIEWS", (*views.VIEWS[:1], WrongView))
    told = run("check", "--settings-only")
    assert told.code == 1
    assert lines(told, "fail").splitlines() == [
        "fail  WrongView.column_list: Category has no 'nme'. Write 'name'.",
        "fail  WrongView.form_columns: Category has no 'itms'. Write 'items'.",
    ]


@pytest.mark.databases("sqlite")
def test_other_commands_that_need_the_views_end_with_the_same_sentences(
    run: Run,
    settings: Settings,
    use_settings: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_settings(settings)
    monkeypatch.setattr(views, "VIEWS", (*views.VIEWS[:1], WrongView))
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    for command in ("doctor", "serve"):
        told = run(command)
        assert told.code == 1
        assert "WrongView.column_list: Category has no 'nme'. Write 'name'." in told.err
        assert "Traceback" not in told.err


@pytest.mark.databases("sqlite")
def test_the_server_ends_with_them_as_well(settings: Settings) -> None:
    wrong = (
        "from backoffice import views\n"
        "views.ItemView.column_list = ['nme']\n"
        "import backoffice.web.asgi"
    )
    ended = subprocess.run(
        [sys.executable, "-c", wrong],
        cwd=CHECKOUT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr == "backoffice: ItemView.column_list: Item has no 'nme'. Write 'name'.\n"


def test_every_finding_is_a_sentence(
    run: Run, settings: Settings, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    for line in run("check").out.splitlines():
        assert line[:6] in ("ok    ", "warn  ", "fail  ")
        assert line[6].isupper()
        assert line.endswith(".")


def test_a_new_database_lacks_only_a_superuser(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    told = run("check")
    assert told.code == 0
    assert "Migrations are at head." in told.out
    assert "createsuperuser" in lines(told, "warn")

    with unit_of_work(database, writes=True) as session:
        session.add(User(email="a@b.c", first_name="A", last_name="B", is_superuser=True))
    assert lines(run("check"), "warn") == ""


def test_missing_migrations_fail(
    run: Run, empty_settings: Settings, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(empty_settings)
    told = run("check")
    assert told.code == 1
    assert "alembic upgrade head" in lines(told, "fail")


def test_a_newer_releases_database_is_no_failure(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    with database.writer.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '29991231_0001'"))
    told = run("check")
    assert told.code == 0
    assert "newer release" in lines(told, "warn")


@pytest.mark.databases("postgresql")
def test_a_database_that_takes_no_changes_fails_and_other_commands_say_so_too(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    add_user(database, "ada@example.com", superuser=True)
    assert "The database accepts changes." in lines(run("check"), "ok")
    with taking_no_changes(database):
        told = run("check")
        assert told.code == 1
        assert "The database is read-only right now" in lines(told, "fail")
        told = run(
            "set-password", "--email", "ada@example.com", "--password-stdin", piped="new" * 9
        )
        assert told.code == 1
        assert told.err.startswith("backoffice: the database is read-only right now: ")
    assert run("check").code == 0


def test_a_database_that_does_not_answer_fails_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:1/none")
    told = run("check")
    assert told.code == 1
    assert "does not answer" in lines(told, "fail")
    assert "hunter2" not in told.out + told.err


@pytest.mark.databases("postgresql")
def test_more_connections_than_the_server_allows_fail(
    run: Run,
    make_settings: Callable[..., Settings],
    use_settings: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_settings(make_settings())
    monkeypatch.setenv("WEB_CONCURRENCY", "64")
    monkeypatch.setenv("DATABASE_POOL_SIZE", "200")
    told = run("check")
    assert told.code == 1
    assert "DATABASE_POOL_SIZE" in lines(told, "fail")


@pytest.mark.databases("postgresql", "mariadb")
def test_an_unencrypted_way_to_the_database_is_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(
        **{name.lower(): value for name, value in SAFE.items()}
        | {"database_url": f"{database.dialect}://app@db.example.com/backoffice"}
    )
    levels = [finding.level for finding in check._encrypted(database, settings)]
    assert levels in (["warn"], ["ok"])  # test servers speak TLS or not, as they were set up
    nearby = settings.model_copy(update={"backoffice_env": "development"})
    assert list(check._encrypted(database, nearby)) == []
