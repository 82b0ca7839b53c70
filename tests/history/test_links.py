"""Links are fields of their owner: a user's roles, a role's grants."""

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import RecordSession, delete_where, unit_of_work
from backoffice.models import Grant, Role, User
from tests.cast import add_role, add_user
from tests.history.ledger import (
    changes_of,
    changesets,
    check_history,
    live,
    only_change,
    plan,
    take_back,
    write,
)


def give(database: Database, user: int, *roles: int) -> int:
    def work(session: RecordSession) -> None:
        found = session.scalars(sa.select(Role).where(Role.id.in_(roles)))
        session.get_one(User, user).roles = list(found)

    return write(database, work)


def test_a_change_of_roles_is_a_change_of_the_user(database: Database) -> None:
    ada = add_user(database, "ada@example.com")
    one, two = add_role(database, "One"), add_role(database, "Two")
    give(database, ada, one)
    change = only_change(database, give(database, ada, two, one))
    assert (change.model, change.record_id) == ("users", str(ada))
    assert change.before == {"roles": [one], "version": 2}
    assert change.after == {"roles": sorted([one, two]), "version": 3}
    before = changesets(database)
    give(database, ada, one, two)
    assert changesets(database) == before
    check_history(database)


def test_a_role_given_from_its_own_side_is_also_a_change_of_the_user(database: Database) -> None:
    ada, one = add_user(database, "ada@example.com"), add_role(database, "One")
    with unit_of_work(database, writes=True) as session:
        role = session.get_one(Role, one)
        role.users.append(session.get_one(User, ada))
        session.flush()
        number = session.changeset
    assert number is not None
    change = only_change(database, number)
    assert (change.model, change.after) == ("users", {"roles": [one], "version": 2})
    check_history(database)


def test_grants_are_kept_as_what_they_say(database: Database) -> None:
    role = add_role(database, "One", "item:list", "item:action:undo")
    with unit_of_work(database, writes=True) as session:
        one = session.get_one(Role, role)
        one.grants = [*one.grants[:1], Grant.from_token("item:edit")]
        kept = str(one.grants[0])
        session.flush()
        number = session.changeset
    assert number is not None
    change = only_change(database, number)
    assert change.before == {"grants": ["item:action:undo", "item:list"], "version": 1}
    assert change.after == {"grants": sorted([kept, "item:edit"]), "version": 2}
    check_history(database)
    take_back(database, number)
    with unit_of_work(database) as session:
        tokens = sorted(str(grant) for grant in session.get_one(Role, role).grants)
        assert tokens == ["item:action:undo", "item:list"]
    check_history(database)


def test_deleting_a_role_records_whose_it_was_and_undo_gives_it_back(database: Database) -> None:
    ada, ben = add_user(database, "ada@example.com"), add_user(database, "ben@example.com")
    one, two = add_role(database, "One", "item:list"), add_role(database, "Two")
    give(database, ada, one, two)
    give(database, ben, one)
    before = live(database, versions=False)
    number = write(database, lambda session: session.delete(session.get_one(Role, one)))
    told = [(change.model, change.operation) for change in changes_of(database, number)]
    assert sorted(told) == [("roles", "delete"), ("users", "update"), ("users", "update")]
    check_history(database)
    assert plan(database, number).number == 3
    redo = take_back(database, number)
    assert live(database, versions=False) == before
    check_history(database)
    assert plan(database, redo).number == 3
    take_back(database, redo)
    check_history(database)


def test_a_user_and_a_role_deleted_together_come_back_together(database: Database) -> None:
    ada, one = add_user(database, "ada@example.com"), add_role(database, "One", "item:list")
    give(database, ada, one)
    before = live(database, versions=False)
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(User, ada))
        session.delete(session.get_one(Role, one))
        session.flush()
        number = session.changeset
    assert number is not None
    check_history(database)
    take_back(database, number)
    after = live(database, versions=False)
    for values in (before["users", str(ada)], after["users", str(ada)]):
        assert values["password_hash"] == "(not kept)"
    assert after == before
    check_history(database)


def test_users_deleted_by_a_condition_keep_their_roles_in_the_history(database: Database) -> None:
    ada, one = add_user(database, "ada@example.com"), add_role(database, "One")
    give(database, ada, one)
    number = write(database, lambda session: delete_where(session, User, User.id == ada))
    change = only_change(database, number)
    assert change.before is not None
    assert change.before["roles"] == [one]
    number = write(database, lambda session: delete_where(session, Role, Role.id == one))
    assert only_change(database, number).operation == "delete"
    check_history(database)


def test_a_role_that_is_gone_is_not_given_back(database: Database) -> None:
    ada, one = add_user(database, "ada@example.com"), add_role(database, "One")
    give(database, ada, one)
    number = write(database, lambda session: delete_where(session, User, User.id == ada))
    write(database, lambda session: session.delete(session.get_one(Role, one)))
    take_back(database, number)
    with unit_of_work(database) as session:
        assert session.get_one(User, ada).roles == []
    check_history(database)


def test_roles_that_were_changed_since_are_a_conflict_of_the_user(database: Database) -> None:
    ada = add_user(database, "ada@example.com")
    one, two = add_role(database, "One"), add_role(database, "Two")
    number = give(database, ada, one)
    give(database, ada, one, two)
    planned = plan(database, number)
    (conflict,) = planned.steps[0].conflicts
    assert (conflict.token, conflict.before, conflict.after, conflict.now) == (
        f"users:{ada}:roles",
        [],
        [one],
        sorted([one, two]),
    )
    assert (planned.number, planned.possible) == (0, True)
    before = changesets(database)
    assert take_back(database, number) == 0
    assert changesets(database) == before
    redo = take_back(database, number, [conflict.token])
    assert only_change(database, redo).after == {"roles": [], "version": 4}
    check_history(database)


def test_a_user_whose_roles_changed_since_is_not_uncreated(database: Database) -> None:
    one = add_role(database, "One")
    with unit_of_work(database, writes=True) as session:
        user = User(first_name="Ada", last_name="L", email="ada@x.org")
        session.add(user)
        session.flush()
        number, ada = session.changeset, user.id
    assert number is not None
    give(database, ada, one)
    (step,) = plan(database, number).steps
    assert (step.number, [skipped.reason for skipped in step.skipped]) == (
        0,
        ["it was changed since"],
    )
    assert take_back(database, number) == 0
    give(database, ada)
    assert plan(database, number).number == 1
    assert only_change(database, take_back(database, number)).operation == "delete"
    check_history(database)
