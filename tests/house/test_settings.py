"""Where settings come from, and what stops a start."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backoffice import config
from backoffice.config import CHECKOUT, Settings, SettingsError, load_settings

KEY = "vN7cQ2hT9xW4mB6kR1yP8sD3fG5jL0zAqEuIoXwC"
SAFE = {
    "backoffice_env": "production",
    "secret_key": KEY,
    "allowed_hosts": "backoffice.example.com",
    "database_url": "postgresql://app@db/backoffice",
}


def refusal(**values: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**values)
    return str(caught.value)


def assert_one_sentence(text: str) -> None:
    assert text[0].isupper() or text.startswith(".env")
    assert text.endswith(".")
    assert "\n" not in text


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "var"
    monkeypatch.setattr(config, "VAR", folder)
    return folder


def test_production_starts_with_safe_settings() -> None:
    settings = load_settings(**SAFE)
    assert settings.production
    assert settings.secure_cookies
    assert settings.hosts == ("backoffice.example.com",)


@pytest.mark.parametrize(
    ("change", "name", "advice"),
    [
        ({"secret_key": ""}, "SECRET_KEY", "token_urlsafe"),
        ({"secret_key": "short"}, "SECRET_KEY", "token_urlsafe"),
        ({"secret_key": "ab" * 30}, "SECRET_KEY", "token_urlsafe"),
        ({"secret_key": "changeme-0123456789-abcdefghijkl"}, "SECRET_KEY", "token_urlsafe"),
        ({"history_key": "short"}, "HISTORY_KEY", "leave it unset"),
        ({"allowed_hosts": ""}, "ALLOWED_HOSTS", "backoffice.example.com"),
        ({"allowed_hosts": "*"}, "ALLOWED_HOSTS", "in full"),
        ({"allowed_hosts": "a.example.com, *.example.com"}, "ALLOWED_HOSTS", "in full"),
        ({"dyno": "web.1", "database_url": ""}, "DATABASE_URL", "PostgreSQL"),
        ({"dyno": "web.1", "database_url": "sqlite:///x.db"}, "DATABASE_URL", "PostgreSQL"),
    ],
)
def test_production_refuses_what_is_not_safe_in_one_sentence_that_says_what_to_do(
    change: dict[str, str], name: str, advice: str
) -> None:
    text = refusal(**SAFE | change)
    assert_one_sentence(text)
    assert text.startswith(name)
    assert advice in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "0"),
        ("backoffice_env", "prod"),
        ("currency", "euro"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("forwarded_allow_ips", "10.0.0.0/99"),
        ("allowed_hosts", "https://backoffice.example.com"),
        ("session_idle_minutes", "0"),
        ("log_level", "LOUD"),
        ("brand_colour", "blue"),
        ("brand_colour", "#1d4"),
        ("brand_colour", "#1d4db3ff"),
        ("cookie_secure", "perhaps"),
        ("history_notes", "http://notes.example.com/?token=hunter2"),
    ],
)
def test_a_wrong_value_is_refused_with_the_settings_name(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert_one_sentence(text)
    assert text.startswith(name.upper())


def test_no_refusal_repeats_a_secret() -> None:
    assert "hunter2" not in refusal(**SAFE | {"secret_key": "hunter2"})
    assert "hunter2" not in refusal(history_notes="ftp://notes.example.com/?token=hunter2")


def test_settings_come_from_the_environment_and_from_env_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("# ours\nLOW_STOCK=3\nexport CURRENCY='USD'\nUNKNOWN=1\n")
    monkeypatch.setenv("CURRENCY", "CHF")

    settings = load_settings(_env_file=file)

    assert (settings.low_stock, settings.currency) == (3, "CHF")


def test_env_lies_in_the_checkout_wherever_one_starts() -> None:
    code = "from backoffice.config import Settings; print(Settings.model_config['env_file'])"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd="/",
        env=dict(os.environ) | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == str(CHECKOUT / ".env")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert load_settings() == Settings.model_construct()


def test_an_env_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"LOW_STOCK=\xff\xfe")
    assert_one_sentence(refusal(_env_file=file))


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example.com, b.example.com,")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.0/8,::1")
    settings = load_settings()
    assert settings.allowed_hosts == ("a.example.com", "b.example.com")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


def test_on_a_dyno_the_router_is_trusted_and_elsewhere_only_this_machine() -> None:
    assert load_settings(dyno="web.1").trusted_proxies == ("*",)
    assert load_settings().trusted_proxies == ("127.0.0.1", "::1")
    assert load_settings(dyno="web.1", forwarded_allow_ips="10.1.2.3").trusted_proxies == (
        "10.1.2.3",
    )


def test_without_settings_the_records_are_in_a_sqlite_file_under_var(var: Path) -> None:
    assert load_settings().database == f"sqlite:///{var / 'backoffice.sqlite3'}"
    assert var.is_dir()


def test_a_key_is_made_once_and_kept_for_its_owner_alone(var: Path) -> None:
    key = load_settings().signing_key
    assert config.key_weakness(key) is None
    assert load_settings().signing_key == key
    assert stat.S_IMODE((var / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in var.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    code = (
        "import sys; from pathlib import Path; from backoffice.config import _stored_key; "
        "sys.stdin.read(1); print(_stored_key(Path(sys.argv[1])))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "var" / "secret_key")],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    keys = {process.communicate("\n")[0] for process in processes}
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= config.MINIMUM_KEY_LENGTH


def test_a_var_folder_that_cannot_be_made_says_what_to_set_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(config, "VAR", tmp_path / "file" / "var")
    for name, attribute in (("DATABASE_URL", "database"), ("SECRET_KEY", "signing_key")):
        with pytest.raises(SettingsError, match=name) as caught:
            getattr(load_settings(), attribute)
        assert_one_sentence(str(caught.value))


def test_a_printed_settings_object_shows_no_secret() -> None:
    settings = load_settings(**SAFE | {"database_url": "postgresql://app:hunter2@db/backoffice"})
    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)
