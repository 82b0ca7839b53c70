"""The page that asks before an undo shows what comes back, field by field, and counts it."""

import html
import re

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.history.undo.previews import MAX_PREVIEWS
from backoffice.models import Category, Item, Role, User
from tests.cast import Browser, add_items, add_user, statements, text_of


@pytest.fixture(autouse=True)
def _items(database: Database) -> None:
    add_items(database, 60)


def change(database: Database, first: int, last: int, **values: object) -> int:
    """Set these values of some items, as one changeset; its number."""
    with unit_of_work(database, writes=True) as session:
        for key in range(first, last + 1):
            for name, value in values.items():
                setattr(session.get_one(Item, key), name, value)
        session.flush()
        assert session.changeset is not None
        return session.changeset


def asked(browser: Browser, number: int) -> str:
    page = browser.get(f"/admin/changeset/undo/{number}")
    assert page.status_code == 200
    return text_of(page).partition("Undo this change?")[2]


def test_it_shows_each_field_as_it_is_and_as_it_will_be(ada: Browser, database: Database) -> None:
    change(database, 1, 1, price="7.10")
    number = change(database, 1, 1, price="7.45", quantity=9)

    told = asked(ada, number)

    assert "1 item will be changed back" in told
    assert "Price Before: 7.45 → After: 7.10" in told
    assert "Quantity Before: 9 → After: 0" in told
    assert "Undo 1 change" in told


def test_its_button_says_how_many_changes_it_undoes(ada: Browser, database: Database) -> None:
    number = change(database, 1, 52, quantity=500)

    told = asked(ada, number)

    assert "52 items will be changed back" in told
    assert told.count("After:") == MAX_PREVIEWS
    assert f"And {52 - MAX_PREVIEWS} more." in told
    assert "Undo 52 changes" in told


def test_a_field_that_was_changed_again_is_asked_about_and_not_previewed(
    ada: Browser, database: Database
) -> None:
    number = change(database, 1, 1, price="7.45", quantity=9)
    change(database, 1, 1, price="8.00")

    told = asked(ada, number)

    assert "Quantity Before: 9 → After: 0" in told
    assert "Price Before" not in told
    assert "Changed again since" in told


def test_related_records_are_named(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Nuts"))
        session.flush()
        key = session.scalars(sa.select(Category.id).where(Category.name == "Nuts")).one()
    number = change(database, 1, 2, category_id=key)

    assert asked(ada, number).count("Category Before: Nuts → After: Bolts") == 2


def test_a_restored_record_shows_its_fields_and_many_their_names(
    ada: Browser, database: Database
) -> None:
    for keys, shows_fields in (([3], True), (list(range(4, 14)), False)):
        with unit_of_work(database, writes=True) as session:
            for key in keys:
                session.delete(session.get_one(Item, key))
            session.flush()
            number = session.changeset
        assert number is not None
        told = asked(ada, number)
        assert f"{len(keys)} item{'s' if keys[1:] else ''} will be restored" in told
        assert f"Item {keys[-1] - 1:04}" in told
        assert ("Description of item" in told) is shows_fields


def test_roles_that_come_back_are_shown(ada: Browser, database: Database) -> None:
    key = add_user(database, "rolf@example.com")
    with unit_of_work(database, writes=True) as session:
        user = session.get_one(User, key)
        user.first_name = "Rolf2"
        user.roles = list(session.scalars(sa.select(Role).where(Role.name == "Viewer")))
        session.flush()
        number = session.changeset
    assert number is not None

    told = asked(ada, number)

    assert "First name Before: Rolf2 → After: Rolf" in told
    assert "Roles Before: Viewer → After: – empty" in told


def test_where_nothing_can_be_undone_the_button_is_disabled_with_the_reason(
    ada: Browser, database: Database
) -> None:
    number = change(database, 1, 1, quantity=9)
    change(database, 1, 1, quantity=0)

    page = ada.get(f"/admin/changeset/undo/{number}")

    assert "This change can't be undone" in text_of(page)
    assert "Nothing here can be undone now." in text_of(page)
    (button,) = re.findall(r"<button[^>]*btn-primary[^>]*>", page.text)
    assert " disabled " in button
    assert 'aria-describedby="problems"' in button
    assert 'name="seen"' in page.text, "a POST is still checked"


def test_an_undo_from_the_page_returns_to_where_the_person_was(
    ada: Browser, database: Database
) -> None:
    number = change(database, 1, 2, quantity=9)
    back = "/admin/item/list?search=Item"
    page = ada.get(f"/admin/changeset/undo/{number}?next={back}")
    fields = dict(re.findall(r'name="(seen|next)" value="([^"]*)"', page.text))

    done = ada.post(
        f"/admin/changeset/undo/{number}",
        {name: html.unescape(value) for name, value in fields.items()},
    )

    assert done.headers["location"] == back
    assert "2 items changed back." in text_of(ada.get(back))


def test_the_page_costs_the_same_statements_for_two_records_as_for_fifty(
    ada: Browser, database: Database
) -> None:
    counts = []
    most = 11  # sign-in, the change, its parts, who undid it, and the plan; one reads the fields
    for first, last in ((1, 2), (3, 52)):
        number = change(database, first, last, price=500)
        ada.get(f"/admin/changeset/undo/{number}")
        with statements(database) as seen:
            ada.get(f"/admin/changeset/undo/{number}")
        counts.append(len(seen))
        assert len(seen) <= most, seen

    assert counts[0] == counts[1]
