"""seal-history, verify-history and prune-history, as somebody types them."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.cli.demo import load as load_demo
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.history.seals.lock import exclusive
from backoffice.models import Item
from tests.cli.conftest import Run
from tests.history.attacker import attack
from tests.history.chain import write_fast
from tests.history.comparison import by_plain_sql

TODAY = datetime.now(UTC)


@pytest.fixture(autouse=True)
def at_hand(settings: Settings, use_settings: Callable[[Settings], None]) -> None:
    use_settings(settings)


@pytest.fixture
def old_history(database: Database) -> None:
    """Nine changesets of three years ago, which the migration's own does not keep, and one more."""
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO history_pruning VALUES (1)")
        connection.exec_driver_sql("DELETE FROM changesets")
        connection.exec_driver_sql("DELETE FROM history_pruning")
    write_fast(database, 9, changes=2, at=TODAY - timedelta(days=1_100))
    write_fast(database, 1)


def test_history_is_sealed_and_verified(run: Run, database: Database) -> None:
    write_fast(database, 1_200)
    told = run("verify-history")
    assert told.code == 0
    assert "Seals: 0. Changesets sealed: 0. Not sealed yet: 1,201." in told.out
    told = run("seal-history")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("1,201 changesets sealed in 2 seals.\nThe last seal is 2, its hash ")
    noted = told.out.split()[-1]
    told = run("verify-history", "--contains", noted)
    assert told.code == 0
    assert "The chain is intact. Seals: 2. Changesets sealed: 1,201. Not" in told.out
    assert noted in told.out


@pytest.mark.databases("sqlite")
def test_sealing_twice_says_that_there_was_nothing_to_do(run: Run, database: Database) -> None:
    run("seal-history")
    assert run("seal-history").out.startswith("Nothing to seal.\nThe last seal is 1")


def test_a_changeset_that_was_tampered_with_is_named(run: Run, database: Database) -> None:
    write_fast(database, 9)
    run("seal-history")
    attack(database, "UPDATE changes SET label = 'Nuts' WHERE changeset_id = 7")
    told = run("verify-history")
    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "backoffice: The history was tampered with. Changeset #7 was changed after seal 1 "
        "covered it.\n"
    )


def test_a_hash_that_is_gone_is_told(run: Run, database: Database) -> None:
    run("seal-history")
    told = run("verify-history", "--contains", "ab" * 32)
    assert told.code == 1
    assert "No seal has the hash abab" in told.err


@pytest.mark.databases("sqlite")
def test_notes_that_were_kept_elsewhere_are_compared(
    run: Run, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tmp_path / "notes"
    monkeypatch.setenv("HISTORY_NOTES", str(notes))
    run("seal-history")
    write_fast(database, 3)
    run("seal-history")
    assert len(notes.read_text().splitlines()) == 2
    told = run("verify-history", "--anchors", str(notes))
    assert told.code == 0
    assert "Notes: 2. All are in the chain." in told.out
    attack(database, "DELETE FROM seals WHERE id = 2")
    assert run("verify-history").code == 0
    told = run("verify-history", "--anchors", str(notes))
    assert told.code == 1
    assert "Seal 2 was noted, but the chain ends with seal 1" in told.err


@pytest.mark.databases("sqlite")
def test_a_file_without_notes_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing of the kind\n")
    told = run("verify-history", "--anchors", str(tmp_path / "notes"))
    assert told.code == 2
    assert "has no note of a seal" in told.err
    assert run("verify-history", "--anchors", str(tmp_path / "missing")).code == 2


@pytest.mark.databases("sqlite")
def test_a_seal_that_could_not_be_noted_is_told_to_note_by_hand(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HISTORY_NOTES", str(tmp_path / "missing" / "notes"))
    told = run("seal-history")
    assert told.code == 0
    assert "seal 1 could not be noted in" in told.err
    assert "Note it by hand: seal=1 hash=" in told.err


@pytest.mark.databases("sqlite")
def test_another_key_says_what_to_do_and_a_lost_one_can_be_left_behind(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("seal-history")
    write_fast(database, 1)
    former = os.environ["SECRET_KEY"]
    monkeypatch.setenv("HISTORY_KEY", "another-0123456789-abcdefghijklmnopqrstuvwxyz")
    told = run("seal-history")
    assert told.code == 1
    assert "put the old one" in told.err
    assert run("verify-history").code == 1
    monkeypatch.setenv("HISTORY_OLD_KEYS", former)
    assert run("seal-history").code == 0
    assert run("verify-history").code == 0
    monkeypatch.delenv("HISTORY_OLD_KEYS")
    told = run("verify-history")
    assert "The seals are signed from seal 2 on, which covers the 1 before it." in told.out


@pytest.mark.databases("sqlite")
def test_the_end_is_signed_anew_where_the_key_is_lost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("seal-history")
    assert "already signed" in run("seal-history", "--sign-end").out
    monkeypatch.setenv("HISTORY_KEY", "another-0123456789-abcdefghijklmnopqrstuvwxyz")
    told = run("seal-history", "--sign-end")
    assert told.code == 0
    assert "The end of the chain was signed again." in told.out
    assert run("verify-history").code == 0


@pytest.mark.databases("sqlite")
def test_history_that_was_tampered_with_is_not_pruned(
    run: Run, old_history: None, database: Database
) -> None:
    run("seal-history")
    attack(database, "UPDATE changesets SET actor = 'Mallory' WHERE id = 5")
    told = run("prune-history", "--older-than", "730d", "--yes")
    assert told.code == 1
    assert "Nothing was removed, because the history was tampered with. Changeset #5" in told.err


@pytest.mark.databases("postgresql", "mariadb")
def test_two_processes_that_seal_at_once_are_told(run: Run, database: Database) -> None:
    with exclusive(database):
        told = run("seal-history")
    assert told.code == 1
    assert "Another process is sealing or pruning the history" in told.err


@pytest.mark.databases("sqlite")
def test_pruning_only_says_what_would_go_unless_it_was_meant(
    run: Run, old_history: None, database: Database
) -> None:
    told = run("prune-history", "--older-than", "730d")
    assert "9 changesets are old enough but are kept, because they are not sealed" in told.out
    run("seal-history")
    told = run("prune-history", "--older-than", "2y")
    assert told.code == 0
    assert "9 changesets with 18 changes, up to #9, are older than 730 days" in told.out
    assert "Nothing was removed: add --yes" in told.out
    assert "Changesets sealed: 10." in run("verify-history").out
    told = run("prune-history", "--older-than", "104w", "--yes")
    assert told.out == "9 changesets with 18 changes, up to #9, were removed.\n"
    told = run("verify-history")
    assert told.code == 0
    assert "The history up to changeset #9 was pruned." in told.out
    assert "Changesets sealed: 1. Not sealed yet: 1." in told.out
    assert "No sealed changeset is older" in run("prune-history", "--older-than", "730d").out


@pytest.mark.databases("sqlite")
def test_how_long_history_is_kept_can_be_a_setting(
    run: Run,
    old_history: None,
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run("seal-history")
    told = run("prune-history")
    assert told.code == 2
    assert "use --older-than 730d, or set HISTORY_KEEP_DAYS" in told.err
    monkeypatch.setenv("HISTORY_KEEP_DAYS", "365")
    assert "older than 365 days and would be removed" in run("prune-history").out


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("age", ["0d", "-3d", "730", "2 years", "d"])
def test_an_age_that_is_none_is_refused(run: Run, age: str) -> None:
    assert run("prune-history", f"--older-than={age}", "--yes").code == 2


def test_records_that_plain_sql_changed_are_told_after_the_chain(
    run: Run, database: Database
) -> None:
    load_demo(database, items=20, users=1)
    with unit_of_work(database, writes=True) as session:
        session.get_one(Item, 5).quantity = 40_005
    run("seal-history")
    told = run("verify-history", "--records")
    assert (told.code, told.err) == (0, "")
    assert "The chain is intact." in told.out
    assert "The records match the history.\nRecords compared: 1, in 2 fields." in told.out
    assert "Not known to the history: 40 loaded records" in told.out

    by_plain_sql(database, "UPDATE items SET quantity = 7 WHERE id = 5")
    by_plain_sql(database, "DELETE FROM items WHERE id IN (6, 7)")
    assert run("verify-history").code == 0
    told = run("verify-history", "--records")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(
        "backoffice: The history is intact, but the records do not match it. Item #5 “"
    )
    assert "quantity is 7, but the history says 40005 (changeset #3)." in told.err
    assert told.err.endswith("It was changed by plain SQL. 2 more differ.\n")


@pytest.mark.databases("sqlite")
def test_records_are_not_compared_with_a_history_that_was_tampered_with(
    run: Run, database: Database
) -> None:
    write_fast(database, 2)
    run("seal-history")
    attack(database, "UPDATE changes SET label = 'Nuts' WHERE changeset_id = 2")
    told = run("verify-history", "--records")
    assert told.code == 1
    assert "The history was tampered with." in told.err
