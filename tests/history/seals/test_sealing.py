"""The hash chain: what is sealed when, and what shows when somebody rewrites the past."""

import threading
import tracemalloc
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work
from backoffice.history.seals import chain as seals_module
from backoffice.history.seals.lock import Busy
from backoffice.history.seals.sealing import seal_all, seal_once
from backoffice.history.seals.verification import Broken, Verification
from backoffice.models import Change, Seal
from tests.cast import statements
from tests.history.attacker import attack
from tests.history.chain import (
    KEYS,
    covered,
    seal,
    settle,
    verify,
    what_is_wrong,
    write,
    write_fast,
)
from tests.size import sized


def test_what_was_written_is_sealed_once_and_verified(database: Database) -> None:
    first = write(database, 3)
    seal(database)
    then = write(database, 2)
    report = verify(database)
    assert (report.sealed, report.unsealed) == (first[-1], 2)
    seal(database)
    assert covered(database)[0] == [[1, first[-1]]]
    assert [1, then[-1]] == [covered(database)[0][0][0], covered(database)[-1][0][1]]
    report = verify(database)
    assert (report.sealed, report.unsealed) == (then[-1], 0)


def test_an_empty_chain_is_whole(database: Database) -> None:
    report = verify(database)
    assert (report.seals, report.sealed, report.unsealed) == (0, 0, 1)


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_sealed_is_not_sealed_again(database: Database) -> None:
    write(database, 2)
    settle(database)
    assert len([covers for covers in covered(database) if covers]) == 1
    assert seal(database) == []


CHANGES: Any = Change.__table__

TAMPERING: dict[str, tuple[Any, str]] = {
    "a person": (
        "UPDATE changesets SET actor = 'Mallory' WHERE id = 5",
        "Changeset #5 was changed",
    ),
    "a reason": ("UPDATE changesets SET reason = 'x' WHERE id = 5", "Changeset #5 was changed"),
    "a label": ("UPDATE changes SET label = 'x' WHERE changeset_id = 5", "#5 was changed"),
    "a record": ("UPDATE changes SET record_id = 7 WHERE changeset_id = 5", "#5 was changed"),
    "a value": (
        'UPDATE changes SET after = \'{"name": "x"}\' WHERE changeset_id = 5',
        "Changeset #5 was changed",
    ),
    "a value that was none": (
        sa.update(CHANGES).where(CHANGES.c.changeset_id == 5).values(before=sa.text("'null'")),
        "Changeset #5 was changed",
    ),
    "a change more": (
        "INSERT INTO changes (changeset_id, model, record_id, label, operation) "
        "VALUES (5, 'items', '1', 'x', 'delete')",
        "Changeset #5 was changed",
    ),
    "a change less": ("DELETE FROM changes WHERE changeset_id = 5", "Changeset #5 was changed"),
    "a changeset less": ("DELETE FROM changesets WHERE id = 5", "Changeset #5 is missing"),
    "the last one less": ("DELETE FROM changesets WHERE id = 10", "Changeset #10 is missing"),
    "another number": ("UPDATE changesets SET id = 500 WHERE id = 5", "Changeset #5 is missing"),
    "a seal's time": ("UPDATE seals SET at = '2020-01-01' WHERE id = 2", "Seal 2 was changed"),
    "what a seal covers": (
        "UPDATE seals SET covers = '[[4, 5]]' WHERE id = 2",
        "Seal 2 was changed",
    ),
    "a seal less": (
        "DELETE FROM seals WHERE id = 2",
        "Seal 3 does not follow seal 1: a seal in between is missing",
    ),
    "the first seal less": (
        "DELETE FROM seals WHERE id = 1",
        "Seal 2 does not follow the beginning",
    ),
}


@pytest.mark.parametrize(("statement", "told"), TAMPERING.values(), ids=TAMPERING)
def test_a_rewritten_past_is_noticed(database: Database, statement: Any, told: str) -> None:
    write_fast(database, 9)
    seal(database, most=3)
    assert covered(database)[:3] == [[[1, 3]], [[4, 6]], [[7, 9]]]
    assert what_is_wrong(database) == ""
    attack(database, statement)
    assert told in what_is_wrong(database)


def test_two_changesets_in_each_others_place_are_seen(database: Database) -> None:
    write_fast(database, 9)
    seal(database)
    swap = [
        "UPDATE {0} SET {1} = 999 WHERE {1} = 4",
        "UPDATE {0} SET {1} = 4 WHERE {1} = 6",
        "UPDATE {0} SET {1} = 6 WHERE {1} = 999",
    ]
    attack(
        database,
        *(line.format("changesets", "id") for line in swap),
        *(line.format("changes", "changeset_id") for line in swap),
    )
    assert "Changeset #4 has the content that #6 had" in what_is_wrong(database)


@pytest.mark.databases("sqlite", "mariadb")
def test_a_value_that_only_one_reader_sees_is_seen(database: Database) -> None:
    write_fast(database, 4)
    seal(database)
    with database.reader.connect() as connection:
        kept = connection.exec_driver_sql("SELECT after FROM changes WHERE changeset_id = 3")
        text = str(kept.scalar_one())
    # Python takes the last of two equal keys, JSON in SQL the first.
    forged = text.replace('{"id"', '{"name": "x", "id"', 1)
    change = sa.table("changes", sa.column("after"), sa.column("changeset_id"))
    attack(database, sa.update(change).where(change.c.changeset_id == 3).values(after=forged))
    assert "Changeset #3 was changed" in what_is_wrong(database)


def test_a_rebuilt_chain_is_noticed_by_a_hash_noted_elsewhere(
    database: Database,
) -> None:
    write_fast(database, 4)
    noted = seal(database)[0].hash
    attack(database, "UPDATE changesets SET actor = 'Mallory' WHERE id = 3", "DELETE FROM seals")
    seal(database)
    report = verify(database)  # whole in itself
    with pytest.raises(Broken, match="No seal has the hash"):
        report.expect(noted)
    report.expect(report.head.hash.upper())


def test_sealers_at_once_make_one_chain(database: Database, settings: Settings) -> None:
    write_fast(database, 60)
    begin = threading.Barrier(3)
    made: list[Seal] = []

    def work() -> None:
        mine = open_database(settings)
        begin.wait()
        for _ in range(200):
            try:
                one = seal_once(mine, KEYS, most=5)
            except (Busy, sa.exc.OperationalError):
                continue
            if one is None or not one.covers:
                break
            made.append(one)
        mine.dispose()

    sealers = [threading.Thread(target=work) for _ in range(3)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    seal(database)
    report = verify(database)
    assert (report.sealed, report.unsealed) == (61, 0)
    assert len({one.previous_hash for one in made}) == len(made)


def test_a_seal_that_comes_second_is_not_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the lock ever fail, the chain still does not fork."""
    write(database)
    end = seals_module.end_of_chain
    with unit_of_work(database) as session:
        beginning = end(session)
    seal(database)
    write(database)
    monkeypatch.setattr(seals_module, "end_of_chain", lambda session: beginning)
    with pytest.raises(Busy):
        seal_once(database, KEYS)


def test_writers_do_not_wait_for_a_sealer(database: Database) -> None:
    write(database, 3)
    written: list[int] = []

    def write_once() -> None:
        if not written:
            written.extend(write(database))

    first = seal_once(database, KEYS, go_on=write_once)
    assert first is not None
    assert written
    assert written[0] > first.seen
    seal(database)
    assert verify(database).unsealed == 0


def test_a_sealer_that_is_stopped_keeps_nothing(database: Database) -> None:
    write(database, 3)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal_once(database, KEYS, go_on=stop)
    assert covered(database) == []
    seal(database)
    assert verify(database).unsealed == 0


def test_one_more_changeset_costs_the_same_after_any_history(database: Database) -> None:
    seal(database)
    counts = []
    for before in (1, 500):
        write_fast(database, before)
        seal(database, most=100)
        write(database)
        with statements(database) as seen:
            seal(database)
        counts.append(len(seen))
    assert counts[1] <= counts[0] + 1  # whether a horizon has passed is asked where one is awaited


@pytest.mark.databases("sqlite", "postgresql")
def test_memory_stays_flat_however_long_the_history(database: Database) -> None:
    """Also in the short form: to hold its changes, or its changesets, takes more than the limit."""
    changesets, changes, limit = sized((2_500, 10_000, 4_000_000), (5_000, 30_000, 10_000_000))
    write_fast(database, changesets)
    write_fast(database, 1, changes=changes)
    tracemalloc.start()
    try:
        for _ in seal_all(database, KEYS):
            pass
        with unit_of_work(database) as session:
            verification = Verification(session, KEYS)
            for _number in verification.steps():
                pass
        assert verification.sealed == changesets + 2
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak:,} bytes"


def test_changes_are_digested_in_their_order(database: Database) -> None:
    write_fast(database, 1, changes=3)
    seal(database)
    ids = sa.select(Change.id).where(Change.changeset_id == 2).order_by(Change.id)
    with unit_of_work(database) as session:
        first, second, _third = session.scalars(ids)
    attack(
        database,
        f"UPDATE changes SET id = 999999 WHERE id = {first}",
        f"UPDATE changes SET id = {first} WHERE id = {second}",
        f"UPDATE changes SET id = {second} WHERE id = 999999",
    )
    assert "Changeset #2 was changed" in what_is_wrong(database)
