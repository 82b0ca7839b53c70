"""The guide for administrators tells of the settings, answers and log lines that are there."""

import logging
import re
import tomllib
from pathlib import Path

import pytest

from backoffice.auth.password import hashing
from backoffice.cli.outcome import SETTINGS
from backoffice.cli.serve import GRACE_SECONDS
from backoffice.config import CHECKOUT, Settings
from backoffice.web import health, paths
from backoffice.web.middleware.request_log import LogfmtFormatter
from tests.cast import Browser
from tests.docs.pages import blocks, guide, name_of, on_one_line, section

ENTRY = CHECKOUT / "docs" / "deploying.md"
PLACE = CHECKOUT / "docs" / "deploying"
LOGS = PLACE / "logs.md"
TEXT = on_one_line(guide("deploying"))

LOG_FIELDS = set(
    re.findall(
        r"`(\w+)`",
        " ".join(re.findall(r"^\| (`.+?) \|", section(LOGS, "Read the log"), re.MULTILINE)),
    )
)


@pytest.mark.parametrize("page", guide("deploying"), ids=name_of)
def test_every_setting_it_names_is_one(page: Path) -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})\b", page.read_text()))
    assert named - {"DEBUG"} <= {name.upper() for name in Settings.model_fields}


@pytest.mark.databases("sqlite")
def test_every_field_of_a_log_line_is_told(
    ada: Browser, mallory: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="backoffice")
    ada.get("/admin/item/list")
    ada.post("/admin/theme", {"csrf_token": "wrong"})
    mallory.sign_in("nobody@example.com", "wrong")
    ada.post("/admin/logout")
    lines = [LogfmtFormatter().format(record) for record in caplog.records]
    fields = {field for line in lines for field in re.findall(r"(?:^| )(\w+)=", line)}
    assert {"user", "event", "reason", "message", "ms"} <= fields
    assert fields <= LOG_FIELDS


def test_its_example_of_a_log_line_has_the_fields_it_tells_of() -> None:
    (example,) = (block.text for block in blocks(LOGS) if block.text.startswith("at="))
    assert set(re.findall(r"(?:^| )(\w+)=", example)) <= LOG_FIELDS


def test_the_health_checks_answer_at_the_addresses_and_in_the_words_it_gives() -> None:
    table = section(PLACE / "health-and-outages.md", "Health checks")
    told = re.findall(r"^\| `(/\w+)` \|", table, re.MULTILINE)
    assert set(told) == paths.HEALTH
    source = Path(health.__file__).read_text()
    for answer in ("migrations are missing", "the database does not answer"):
        assert f"`{answer}`" in TEXT
        assert f'"{answer}"' in source


@pytest.mark.usefixtures("real_passwords")
def test_every_size_in_the_table_is_reckoned_by_the_rule_and_fits() -> None:
    table = section(PLACE / "sizes.md", "Choose workers and connections")
    rows = re.findall(r"^\| (\d+)(.*?) \| (\d+) \| (\d+) \| (\d+) \|$", table, re.MULTILINE)
    assert len(rows) == 3
    for allowed, note, workers, pool, used in rows:
        releases = 2 if "overlap" in note else 1
        assert int(used) == releases * int(workers) * (int(pool) + 2) + 2
        assert int(used) < int(allowed)
    assert f"{hashing.AT_ONCE * hashing.MEMORY_KIB // 1024} MB more" in TEXT


def test_the_unit_stops_and_starts_again_as_the_commands_do() -> None:
    (unit,) = (block.text for block in blocks(ENTRY) if "[Service]" in block.text)
    assert f"RestartPreventExitStatus={SETTINGS}" in unit
    (seconds,) = re.findall(r"TimeoutStopSec=(\d+)", unit)
    assert int(seconds) > GRACE_SECONDS
    assert f"may go on for {GRACE_SECONDS} seconds" in TEXT


def test_the_proxy_lets_through_as_much_as_is_read() -> None:
    (config,) = (block.text for block in blocks(ENTRY) if block.language == "nginx")
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", config)
    assert int(megabytes) * 1024 * 1024 == Settings().max_body_bytes


def test_version_of_python_is_the_one_of_the_checkout() -> None:
    oldest = (CHECKOUT / ".python-version").read_text().strip()
    tools = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]
    assert tools["mypy"]["python_version"] == oldest
    assert f"Python {oldest} or later" in (CHECKOUT / "README.md").read_text()
