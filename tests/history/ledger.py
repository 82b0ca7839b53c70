"""What the history of a test's database says, and whether it is the truth."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import AuditContext, RecordSession, delete_where, unit_of_work
from backoffice.history.audited import (
    audited_mappers,
    columns_of,
    key_of,
    table_of,
    version_field,
)
from backoffice.history.comparison.replay import KnownRecord, after_change, unrecorded_values
from backoffice.history.encoding import encode
from backoffice.history.links import key_of_record, link_fields
from backoffice.history.loads import loads_of
from backoffice.history.undo.changeset import Plan, plan_undo, undo
from backoffice.models import Category, Change, Changeset, Item
from tests.history.comparison import compare


def write(database: Database, work: Callable[[RecordSession], object], **act: Any) -> int:
    """Do ``work`` in a unit of work; returns its changeset's id, 0 if it made none."""
    with unit_of_work(
        database, writes=True, audit_context=AuditContext(**act) if act else None
    ) as session:
        work(session)
        session.flush()
        number = session.changeset
    return number or 0


def changes_of(database: Database, changeset: int) -> list[Change]:
    """What a changeset did, in order."""
    with unit_of_work(database) as session:
        statement = sa.select(Change).where(Change.changeset_id == changeset).order_by(Change.id)
        return list(session.scalars(statement))


def only_change(database: Database, changeset: int) -> Change:
    """The one change of a changeset."""
    (change,) = changes_of(database, changeset)
    return change


def changesets(database: Database) -> int:
    """How many changesets there are."""
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Changeset)) or 0


def plan(database: Database, changeset: int) -> Plan:
    """What undoing a changeset would do."""
    with unit_of_work(database) as session:
        return plan_undo(session, changeset)


def take_back(database: Database, changeset: int, overwrite: Iterable[str] | None = ()) -> int:
    """Undo a changeset; returns the id of the one that did it."""
    chosen = None if overwrite is None else list(overwrite)
    return write(
        database,
        lambda session: undo(session, changeset, overwrite=chosen),
        source="undo",
        undoes_id=changeset,
    )


def shelf(database: Database, name: str = "Bolts", items: int = 0) -> int:
    """A category with items "{name} 0", "{name} 1" …; returns its id."""
    with unit_of_work(database, writes=True) as session:
        category = Category(name=name)
        category.items = [
            Item(name=f"{name} {n}", description=f"Number {n}", price=n, quantity=n)
            for n in range(items)
        ]
        session.add(category)
        session.flush()
        return category.id


def item(session: RecordSession, name: str) -> Item:
    """The item of that name."""
    return session.scalars(sa.select(Item).where(Item.name == name)).one()


def category(session: RecordSession, name: str) -> Category:
    """The category of that name."""
    return session.scalars(sa.select(Category).where(Category.name == name)).one()


def tables_with_records(session: RecordSession) -> list[str]:
    """The audited tables that are not empty, in one statement."""
    return list(session.scalars(_look_into(tuple(audited_mappers()))))


@cache
def _look_into(names: tuple[str, ...]) -> sa.CompoundSelect[Any]:
    tables = {name: table_of(audited_mappers()[name]) for name in names}
    return sa.union_all(
        *(
            sa.select(sa.literal(name)).where(
                sa.select(sa.literal(1)).select_from(table).limit(1).exists()
            )
            for name, table in tables.items()
        )
    )


def live(database: Database, *, versions: bool = True) -> dict[tuple[str, str], dict[str, Any]]:
    """Every audited record as the history would keep it, by table and id."""
    found = {}
    with unit_of_work(database) as session:
        for table in tables_with_records(session):
            mapper = audited_mappers()[table]
            for record in session.scalars(sa.select(mapper.class_)):
                key = key_of(mapper).encode(key_of_record(record))
                values = {
                    name: encode(column, getattr(record, name))
                    for name, column in columns_of(sa.inspect(record).mapper).items()
                    if versions or name != version_field(mapper)
                }
                found[table, key] = values | link_fields(record)
    return found


def check_history(database: Database, *, since: int = 0) -> int:
    """Replay every record's changes and compare the end with the record; returns how many changes.

    A change must start from what the one before it left, and versions must only rise. A record that
    a load made may begin with any change, and is compared as far as it is known.
    ``since``: records that existed before this changeset are not looked at.
    """
    now = live(database)
    replayed: dict[tuple[str, str], KnownRecord] = {}
    greatest: dict[tuple[str, str], int] = defaultdict(int)
    number = 0
    with unit_of_work(database) as session:
        statement = sa.select(Change).where(Change.changeset_id > since).order_by(Change.id)
        rows = list(session.scalars(statement))
        tables = _tables_to_check(session)
        loads = {table: list(loads_of(session, table)) for table in tables}
    for change in rows:
        number += 1
        key = change.model, change.record_id
        known = replayed.get(key)
        told = (key, change.operation, change.before, change.after, known)
        assert not list(unrecorded_values(known, change)), told
        if change.operation == "create":
            assert known is None or not known.exists, told
            assert change.before is None, told
            assert change.after is not None, told
        else:
            made = any(load.made(change.record_id) for load in loads[change.model])
            assert (known is not None and known.exists) or (known is None and made), told
            assert change.before is not None, told
            if known is not None and known.is_complete:
                assert change.before.keys() <= known.values.keys(), told
            if change.operation == "delete":
                assert change.after is None, told
                assert known is None or not known.is_complete or change.before == known.values, told
            else:
                assert change.after is not None, told
                assert change.before.keys() == change.after.keys(), told
        replayed[key] = known = after_change(known, change)
        counted = version_field(audited_mappers()[change.model])
        if known.exists and counted is not None:
            if change.operation == "create" and known.values[counted] == 1:
                greatest[key] = 0  # a natural key that was free again: another record
            assert known.values[counted] > greatest[key], told
            greatest[key] = known.values[counted]
    for key, values in now.items():
        known = replayed.get(key)
        if known is not None:
            assert known.exists, (key, values)
            assert known.values.items() <= values.items(), (key, values, known)
            assert not known.is_complete or known.values == values, (key, values, known)
        elif not since:  # the roles that the migration loads have no history
            made = any(load.made(key[1]) for load in loads[key[0]])
            assert made or key[0] == "roles", (key, values)
    gone = {key for key, known in replayed.items() if known.exists} - now.keys()
    assert not gone
    compared = compare(database, tables)
    assert (compared.first_difference, compared.first_unrecorded) == ("", "")
    return number


def _tables_to_check(session: RecordSession) -> set[str]:
    """Those with records, and those that a change or a load tells of."""
    loaded = session.scalars(sa.select(Changeset.loaded).where(Changeset.source == "load"))
    found = {*tables_with_records(session), *(table for one in loaded for table in one or ())}
    return {*found, *session.scalars(sa.select(Change.model).distinct())}


def skipped_records(planned: Plan) -> list[tuple[str, str, int, tuple[str, ...]]]:
    """(model, reason, number, labels) of the records that an undo leaves as they are."""
    return [
        (step.model, skipped.reason, skipped.number, skipped.labels)
        for step in planned.steps
        for skipped in step.skipped
    ]


def edit(database: Database, called: str, **values: object) -> int:
    def work(session: RecordSession) -> None:
        changed = item(session, called)
        for field, value in values.items():
            setattr(changed, field, value)

    return write(database, work)


def delete_category(database: Database, name: str) -> int:
    return write(database, lambda session: delete_where(session, Category, Category.name == name))
