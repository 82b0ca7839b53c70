"""History that the previous release wrote survives the upgrade: sealed, guarded, undoable."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import migration_config, upgrade
from backoffice.history import audited, unit_of_work, update_where
from backoffice.models import Base, Category, Change, Changeset, Item
from backoffice.models.changeset import MODEL, RECORD_ID
from tests.history.chain import seal, verify
from tests.history.ledger import changesets, check_history, shelf, take_back, write
from tests.history.odd_models import Clock, Country, Odd

BEFORE = "20261126_0006"


@pytest.fixture
def before(empty_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of the previous release."""
    monkeypatch.setattr("backoffice.history.seals.watermarks.MARGIN", 0)
    monkeypatch.setattr(audited, "BASES", (Base, Odd))
    upgrade(empty_settings, BEFORE)
    database = open_database(empty_settings)
    Odd.metadata.create_all(database.engine)
    yield database
    database.dispose()


def lengths(database: Database) -> tuple[Any, ...]:
    columns: dict[str, Any] = {
        column["name"]: column["type"]
        for column in sa.inspect(database.engine).get_columns("changes")
    }
    return columns["model"].length, columns["record_id"].length


def triggers(database: Database) -> list[Any]:
    asked = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal ORDER BY tgname",
    }.get(
        database.dialect,
        "SELECT trigger_name, action_statement FROM information_schema.triggers "
        "WHERE trigger_schema = database() ORDER BY trigger_name",
    )
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(asked)]


def test_history_of_the_release_before_is_sealed_guarded_and_undone_after_the_upgrade(
    before: Database, empty_settings: Settings
) -> None:
    shelf(before, items=3)
    edited = write(before, lambda session: update_where(session, Item, {"price": "7.50"}))
    gone = write(before, lambda session: session.delete(session.get_one(Category, 1)))
    seal(before)
    guards = triggers(before)
    assert guards
    assert lengths(before) == (64, 64)

    upgrade(empty_settings)
    assert lengths(before) == ((64, 64) if before.dialect == "sqlite" else (130, 500))
    assert triggers(before) == guards
    assert verify(before).sealed == changesets(before)
    for statement in ("UPDATE changes SET label = 'x'", "DELETE FROM changes"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            before.writer.begin() as connection,
        ):
            connection.exec_driver_sql(statement)
    take_back(before, gone)
    take_back(before, edited)
    seal(before)
    assert verify(before).unsealed == 0
    check_history(before)


def test_what_the_release_before_kept_of_a_moment_without_a_zone_is_read(
    before: Database, empty_settings: Settings
) -> None:
    """It wrote a Z to each."""
    with before.writer.begin() as connection:
        values = {"id": 7, "at": "2026-11-23T05:04:03.000120Z", "name": "Noon", "version": 3}
        changeset = {"at": datetime.now(UTC), "actor": "", "source": "web", "reason": ""}
        made = sa.insert(Changeset).values(request_id="", address="", **changeset)
        key = connection.execute(made).inserted_primary_key
        assert key is not None
        told = {"changeset_id": key[0], "model": "odd_clocks", "record_id": "7", "label": "Noon"}
        connection.execute(sa.insert(Change).values(operation="delete", before=values, **told))
    upgrade(empty_settings)
    take_back(before, key[0])
    with unit_of_work(before) as session:
        assert session.get_one(Clock, 7).at.isoformat() == "2026-11-23T05:04:03.000120"
    check_history_of_clock(before)


def check_history_of_clock(database: Database) -> None:
    with unit_of_work(database) as session:
        (change,) = session.scalars(sa.select(Change).where(Change.operation == "create"))
        assert change.after is not None
        assert (change.after["at"].rstrip("Z"), change.after["version"]) == (
            "2026-11-23T05:04:03.000120",
            4,
        )


def test_the_upgrade_can_be_taken_back_unless_history_would_be_cut(
    before: Database, empty_settings: Settings
) -> None:
    upgrade(empty_settings)
    write(before, lambda session: session.add(Country(code="x" * 40, name="Short")))
    config = migration_config(empty_settings)
    config.attributes["settings"] = empty_settings
    command.downgrade(config, BEFORE)
    assert lengths(before) == (64, 64)
    upgrade(empty_settings)
    write(before, lambda session: session.add(Country(code="x" * 65, name="Long")))
    with pytest.raises(CommandError, match="keys of more than 64 characters"):
        command.downgrade(config, BEFORE)
    check_history(before)


@pytest.mark.databases("sqlite")
def test_history_has_room_for_the_longest_key_and_name() -> None:
    assert (MODEL.length, RECORD_ID.length) == (130, 500)
