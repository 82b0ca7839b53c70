"""What a person prefers comes with their sign-in, and two tabs do not undo each other."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.auth import preferences, sessions
from backoffice.auth.preferences import ListPreferences, save_list_preferences
from backoffice.auth.signed_in import SignedIn
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset, Grant, Role, User
from backoffice.models.tables import user_preferences
from tests.auth.conftest import ADAS_PASSWORD, Door
from tests.cast import statements


@pytest.fixture
def token(door: Door, ada: User) -> str:
    """Ada's browser, signed in."""
    return door.enter("ada@example.com", ADAS_PASSWORD).token


def who(door: Door, token: str) -> SignedIn:
    person = sessions.recognise(door.database, door.settings, token, door.clock())
    assert person is not None
    return person


def save(database: Database, user: User, identity: str = "item", **changes: Any) -> None:
    with unit_of_work(database, writes=True) as session:
        save_list_preferences(session, user.id, identity, **changes)


def write(database: Database, user: User, data: str) -> None:
    """Put ``data`` there whatever it is, as another program might."""
    with database.writer.begin() as connection:
        connection.execute(sa.insert(user_preferences).values(user_id=user.id, data=data))


def kept(database: Database, user: User) -> Any:
    with database.reader.connect() as connection:
        return connection.scalar(
            sa.select(user_preferences.c.data).where(user_preferences.c.user_id == user.id)
        )


def test_people_without_preferences_get_the_default_lists(door: Door, token: str) -> None:
    liked = ListPreferences.of(who(door, token).preferences, "item")
    assert liked == ListPreferences(None, "compact", filters_open=True, view=None)


def test_what_was_saved_comes_with_the_sign_in(door: Door, ada: User, token: str) -> None:
    save(door.database, ada, columns=["name", "price"], density="cosy", filters="closed", view=7)
    person = who(door, token)
    assert ListPreferences.of(person.preferences, "item") == ListPreferences(
        ("name", "price"), "cosy", filters_open=False, view=7
    )
    assert ListPreferences.of(person.preferences, "category") == ListPreferences()


def test_each_change_leaves_the_rest(door: Door, ada: User, token: str) -> None:
    save(door.database, ada, columns=["name"], density="cosy")
    save(door.database, ada, "category", view=3)
    save(door.database, ada, density=None, filters="closed")
    person = who(door, token)
    assert ListPreferences.of(person.preferences, "item") == ListPreferences(
        ("name",), filters_open=False
    )
    assert ListPreferences.of(person.preferences, "category") == ListPreferences(view=3)


def test_nothing_of_it_is_in_the_history(database: Database, ada: User) -> None:
    def changesets() -> int:
        with unit_of_work(database) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Changeset)) or 0

    before = changesets()
    save(database, ada, density="cosy")
    assert changesets() == before


@pytest.mark.every_database
def test_two_tabs_at_once_both_keep_what_they_changed(database: Database, ada: User) -> None:
    def tab(number: int) -> None:
        save(database, ada, f"list{number % 4}", **{("density", "view")[number % 2]: number})

    for _ in range(5):
        with ThreadPoolExecutor(8) as tabs:
            list(tabs.map(tab, range(8)))
        lists = json.loads(kept(database, ada))["lists"]
        assert {name: set(said) for name, said in lists.items()} == {
            "list0": {"density"},
            "list1": {"view"},
            "list2": {"density"},
            "list3": {"view"},
        }
        with database.writer.begin() as connection:
            connection.execute(sa.delete(user_preferences))


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 5000,
        '{"lists": 5}',
        '{"lists": {"item": [1]}}',
        '{"lists": {"item": {"columns": {"a": 1}, "density": 7, "filters": [], "view": "x"}}}',
        '{"lists": {"item": {"columns": [[], null, 5], "view": true}}}',
    ],
)
def test_what_cannot_be_read_counts_as_not_said(
    door: Door, ada: User, token: str, data: str
) -> None:
    write(door.database, ada, data)
    assert ListPreferences.of(who(door, token).preferences, "item") == ListPreferences()
    save(door.database, ada, density="cosy")
    assert ListPreferences.of(who(door, token).preferences, "item").density == "cosy"


@pytest.mark.databases("sqlite")
def test_a_person_with_hundreds_of_lists_loses_those_arranged_longest_ago(
    door: Door, ada: User, token: str
) -> None:
    columns = [f"column_{number:03}" for number in range(40)]
    for number in range(60):
        save(door.database, ada, f"list{number}", columns=columns)
    assert len(kept(door.database, ada)) <= preferences.LARGEST
    person = who(door, token)
    assert ListPreferences.of(person.preferences, "list59").columns == tuple(columns)
    assert ListPreferences.of(person.preferences, "list0").columns is None


def test_roles_come_along_once_each_in_the_one_statement(door: Door, ada: User, token: str) -> None:
    with unit_of_work(door.database, writes=True) as session:
        user = session.get_one(User, ada.id)
        grants = [Grant(identity="item", action=action) for action in ("list", "edit")]
        user.roles = [Role(name="Stock", grants=grants), Role(name="Bare")]
    save(door.database, ada, density="cosy")
    with statements(door.database) as seen:
        person = who(door, token)
    assert len(seen) == 1
    assert [name for _key, name in person.roles] == ["Bare", "Stock"]
    assert {("item", "list"), ("item", "edit")} < person.grants
    assert ListPreferences.of(person.preferences, "item").density == "cosy"


def test_preferences_go_with_their_account(database: Database, ada: User) -> None:
    save(database, ada, density="cosy")
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(User, ada.id))
    assert kept(database, ada) is None
    save(database, ada, density="cosy")  # a tab that was still open
    assert kept(database, ada) is None
