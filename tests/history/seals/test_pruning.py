"""Retention: what is old enough goes as a whole, and what stays can still be verified."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import make_transient

from backoffice.db import Database
from backoffice.history import AuditContext, unit_of_work
from backoffice.history.seals.chain import BEGINNING, NotSigned
from backoffice.history.seals.pruning import Prunable, prunable, prune
from backoffice.history.undo.changeset import NotUndoable, plan_undo
from backoffice.models import Change, Changeset, HistoryAnchor, HistoryPruning, Seal
from tests.cast import count
from tests.history.attacker import attack
from tests.history.chain import KEYS, seal, settle, verify, what_is_wrong, write, write_fast

OLD = datetime.now(UTC)
BEFORE = OLD + timedelta(days=1)
LATER = OLD + timedelta(days=2)
ACT = AuditContext(source="cli", actor="prune-history", reason="too old")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.history.seals.watermarks.MARGIN", 0)


@pytest.fixture(autouse=True)
def old_history(database: Database) -> None:
    """Changesets 1 (the migration's) to 20, which may be forgotten."""
    write_fast(database, 19, changes=2, at=OLD)


def plan(database: Database, before: datetime = BEFORE) -> Prunable:
    with unit_of_work(database) as session:
        return prunable(session, before)


def ids(database: Database) -> list[int]:
    with unit_of_work(database) as session:
        return list(session.scalars(sa.select(Changeset.id).order_by(Changeset.id)))


def test_what_is_old_goes_and_the_rest_still_holds(database: Database) -> None:
    write_fast(database, 5, at=LATER)
    seal(database, most=10)
    settle(database)
    last = verify(database).head.hash
    assert plan(database) == Prunable(up_to=20, changesets=20, changes=38, unsealed=0)
    assert sum(prune(database, KEYS, 20, ACT)) == 20
    assert ids(database) == [21, 22, 23, 24, 25, 26]
    assert count(database, Change) == 5
    report = verify(database)
    assert (report.pruned_up_to, report.sealed, report.unsealed) == (20, 5, 1)
    report.expect(last)
    assert count(database, HistoryPruning) == 0


def test_pruning_is_itself_in_the_history(database: Database) -> None:
    settle(database)
    sum(prune(database, KEYS, 20, ACT, most=7))
    (number,) = ids(database)
    with unit_of_work(database) as session:
        changeset = session.get_one(Changeset, number)
        assert (changeset.actor, changeset.reason) == ("prune-history", "too old")


def test_only_what_is_sealed_goes(database: Database) -> None:
    assert plan(database) == Prunable(0, 0, 0, unsealed=20)
    with pytest.raises(ValueError, match="only sealed"):
        list(prune(database, KEYS, 20, ACT))
    settle(database)
    write_fast(database, 3, at=OLD + timedelta(hours=1))
    assert plan(database) == Prunable(20, 20, 38, unsealed=3)


def test_only_the_oldest_go_without_a_gap(database: Database) -> None:
    """A clock that went wrong once does not tear a hole into the history."""
    write_fast(database, 2, at=LATER)
    write_fast(database, 2, at=OLD)
    settle(database)
    assert plan(database).up_to == 20


def test_a_seal_over_more_than_what_goes_stays(database: Database) -> None:
    settle(database)  # one seal over all of them
    assert sum(prune(database, KEYS, 12, ACT)) == 12
    report = verify(database)
    assert (report.pruned_up_to, report.sealed) == (12, 8)
    attack(database, "UPDATE changesets SET actor = 'Mallory' WHERE id = 15")
    assert "Changeset #15 was changed" in what_is_wrong(database)


def test_it_goes_in_parts_and_each_leaves_a_whole_chain(database: Database) -> None:
    seal(database, most=6)
    settle(database)
    parts = prune(database, KEYS, 20, ACT, most=5)
    for left in (15, 10, 5, 0):
        assert next(parts) == 5
        assert what_is_wrong(database) == ""
        assert count(database, HistoryAnchor) == 1
        with unit_of_work(database) as session:
            number = session.scalar(
                sa.select(sa.func.count()).select_from(Changeset).where(Changeset.id <= 20)
            )
        assert number == left
    assert list(parts) == []


def test_sealing_goes_on_where_everything_was_pruned(database: Database) -> None:
    settle(database)
    sum(prune(database, KEYS, 20, ACT))
    with unit_of_work(database) as session:
        seals = session.scalars(sa.select(Seal)).all()
    assert [one for one in seals if one.seen <= 20] == []
    write(database, 2)
    settle(database)
    report = verify(database)
    assert (report.sealed, report.unsealed) == (3, 0)
    assert sum(prune(database, KEYS, 21, ACT)) == 1
    assert verify(database).pruned_up_to == 21


def test_a_changeset_put_back_below_the_anchor_is_seen(database: Database) -> None:
    settle(database)
    sum(prune(database, KEYS, 20, ACT))
    attack(
        database,
        "INSERT INTO changesets (id, at, actor, source, reason, request_id, address) "
        "VALUES (4, '2023-01-01 00:00:00', 'Ada', 'web', '', '', '')",
    )
    assert "Changeset #4 was inserted: everything up to #20 was pruned" in what_is_wrong(database)


def test_a_forged_anchor_is_seen(database: Database) -> None:
    seal(database, most=10)
    settle(database)
    attack(
        database,
        "DELETE FROM changes WHERE changeset_id <= 10",
        "DELETE FROM changesets WHERE id <= 10",
        "DELETE FROM seals WHERE id = 1",
        "INSERT INTO history_anchors (at, up_to, seal_id, hash) "
        "VALUES ('2026-01-01 00:00:00', 10, 1, 'abc')",
    )
    assert what_is_wrong(database).startswith(
        "The anchor of history pruned up to changeset #10 is not signed"
    )


def test_each_anchor_is_signed_with_the_one_before(database: Database) -> None:
    settle(database)
    parts = prune(database, KEYS, 20, ACT, most=5)
    next(parts)
    first = anchor_of(database)
    next(parts)
    second = anchor_of(database)
    assert (first.up_to, first.previous, second.up_to) == (5, None, 10)
    assert second.previous == first.signature
    assert KEYS.fit_anchor(second)
    second.up_to = 11
    assert not KEYS.fit_anchor(second)


def anchor_of(database: Database) -> HistoryAnchor:
    with unit_of_work(database) as session:
        return session.scalars(sa.select(HistoryAnchor)).one()


def test_an_anchor_that_was_pruned_over_is_worth_nothing_any_more(database: Database) -> None:
    seal(database, most=4)
    settle(database)
    next(prune(database, KEYS, 20, ACT, most=5))
    old = anchor_of(database)
    list(prune(database, KEYS, 20, ACT, most=5))
    with unit_of_work(database, writes=True) as session:
        make_transient(old)
        old.id = 1_000
        session.add(old)
    assert "There are 2 anchors of pruned history" in what_is_wrong(database)


def test_pruning_does_not_cover_for_an_anchor_that_nobody_signed(database: Database) -> None:
    settle(database)
    with unit_of_work(database, writes=True) as session:
        forged = HistoryAnchor(at=OLD, up_to=3, seal_id=0, hash=BEGINNING, signature="ab" * 32)
        session.add(forged)
    with pytest.raises(NotSigned, match="up to changeset #3 is not signed"):
        list(prune(database, KEYS, 20, ACT))
    assert ids(database)[0] == 1


def test_what_was_pruned_can_no_longer_be_undone_and_says_so(database: Database) -> None:
    settle(database)
    sum(prune(database, KEYS, 20, ACT))
    with unit_of_work(database) as session:
        with pytest.raises(NotUndoable, match="Nothing of this change is kept"):
            plan_undo(session, 5)
        with pytest.raises(NotUndoable, match="does not exist"):
            plan_undo(session, 5_000)
