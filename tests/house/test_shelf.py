"""A database that is used again is no other than a new one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.auth.clock import utc_now
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, Role, SignInSession, User
from tests import databases
from tests.cast import add_items, add_user
from tests.databases import Kind

pytestmark = pytest.mark.databases("postgresql", "mariadb")


@contextmanager
def used(kind: Kind, folder: Path) -> Iterator[tuple[str, Database]]:
    """A database as a test gets it: its name, and itself."""
    with databases.migrated_database(kind, folder) as url:
        database = open_database(databases.make_settings(url))
        yield sa.make_url(url).database or "", database
        database.dispose()


def test_it_is_as_the_migrations_made_it(database_kind: Kind, tmp_path: Path) -> None:
    with used(database_kind, tmp_path) as (first, database):
        add_items(database, 300, ["Bolts", "Nuts"])
        key = add_user(database, "ada@example.com", role="Editor")
        with unit_of_work(database, writes=True) as session:
            now = utc_now()
            one = SignInSession(
                user_id=key, created_at=now, last_seen_at=now, address="", browser=""
            )
            one.token_hash = one.password_mark = "0" * 64
            session.add(one)
            session.delete(session.scalars(sa.select(Role).where(Role.name == "Manager")).one())
            session.add(Role(name="Packer"))
        with database.writer.begin() as connection:
            if database_kind == "postgresql":
                connection.exec_driver_sql("ANALYZE")

    with used(database_kind, tmp_path) as (second, database):
        assert second == first
        shelf = databases.shelf_of(database_kind)
        with shelf.connect(second) as connection:
            assert shelf.look_at(connection, second) == shelf.made
        with unit_of_work(database) as session:
            for model in (Category, Item, User, SignInSession):
                assert session.scalars(sa.select(model)).all() == []
            roles = sa.select(Role.id, Role.name).order_by(Role.id)
            assert [tuple(row) for row in session.execute(roles)] == [
                (1, "Viewer"), (2, "Editor"), (3, "Manager")
            ]  # fmt: skip
        add_items(database, 1)
        assert add_user(database, "ada@example.com", role="Manager") == 1
        with unit_of_work(database, writes=True) as session:
            assert session.scalars(sa.select(Item.id)).all() == [1]
            session.add(Role(name="Packer"))
            session.flush()
            assert session.scalars(sa.select(Role.id).where(Role.name == "Packer")).one() == 4


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE others (id integer)",
        "CREATE INDEX others ON items (price)",
        "ALTER TABLE items ADD COLUMN other integer",
        "ALTER TABLE users DROP COLUMN last_name",
        "DROP TABLE user_roles",
        "DROP TRIGGER {trigger}",
    ],
)
def test_one_that_is_made_otherwise_now_is_not_used_again(
    database_kind: Kind, tmp_path: Path, statement: str
) -> None:
    with used(database_kind, tmp_path) as (first, database), database.writer.begin() as connection:
        trigger = a_trigger(connection, database_kind)
        connection.exec_driver_sql(statement.format(trigger=trigger))
    with used(database_kind, tmp_path) as (second, _database):
        assert second != first


def a_trigger(connection: sa.Connection, kind: Kind) -> str:
    """One of the triggers, as DROP TRIGGER wants it named."""
    if kind == "mariadb":
        return str(connection.exec_driver_sql("SHOW TRIGGERS").scalar())
    found = "SELECT tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    return str(connection.exec_driver_sql(found).scalars().first())


def test_nobody_who_was_left_behind_writes_into_it(database_kind: Kind, tmp_path: Path) -> None:
    with databases.migrated_database(database_kind, tmp_path) as url:
        left = open_database(databases.make_settings(url)).writer.connect()
        left.execute(sa.insert(Category).values(name="Bolts"))

    with used(database_kind, tmp_path) as (_second, database):
        with pytest.raises(sa.exc.DBAPIError):
            left.execute(sa.insert(Category).values(name="Nuts"))
        left.invalidate()
        with unit_of_work(database) as session:
            assert session.scalars(sa.select(Category)).all() == []
    left.close()
    left.engine.dispose()
