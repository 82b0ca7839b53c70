"""A changeset and its first change: one statement on PostgreSQL, two elsewhere, the same rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import RecordSession, unit_of_work
from backoffice.models import Category, Changeset
from backoffice.models.tables import changesets
from tests.cast import statements
from tests.history.ledger import changes_of, check_history, write


@pytest.mark.every_database
def test_a_changeset_of_one_change_is_stored_as_one_of_several(database: Database) -> None:
    """PostgreSQL inserts the one change in the statement that inserts the changeset."""
    act: dict[str, Any] = {
        "source": "web",
        "actor_id": 7,
        "actor": "Ada % Tester :x",
        "reason": "Because 'of' \\ \"this\" %s",
        "request_id": "r-1",
        "address": "192.0.2.7",
        "undoes_id": 3,
    }

    def add(names: list[str]) -> int:
        def work(session: RecordSession) -> None:
            session.add_all(Category(name=name) for name in names)

        return write(database, work, **act)

    one, several = add(["100 % 'Bolts' \\"]), add(["Nuts", "Pins"])

    stored = {}
    with unit_of_work(database) as session:
        for number in (one, several):
            found = session.execute(sa.select(changesets).filter_by(id=number))
            stored[number] = dict(found.mappings().one())
    for row in stored.values():
        assert (row.pop("transaction") is not None) == (database.dialect == "postgresql")
        assert abs(datetime.now(UTC) - row.pop("at")) < timedelta(minutes=5)
        row.pop("id")
    assert stored[one] == stored[several]
    (change,), (other, last) = changes_of(database, one), changes_of(database, several)
    assert change.id < other.id < last.id
    assert (change.label, change.before) == ("100 % 'Bolts' \\", None)
    assert change.after == {
        "id": int(change.record_id),
        "name": "100 % 'Bolts' \\",
        "version": 1,
    }
    assert (other.model, other.operation) == (change.model, change.operation)
    check_history(database)


@pytest.mark.every_database
def test_a_changeset_with_its_first_change_is_one_statement_where_the_database_can(
    database: Database,
) -> None:
    with statements(database) as seen:
        write(database, lambda session: session.add(Category(name="Bolts")))
    assert len(seen) == (2 if database.dialect == "postgresql" else 3), seen

    def twice(session: RecordSession) -> None:
        session.add(Category(name="Nuts"))
        session.flush()
        session.add(Category(name="Pins"))

    number = write(database, twice)
    assert [change.label for change in changes_of(database, number)] == ["Nuts", "Pins"]


@pytest.mark.databases("postgresql")
def test_a_changeset_names_the_transaction_that_wrote_it(database: Database) -> None:
    own = sa.select(sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger))
    found = []

    def work(session: RecordSession) -> None:
        session.add(Category(name="Bolts"))
        session.flush()
        found.append(session.scalar(own))

    number = write(database, work)
    with unit_of_work(database) as session:
        assert session.get_one(Changeset, number).transaction == found[0]
