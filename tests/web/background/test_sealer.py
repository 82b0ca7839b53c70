"""The running application seals the history now and then, and nobody notices."""

import logging
import time
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.web.app import create_app
from backoffice.web.background.sealer import Sealer, seal_periodically
from tests.history.chain import covered, verify, write
from tests.read_only import taking_no_changes


def test_the_application_seals_by_itself_and_stops_at_once(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    settings = make_settings(history_seal_seconds=1)
    last = write(database, 2)[-1]
    with TestClient(create_app(settings, database)):
        deadline = time.monotonic() + 30
        while not covered(database):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 3
    assert covered(database)[0] == [[1, last]]
    assert verify(database).unsealed == 0


@pytest.mark.databases("sqlite")
def test_it_seals_nothing_where_that_is_not_wanted(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    settings = make_settings(history_seal_seconds=0)
    with seal_periodically(settings):
        pass
    assert covered(database) == []


@pytest.mark.databases("sqlite")
def test_what_goes_wrong_is_logged_once_and_again_when_it_is_over(
    settings: Settings,
    empty_settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sealer = Sealer(settings)
    broken, whole = open_database(empty_settings), open_database(settings)
    with caplog.at_level(logging.INFO, logger="backoffice.web.background.sealer"):
        for database in (broken, broken, broken, whole):
            sealer.seal(database)
    broken.dispose()
    whole.dispose()
    levels = [(record.levelname, record.message.split(":")[0]) for record in caplog.records]
    assert levels == [
        ("ERROR", "The history cannot be sealed. Trying again every 60 s"),
        ("INFO", "Sealed 1 changesets"),
        ("INFO", "The history can be sealed again."),
    ]


def test_a_database_that_takes_no_changes_is_complained_of_once(
    settings: Settings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    write(database, 2)
    sealer = Sealer(settings)
    with taking_no_changes(database):
        for _ in range(3):
            sealer.seal(database)
    (complaint,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "cannot be sealed" in complaint.message
    assert "ChangesRefused" in complaint.message
    sealer.seal(database)
    assert covered(database)


@pytest.mark.databases("sqlite")
def test_a_sealer_that_is_to_stop_keeps_nothing_of_what_it_began(
    settings: Settings, database: Database
) -> None:
    sealer = Sealer(settings)
    sealer.start()
    sealer.stop()
    assert not sealer.is_alive()
    sealer.seal(database)
    assert covered(database) == []
