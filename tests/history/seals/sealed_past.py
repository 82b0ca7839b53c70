"""A history as an earlier release sealed it, kept in a file to be put into a database of today.

A release whose seals have a new form is proven on the seals of the one before. That release made
the file, before the form changed:

    python -m tests.history.seals.sealed_past tests/history/seals/sealed_by_form_1.json
"""

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from backoffice.db import Database, open_database
from backoffice.db.types import UTCDateTime
from backoffice.history import AuditContext, load, unit_of_work
from backoffice.history.seals.pruning import prune
from backoffice.history.undo.changeset import undo
from backoffice.models import Category, Item, User
from tests import databases
from tests.history.chain import KEYS, seal, settle

History = dict[str, list[dict[str, Any]]]
"""The rows of each table, as JSON holds them."""

NUMBER, TEXT, MOMENT, BYTES = sa.BigInteger(), sa.Text(), UTCDateTime(), sa.LargeBinary()
VALUES = sa.Text()
"""JSON, as the very text that the database keeps."""


def _table(name: str, **types: Any) -> sa.Table:
    return sa.Table(name, sa.MetaData(), *(sa.Column(key, kind) for key, kind in types.items()))


TABLES = {
    "changesets": _table(
        "changesets",
        id=NUMBER,
        at=MOMENT,
        actor_id=NUMBER,
        actor=TEXT,
        source=TEXT,
        reason=TEXT,
        request_id=TEXT,
        address=TEXT,
        undoes_id=NUMBER,
        loaded=VALUES,
        transaction=NUMBER,
    ),
    "changes": _table(
        "changes",
        id=NUMBER,
        changeset_id=NUMBER,
        model=TEXT,
        record_id=TEXT,
        label=TEXT,
        operation=TEXT,
        before=VALUES,
        after=VALUES,
    ),
    "seals": _table(
        "seals",
        id=NUMBER,
        at=MOMENT,
        covers=VALUES,
        digests=BYTES,
        settled=NUMBER,
        settling=NUMBER,
        seen=NUMBER,
        horizon=NUMBER,
        previous_hash=TEXT,
        hash=TEXT,
    ),
    "history_anchors": _table(
        "history_anchors", id=NUMBER, at=MOMENT, up_to=NUMBER, seal_id=NUMBER, hash=TEXT
    ),
}
"""The tables of form 1, in an order in which rows can be put back."""


def take(database: Database) -> History:
    """The history of a database."""
    found: History = {}
    with database.reader.connect() as connection:
        for name, table in TABLES.items():
            wanted = [
                sa.cast(column, sa.Text).label(column.key) if column.type is VALUES else column
                for column in table.c
            ]
            rows = connection.execute(sa.select(*wanted).order_by(table.c.id)).mappings()
            found[name] = [{key: _told(value) for key, value in row.items()} for row in rows]
    return found


def put(database: Database, history: History) -> None:
    """Make that the history of a database of form 1, instead of what is there."""
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO history_pruning VALUES (1000000)")
        for table in reversed(TABLES.values()):
            connection.execute(sa.delete(table))
        connection.exec_driver_sql("DELETE FROM history_pruning")
        for name, rows in history.items():
            table = TABLES[name]
            insert = sa.insert(table)
            if database.dialect == "postgresql":
                texts = [column.key for column in table.c if column.type is VALUES]
                insert = insert.values(
                    {key: sa.cast(sa.bindparam(key, type_=sa.Text), JSONB) for key in texts}
                )
            if rows:
                connection.execute(insert, [_meant(row) for row in rows])
            if rows and database.dialect == "postgresql":
                connection.exec_driver_sql(
                    f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"
                )


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.hex() if isinstance(value, bytes) else value


def _meant(row: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Callable[[str], Any]] = {
        "at": datetime.fromisoformat,
        "digests": bytes.fromhex,
    }
    return {key: read[key](value) if key in read else value for key, value in row.items()}


def write_some(database: Database) -> None:
    """Two dozen changesets of every kind that there is."""
    with load(database) as session:
        session.add_all([Category(name=f"Loaded {number}") for number in range(3)])
    audit_context = AuditContext(source="cli", actor="Ada Ωmega", reason="Zoë’s “first”\nline two")
    with unit_of_work(database, writes=True, audit_context=audit_context) as session:
        bolts = Category(name='Bolts ± 2 µm \\ "quoted" 🔩')
        bolts.items = [
            Item(name=f"Bolt {n}", description="é " * n + "x", price="0.10", quantity=n)
            for n in range(4)
        ]
        session.add_all([bolts, User(first_name="Ed", last_name="Itor", email="ed@example.com")])
        session.flush()
        key = bolts.items[0].id
    last = 0
    for number in range(18):
        audit_context = AuditContext(
            source="web", actor_id=7, actor="Ed", request_id=f"r{number}", address="::1"
        )
        with unit_of_work(database, writes=True, audit_context=audit_context) as session:
            item = session.get_one(Item, key)
            item.quantity = number + 1
            session.flush()
            last = session.changeset_id()
    with unit_of_work(
        database, writes=True, audit_context=AuditContext(source="undo", undoes_id=last)
    ) as session:
        undo(session, last)
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Item, key + 1))


def main(path: Path) -> None:
    """Write the file, with what each kind of database keeps."""
    kept: dict[str, dict[str, History]] = {}
    databases.begin_run()
    try:
        for kind in databases.KINDS:
            with (
                tempfile.TemporaryDirectory() as folder,
                databases.migrated_database(kind, Path(folder)) as url,
            ):
                database = open_database(databases.make_settings(url))
                write_some(database)
                seal(database, most=5)
                settle(database)
                kept[kind] = {"whole": take(database)}
                for _gone in prune(
                    database, KEYS, 8, AuditContext(source="cli", actor="prune-history")
                ):
                    pass
                kept[kind]["pruned"] = take(database)
                database.dispose()
    finally:
        databases.end_run()
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
