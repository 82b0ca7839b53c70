"""Who can rewrite the database cannot sign what they wrote."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import downgrade, upgrade
from backoffice.history import AuditContext, unit_of_work
from backoffice.history.seals.chain import NotSigned
from backoffice.history.seals.formats import CURRENT, FORMATS
from backoffice.history.seals.notes import Note, read_notes
from backoffice.history.seals.pruning import prune
from backoffice.history.seals.sealing import seal_all
from backoffice.history.seals.sign_end import sign_end
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.seals.verification import Broken, Verification
from backoffice.models import Change, Changeset, Seal
from tests.cast import count
from tests.databases import SIGNING_KEY
from tests.history.attacker import attack
from tests.history.chain import (
    KEYS,
    all_seals,
    seal,
    settle,
    verify,
    what_is_wrong,
    write,
    write_fast,
)
from tests.history.seals import sealed_past

PAST = Path(__file__).with_name("sealed_by_form_1.json")
BEFORE_SIGNATURES = "20261123_0004"
NEW_KEY = "another-0123456789-abcdefghijklmnopqrstuvwxyz"
NEW_KEYS = HistoryKeys(NEW_KEY, [SIGNING_KEY])
LOST = HistoryKeys(NEW_KEY)
ACT = AuditContext(source="cli", actor="seal-history")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.history.seals.watermarks.MARGIN", 0)


def wrong_for(database: Database, keys: HistoryKeys, *notes: Note) -> str:
    """The first thing that does not fit for who has these keys and notes."""
    with unit_of_work(database) as session:
        try:
            for _ in Verification(session, keys, notes).steps():
                pass
        except Broken as error:
            return str(error)
    return ""


def changesets(database: Database) -> int:
    return count(database, Changeset)


# The release before ---------------------------------------------------------------------


@pytest.fixture(params=["whole", "pruned"])
def sealed_before(request: pytest.FixtureRequest, empty_settings: Settings) -> Any:
    """A database that the previous release sealed, upgraded to this one."""
    upgrade(empty_settings, BEFORE_SIGNATURES)
    database = open_database(empty_settings)
    kept = json.loads(PAST.read_text())[database.dialect.replace("mysql", "mariadb")]
    sealed_past.put(database, kept[request.param])
    upgrade(empty_settings)
    yield database
    database.dispose()


def test_what_the_release_before_sealed_is_verified_and_goes_on(sealed_before: Database) -> None:
    report = verify(sealed_before)
    assert (report.seals_before_signed, report.unsealed) in ((5, 0), (7, 0), (4, 1), (6, 1))
    assert report.signed_from == report.head.seal_id
    assert report.sealed == changesets(sealed_before) - report.unsealed
    write(sealed_before, 2)
    seal(sealed_before)
    report = verify(sealed_before)
    assert (report.sealed, report.unsealed) == (changesets(sealed_before), 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changesets SET reason = 'x' WHERE id = 15",
        "UPDATE changes SET label = 'x' WHERE changeset_id = 15",
    ],
)
def test_what_the_release_before_sealed_is_seen_to_change(
    sealed_before: Database, statement: str
) -> None:
    attack(sealed_before, statement)
    assert "Changeset #15 was changed" in what_is_wrong(sealed_before)


@pytest.mark.databases("sqlite", "postgresql")
def test_the_release_before_can_have_its_database_back(
    empty_settings: Settings, sealed_before: Database
) -> None:
    write(sealed_before)
    settle(sealed_before)
    downgrade(empty_settings, BEFORE_SIGNATURES)
    with sealed_before.reader.connect() as connection:
        names = connection.exec_driver_sql("SELECT * FROM seals").keys()
    assert "form" not in names
    upgrade(empty_settings)
    assert what_is_wrong(sealed_before) == ""
    settle(sealed_before)
    assert verify(sealed_before).unsealed == 0


def test_a_process_of_the_release_before_does_not_seal_any_more(sealed_before: Database) -> None:
    write(sealed_before)
    columns = [column.key for column in sealed_past.TABLES["seals"].c if column.key != "id"]
    quoted = ", ".join(columns)
    copied = ", ".join("'x'" if key == "previous_hash" else key for key in columns)
    with (
        pytest.raises(DBAPIError, match="a release that does not sign cannot write its seals"),
        sealed_before.writer.begin() as connection,
    ):
        connection.exec_driver_sql(
            f"INSERT INTO seals ({quoted}) SELECT {copied} FROM seals ORDER BY id DESC LIMIT 1"
        )
    seal(sealed_before)
    assert what_is_wrong(sealed_before) == ""


@pytest.mark.databases("sqlite")
def test_every_column_of_the_history_is_sealed_by_the_present_form(database: Database) -> None:
    changeset = {column.name for column in Changeset.__table__.columns} - {"id"}
    change = {column.name for column in Change.__table__.columns} - {"changeset_id"}
    advice = (
        "a new column needs a new form in history/seals/formats.py; the old ones stay as they are"
    )
    assert (set(CURRENT.changeset), set(CURRENT.change)) == (changeset, change), advice
    assert len({form.name for form in FORMATS.values()}) == len(FORMATS)


# Without the key ------------------------------------------------------------------------


def test_a_chain_rebuilt_with_another_key_is_noticed(database: Database) -> None:
    write_fast(database, 9)
    seal(database)
    attack(database, "UPDATE changesets SET actor = 'Mallory' WHERE id = 5", "DELETE FROM seals")
    list(seal_all(database, HistoryKeys("mallory")))
    assert what_is_wrong(database).startswith("None of the seals is signed")


def test_a_chain_rebuilt_without_signatures_is_noticed(database: Database) -> None:
    write_fast(database, 9)
    seal(database)
    attack(database, "UPDATE seals SET signature = NULL")
    assert what_is_wrong(database).startswith("None of the seals is signed")


def test_a_seal_without_a_signature_after_one_with_is_seen(database: Database) -> None:
    write(database, 3)
    seal(database)
    last = verify(database).head.seal_id
    write(database)
    seal(database)
    attack(database, f"UPDATE seals SET signature = NULL WHERE id > {last}")
    assert "has no signature, but seal" in what_is_wrong(database)


def test_a_seal_signed_with_another_key_after_a_good_one_is_seen(database: Database) -> None:
    write(database, 3)
    seal(database)
    with unit_of_work(database) as session:
        one = session.scalars(sa.select(Seal).order_by(Seal.id.desc())).first()
        assert one is not None
        HistoryKeys("mallory").sign_seal(one)
        forged = one.signature
        session.expunge_all()
    write(database)
    seal(database)
    attack(
        database,
        f"UPDATE seals SET signature = '{forged}' WHERE id = (SELECT n FROM "
        "(SELECT max(id) AS n FROM seals) newest)",
    )
    assert "is not signed with HISTORY_KEY" in what_is_wrong(database)


def test_history_erased_with_the_triggers_in_place_is_seen(database: Database) -> None:
    write(database, 5)
    seal(database)
    noted = verify(database).head.hash
    number = verify(database).head.seal_id
    with database.writer.begin() as connection:
        for statement in (
            "INSERT INTO history_pruning VALUES (1000)",
            "DELETE FROM changes",
            "DELETE FROM changesets",
            "DELETE FROM seals",
            "DELETE FROM history_pruning",
            "INSERT INTO history_anchors (at, up_to, seal_id, hash, signature) "
            f"VALUES ('2026-01-01 00:00:00', 1000, 0, '{noted}', '{noted}')",
        ):
            connection.exec_driver_sql(statement)
    assert "pruned up to changeset #1000 is not signed" in what_is_wrong(database)
    with pytest.raises(NotSigned):
        seal(database)
    attack(database, "DELETE FROM history_anchors")
    assert what_is_wrong(database) == ""  # as if nothing had ever been written, but for the note:
    assert f"Seal {number} was noted, but the chain ends with seal 0" in wrong_for(
        database, KEYS, Note(number, noted)
    )


# Keys that change -----------------------------------------------------------------------


def test_a_former_key_verifies_what_it_signed(database: Database) -> None:
    write(database, 3)
    seal(database)
    write(database)
    made = list(seal_all(database, NEW_KEYS))
    assert made
    assert LOST.fit_seal(made[-1].hash, made[-1].signature)
    assert wrong_for(database, NEW_KEYS) == ""
    assert "is not signed with HISTORY_KEY" in wrong_for(database, KEYS)


def test_the_end_can_be_signed_again_with_another_key(database: Database) -> None:
    write(database, 3)
    seal(database)
    number = verify(database).seals
    with pytest.raises(NotSigned, match="put the old one"):
        list(seal_all(database, LOST))
    assert wrong_for(database, LOST).startswith("None of the seals is signed")
    assert sign_end(database, LOST, ACT)
    assert not sign_end(database, LOST, ACT)
    list(seal_all(database, LOST))
    with unit_of_work(database) as session:
        verification = Verification(session, LOST)
        list(verification.steps())
        assert verification.seals_before_signed == number
        newest = sa.select(Changeset.actor).order_by(Changeset.id.desc()).limit(1)
        assert session.scalar(newest) == "seal-history"


def test_the_anchor_can_be_signed_again_with_another_key(database: Database) -> None:
    write(database, 3)
    settle(database)
    list(prune(database, KEYS, 3, ACT))
    assert "is not signed with HISTORY_KEY" in wrong_for(database, LOST)
    assert sign_end(database, LOST, ACT)
    list(seal_all(database, LOST))
    assert wrong_for(database, LOST) == ""


# Notes ----------------------------------------------------------------------------------


def test_notes_prove_that_the_end_is_there(database: Database) -> None:
    write(database, 3)
    seal(database, most=1)
    notes = [Note.of(one) for one in all_seals(database)]
    assert wrong_for(database, KEYS, *notes) == ""
    last = notes[-1]
    attack(database, f"DELETE FROM seals WHERE id = {last.seal_id}")
    assert what_is_wrong(database) == ""
    assert f"Seal {last.seal_id} was noted, but the chain ends with seal" in wrong_for(
        database, KEYS, *notes
    )
    other = Note(notes[0].seal_id, "ab" * 32)
    assert f"Seal {other.seal_id} was noted with the hash {other.hash}" in wrong_for(
        database, KEYS, other
    )


def test_a_noted_seal_that_never_was_in_the_chain_is_told(database: Database) -> None:
    write(database, 3)
    seal(database, most=2)
    seals = all_seals(database)
    assert "Seal 0 was noted, but is not in the chain" in wrong_for(
        database, KEYS, Note(0, seals[0].hash)
    )


HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "line",
    [
        f"seal=12 hash={HASH}",
        f"at=2026-11-26T10:00:00.000+00:00 level=info log=backoffice.web.background.sealer "
        f'message="Sealed 3 changesets: seal 12 has the hash {HASH}"',
        f"The last seal is 12, its hash {HASH}",
        json.dumps({"seal": 12, "hash": HASH}),
        json.dumps({"at": "2026-11-26", "seal": "12", "by": "web", "hash": HASH.upper()}),
    ],
)
def test_a_note_is_read_in_whatever_form_it_was_kept(line: str) -> None:
    assert list(read_notes(["something else", line])) == [Note(12, HASH)]


@pytest.mark.parametrize("line", ["", "seal=12", f"hash={HASH}", f"seal=12 hash={HASH[1:]}"])
def test_what_is_no_note_is_passed_over(line: str) -> None:
    assert list(read_notes([line])) == []
