"""What the migration to roles makes of the people who work here already."""

import pytest
import sqlalchemy as sa

from backoffice.config import Settings
from backoffice.db import open_database
from backoffice.db.migrations import downgrade, upgrade
from backoffice.history import unit_of_work
from backoffice.models import Changeset, Role, User

PEOPLE = {"ed": (True, False), "gone": (False, False), "ada": (True, True)}
"""E-mail address → (active, superuser)."""


@pytest.fixture
def migrated(empty_settings: Settings) -> Settings:
    """A database that had people in it before there were roles."""
    upgrade(empty_settings, "20261123_0001")
    database = open_database(empty_settings)
    users = sa.table("users", *(sa.column(name) for name in USER_COLUMNS))
    with database.writer.begin() as connection:
        for email, (active, superuser) in PEOPLE.items():
            values = (email, "Tester", email, active, superuser)
            connection.execute(
                sa.insert(users).values(dict(zip(USER_COLUMNS, values, strict=True)))
            )
    database.dispose()
    upgrade(empty_settings)
    return empty_settings


USER_COLUMNS = ("first_name", "last_name", "email", "is_active", "is_superuser")


def test_active_people_who_are_no_superusers_become_editors(migrated: Settings) -> None:
    database = open_database(migrated)
    with unit_of_work(database) as session:
        roles = {
            user.email: [role.name for role in user.roles]
            for user in session.scalars(sa.select(User))
        }
    database.dispose()

    assert roles == {"ed": ["Editor"], "gone": [], "ada": []}


def test_nobody_who_was_there_already_has_a_temporary_password(migrated: Settings) -> None:
    downgrade(migrated, "20261123_0004")
    upgrade(migrated)

    database = open_database(migrated)
    with unit_of_work(database) as session:
        found = session.scalars(sa.select(User).order_by(User.id)).all()
        temporary = {user.email: user.password_is_temporary for user in found}
        roles = {user.email: len(user.roles) for user in found}
    database.dispose()

    assert temporary == {"ed": False, "gone": False, "ada": False}
    assert roles == {"ed": 1, "gone": 0, "ada": 0}


def test_three_roles_come_with_grants_that_are_written_out(migrated: Settings) -> None:
    database = open_database(migrated)
    with unit_of_work(database) as session:
        grants = {
            role.name: {str(grant) for grant in role.grants}
            for role in session.scalars(sa.select(Role))
        }
        load = session.scalars(sa.select(Changeset)).one()
    database.dispose()

    assert set(grants) == {"Viewer", "Editor", "Manager"}
    assert grants["Viewer"] < grants["Editor"] < grants["Manager"]
    assert "item:edit" in grants["Editor"] - grants["Viewer"]
    assert {"item:delete", "user:edit"} <= grants["Manager"] - grants["Editor"]
    assert not any(token.startswith("role:") for token in grants["Manager"])
    assert not any("*" in token for tokens in grants.values() for token in tokens)
    assert load.loaded == {"roles": 3}
