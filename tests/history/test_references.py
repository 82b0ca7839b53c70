"""What deleting a record does to others is recorded and undone, whatever relates them."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import class_mapper

from backoffice.db import Database
from backoffice.history import RecordSession, UnrecordedWrite, delete_where, unit_of_work
from backoffice.history.links import links_of_model
from backoffice.models import Role, User
from tests.history.ledger import (
    changes_of,
    check_history,
    only_change,
    plan,
    take_back,
    write,
)
from tests.history.odd_models import (
    Blog,
    Branch,
    Chief,
    Department,
    Employee,
    Passport,
    Person,
    Post,
    Tag,
    post_tags,
)
from tests.history.odd_models import odd_live as live


def undo_and_redo(database: Database, act: Any, number_of_changes: int) -> None:
    """Do something, undo it, and undo the undo: each leaves all as it was to be."""
    before = live(database, versions=False)
    number = write(database, act)
    assert len(changes_of(database, number)) == number_of_changes
    check_history(database)
    after = live(database, versions=False)
    assert after != before
    assert plan(database, number).number == number_of_changes
    redo = take_back(database, number)
    assert live(database, versions=False) == before
    check_history(database)
    back = take_back(database, redo)
    assert live(database, versions=False) == after
    check_history(database)
    take_back(database, back)
    assert live(database, versions=False) == before


def plant(session: RecordSession) -> None:
    """Three levels of branches: 1, below it 2 and 3, below 3 then 4 and below that 5."""
    for key, parent in ((1, None), (2, 1), (3, 1), (4, 3), (5, 4), (6, None)):
        session.add(Branch(id=key, name=f"Branch {key}", parent_id=parent))
        session.flush()


def test_a_tree_that_goes_with_its_root_comes_back_with_it(odd: Database) -> None:
    write(odd, plant)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Branch, 1)), 5)
    undo_and_redo(odd, lambda session: delete_where(session, Branch, Branch.id == 1), 5)
    undo_and_redo(odd, lambda session: delete_where(session, Branch), 6)


def test_records_of_a_tree_that_are_deleted_together_are_each_recorded_once(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        for key in (1, 3, 4):
            session.delete(session.get_one(Branch, key))

    write(odd, plant)
    undo_and_redo(odd, work, 5)


def test_a_circle_of_references_goes_as_a_whole(odd: Database) -> None:
    write(odd, plant)
    with odd.writer.begin() as connection:
        connection.execute(sa.update(Branch).where(Branch.id == 1).values(parent_id=5))
    number = write(odd, lambda session: delete_where(session, Branch, Branch.id == 4))
    assert sorted(change.record_id for change in changes_of(odd, number)) == list("12345")
    with unit_of_work(odd) as session:
        assert session.scalars(sa.select(Branch.id)).all() == [6]


def test_records_that_refer_to_one_another_come_back_together(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add(Department(id=1, name="Sales"))
        session.flush()
        session.add_all(Employee(id=key, name=f"E{key}", department_id=1) for key in (1, 2))
        session.flush()
        session.get_one(Department, 1).head_id = 2

    write(odd, work)
    for act in (
        lambda session: session.delete(session.get_one(Department, 1)),
        lambda session: delete_where(session, Department),
    ):
        before = live(odd, versions=False)
        number = write(odd, act)
        assert len(changes_of(odd, number)) == 3
        assert plan(odd, number).number == 3
        redo = take_back(odd, number)
        assert live(odd, versions=False) == before
        check_history(odd)
        again = take_back(odd, redo)
        assert live(odd) == {}
        check_history(odd)
        take_back(odd, again)
        assert live(odd, versions=False) == before
        check_history(odd)
    write(odd, lambda session: delete_where(session, Employee, Employee.id == 2))
    with unit_of_work(odd) as session:
        assert session.get_one(Department, 1).head_id is None
    check_history(odd)


def test_references_that_a_delete_empties_are_recorded_and_filled_again(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        for key, above in ((1, None), (2, 1), (3, 1), (4, 2)):
            session.add(Chief(id=key, name=f"Chief {key}", reports_to=above))
            session.flush()

    write(odd, work)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Chief, 1)), 3)
    undo_and_redo(odd, lambda session: delete_where(session, Chief, Chief.id == 1), 3)
    undo_and_redo(odd, lambda session: delete_where(session, Chief, Chief.id < 3), 4)
    undo_and_redo(odd, lambda session: delete_where(session, Chief), 4)


def test_a_many_to_many_relation_is_a_field_of_the_side_that_its_table_begins_with(
    odd: Database,
) -> None:
    assert sorted(links_of_model(class_mapper(Post))) == ["related", "tags"]
    assert links_of_model(class_mapper(Tag)) == ()
    assert links_of_model(class_mapper(User)) == ("roles",)
    assert links_of_model(class_mapper(Role)) == ("grants",)


def blog(session: RecordSession) -> None:
    """Two posts of a blog, 1 with tags a and b and related to 2, 2 with tag b; 3 of no blog."""
    tags = {code: Tag(code=code, name=code.upper()) for code in "abc"}
    session.add_all([Blog(id=1, name="Blog"), *tags.values()])
    session.flush()
    posts = [Post(id=key, name=f"Post {key}") for key in (1, 2, 3)]
    posts[0].tags, posts[1].tags = [tags["a"], tags["b"]], [tags["b"]]
    posts[0].related = [posts[1]]
    posts[0].blog_id = posts[1].blog_id = 1
    session.add_all(posts)


def test_memberships_are_recorded_changed_and_undone(odd: Database) -> None:
    def take(session: RecordSession) -> None:
        post = session.get_one(Post, 1)
        post.tags.remove(session.get_one(Tag, "a"))

    def give(session: RecordSession) -> None:
        tag, post = session.get_one(Tag, "c"), session.get_one(Post, 3)
        tag.posts.append(post)

    write(odd, blog)
    undo_and_redo(odd, take, 1)
    undo_and_redo(odd, give, 1)
    number = write(odd, give)
    change = only_change(odd, number)
    assert (change.model, change.record_id) == ("odd_posts", "3")
    assert change.after is not None
    assert change.after == {"tags": ["c"], "version": change.after["version"]}
    with unit_of_work(odd, writes=True) as session:
        with pytest.raises(UnrecordedWrite):
            session.execute(sa.delete(post_tags))
        session.rollback()


def test_a_deleted_owner_gets_its_memberships_back(odd: Database) -> None:
    write(odd, blog)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Post, 2)), 2)
    undo_and_redo(odd, lambda session: delete_where(session, Post, Post.id == 2), 2)
    undo_and_redo(odd, lambda session: delete_where(session, Post), 3)


def test_members_of_a_deleted_record_get_it_back(odd: Database) -> None:
    write(odd, blog)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Tag, "b")), 3)
    undo_and_redo(odd, lambda session: delete_where(session, Tag, Tag.code == "b"), 3)
    undo_and_redo(odd, lambda session: delete_where(session, Tag), 5)


def test_memberships_of_cascaded_records_are_also_recorded(odd: Database) -> None:
    write(odd, blog)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Blog, 1)), 3)
    undo_and_redo(odd, lambda session: delete_where(session, Blog), 3)


def test_one_to_one_goes_and_comes_back_with_its_owner(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add(Person(id=1, name="Ada", passport=Passport(number="A1")))

    write(odd, work)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Person, 1)), 2)
    undo_and_redo(odd, lambda session: delete_where(session, Person), 2)
    undo_and_redo(odd, lambda session: setattr(session.get_one(Person, 1), "passport", None), 1)
    gone = write(odd, lambda session: delete_where(session, Person))
    write(odd, lambda s: s.add(Person(id=2, name="Bo", passport=Passport(number="A1"))))
    assert [
        (step.model, step.number, [skipped.reason for skipped in step.skipped])
        for step in plan(odd, gone).steps
    ] == [
        ("odd_passports", 0, ["another record has its number now"]),
        ("odd_people", 1, []),
    ]
