"""Ids are not commit order: what is sealed, and what is settled, while transactions still run."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work
from backoffice.history.seals import watermarks
from backoffice.history.seals.watermarks import has_passed
from backoffice.models import Changeset, Seal
from tests.history.attacker import attack
from tests.history.chain import covered, seal, settle, verify, what_is_wrong, write


@pytest.mark.databases("postgresql")
def test_a_changeset_slipped_into_a_gap_is_seen(database: Database) -> None:
    write(database, 2)
    unwanted, lost = open_changeset(database)
    unwanted.rollback()
    unwanted.close()
    write(database, 2)
    settle(database)
    assert covered(database)[0] == [[1, lost - 1], [lost + 1, lost + 2]]
    verify(database)
    attack(
        database,
        "INSERT INTO changesets (id, at, actor, source, reason, request_id, address) "
        f"VALUES ({lost}, now(), 'Ada', 'web', '', '', '')",
    )
    assert f"Changeset #{lost} was inserted between sealed ones" in what_is_wrong(database)
    assert seal(database) == []  # nor does a sealer take it


def open_changeset(database: Database) -> tuple[sa.Connection, int]:
    """A transaction that has written a changeset and is still running, and the changeset's id."""
    connection = database.writer.connect()
    result = connection.execute(
        sa.insert(Changeset).values(
            at=sa.func.now(), actor="Ada", source="web", reason="", request_id="", address=""
        )
    )
    (number,) = result.inserted_primary_key or (0,)
    return connection, number


@pytest.mark.databases("postgresql", "mariadb")
def test_a_late_commit_with_an_early_id_is_also_sealed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watermarks, "MARGIN", 0)
    late, number = open_changeset(database)
    early = write(database, 2)
    seal(database)
    assert covered(database) == [[[1, number - 1], [number + 1, early[-1]]]]
    more = write(database)
    seal(database)  # the early one still runs: what is above it is sealed, and nothing settled
    last_seals = covered(database)
    assert last_seals[-1] == [[more[0], more[0]]]
    assert settled(database) < number
    late.commit()
    late.close()
    seal(database)
    assert covered(database)[-1] == [[number, number]]
    settle(database)
    assert settled(database) >= number
    assert verify(database).unsealed == 0


@pytest.mark.databases("postgresql", "mariadb")
def test_a_changeset_that_is_rolled_back_late_leaves_a_gap_that_closes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watermarks, "MARGIN", 0)
    late, number = open_changeset(database)
    last = write(database)[0]
    seal(database)
    assert settled(database) < number < last
    late.rollback()
    late.close()
    closing = settle(database)
    assert {str(one.covers) for one in closing} == {"[]"}
    assert settled(database) >= last
    attack(
        database,
        "INSERT INTO changesets (id, at, actor, source, reason, request_id, address) "
        f"VALUES ({number}, '2026-01-01', 'Ada', 'web', '', '', '')",
    )
    assert f"Changeset #{number} was inserted" in what_is_wrong(database)


@pytest.mark.databases("postgresql", "mariadb")
def test_a_horizon_is_waited_for_and_not_put_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealing more often than transactions end must not keep the end from ever being seen."""
    monkeypatch.setattr(watermarks, "MARGIN", 0)
    late, _number = open_changeset(database)
    write(database)
    (first,) = seal(database)
    for _ in range(3):
        write(database)
        (one,) = seal(database)
        assert (one.settling, one.horizon) == (first.settling, first.horizon)
    late.rollback()
    late.close()


def settled(database: Database) -> int:
    """Up to where the last seal says that all is there."""
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(Seal.settled).order_by(Seal.id.desc()).limit(1))
    assert number is not None
    return number


@pytest.mark.databases("postgresql")
def test_a_dump_restored_in_another_cluster_settles(database: Database) -> None:
    """Transaction ids start again there: a horizon in the future is of nothing that runs here."""
    late, _number = open_changeset(database)
    with unit_of_work(database, writes=True) as session:
        horizon = int(session.scalar(sa.text("SELECT pg_current_xact_id()::text::bigint")) or 0)
    with unit_of_work(database) as session:
        assert not has_passed(session, horizon)
        assert has_passed(session, horizon + 1_000_000_000)
        assert has_passed(session, 3)
    late.rollback()
    late.close()


@pytest.mark.databases("postgresql")
def test_a_seal_waits_for_an_id_whose_transaction_has_not_begun(database: Database) -> None:
    """PostgreSQL gives an INSERT its id before it gives the transaction one."""
    write(database)
    with database.writer.connect() as connection:
        # What an INSERT has done when it has taken its id and nothing else.
        connection.exec_driver_sql("LOCK TABLE changesets IN ROW EXCLUSIVE MODE")
        (made,) = seal(database)
        assert (made.settled, made.horizon) == (0, watermarks.NO_WATERMARK)
    settle(database)
    assert settled(database) == made.seen


@pytest.mark.databases("mariadb")
def test_without_the_right_to_see_transactions_only_age_settles(
    database: Database, settings: Settings, make_settings: Callable[..., Settings]
) -> None:
    name = str(database.engine.url.database)
    user = f"s{name[-20:]}"
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"CREATE USER '{user}'@'%%' IDENTIFIED BY 'x'")
        connection.exec_driver_sql(f"GRANT ALL ON {name}.* TO '{user}'@'%%'")
    url = database.engine.url.set(username=user, password="x")
    poor = open_database(make_settings(database_url=url.render_as_string(hide_password=False)))
    try:
        write(poor)
        (made,) = seal(poor)
        assert made.settled == 0
        with unit_of_work(poor, writes=True) as session:
            now = session.scalar(sa.text("SELECT CAST(UNIX_TIMESTAMP() * 1000000 AS SIGNED)"))
            hour = 3_600_000_000
            assert not has_passed(session, now - hour)
            assert has_passed(session, now - 25 * hour)
    finally:
        poor.dispose()
        with database.writer.begin() as connection:
            connection.exec_driver_sql(f"DROP USER '{user}'@'%%'")
