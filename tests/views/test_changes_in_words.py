"""What changes say: titles by what happened, whole values, passwords, and who was last."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.cli.demo import load as load_demo
from backoffice.db import Database
from backoffice.history import AuditContext, audit_context, load, unit_of_work
from backoffice.history.undo.changeset import undo
from backoffice.models import Category, Changeset, Item, User
from tests.cast import Browser, add_items, add_user, statements, text_of
from tests.history.ledger import write

FEED = "/admin/changeset/list"


def change(database: Database, key: int = 1, **values: Any) -> int:
    """Set these values of an item by a script; the changeset's number."""
    with (
        audit_context(AuditContext(source="script", actor="Somebody", address="192.0.2.7")),
        unit_of_work(database, writes=True) as session,
    ):
        for name, value in values.items():
            setattr(session.get_one(Item, key), name, value)
        session.flush()
        assert session.changeset is not None
        return session.changeset


# Titles and values ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "title", "told"),
    [
        ({"price": "7.45"}, "Price changed on “Item 0000”", "Price 0.00 → 7.45 on “Item 0000”"),
        ({"price": "1", "quantity": 4}, "Price and quantity changed on “Item 0000”",
         "Price 0.00 → 1.00, Quantity 0 → 4 on “Item 0000”"),
        ({"price": "1", "quantity": 4, "name": "Nut"}, "3 fields changed on “Nut”",
         "Name Item 0000 → Nut, Price 0.00 → 1.00 and 1 more on “Nut”"),
        ({"description": "x" * 90}, "Description changed on “Item 0000”",
         "Description changed on “Item 0000”"),
    ],
)  # fmt: skip
def test_a_change_is_titled_by_what_happened_with_its_first_values_in_the_feed(
    ada: Browser, database: Database, values: dict[str, Any], title: str, told: str
) -> None:
    add_items(database, 1)
    number = change(database, **values)

    for page in (FEED, "/admin/"):
        shown = text_of(ada.get(page)).replace(" ”", "”").replace("“ ", "“")
        assert told in shown, page
    shown = ada.get(f"/admin/changeset/details/{number}").text
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", shown) == [title]


def test_a_related_record_is_no_number_in_the_feed(ada: Browser, database: Database) -> None:
    add_items(database, 1, ["Bolts", "Nuts"])
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Nails"))
        session.flush()
    change(database, category_id=3)

    shown = text_of(ada.get(FEED))

    assert "Category changed on “Item 0000”" in shown
    assert "→" not in shown.partition("Category changed")[2].partition("Somebody")[0]


def test_several_records_and_kinds_are_counted(ada: Browser, database: Database) -> None:
    add_items(database, 3)
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Item, 1))
        session.delete(session.get_one(Item, 2))
        session.add(Category(name="New"))
        session.flush()

    assert "1 category added, 2 items deleted" in text_of(ada.get(FEED))


def test_what_an_undo_brings_back_is_restored(ada: Browser, database: Database) -> None:
    add_items(database, 1)
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Item, 1))
        session.flush()
        number = session.changeset
    assert number is not None
    with (
        audit_context(AuditContext(source="undo", actor="Somebody", undoes_id=number)),
        unit_of_work(database, writes=True) as session,
    ):
        undo(session, number)
        by = session.changeset

    assert "Item “Item 0000” restored" in text_of(ada.get(FEED))
    page = text_of(ada.get(f"/admin/changeset/details/{by}"))
    assert f"This undid #{number} ." in page
    assert "Restored by Somebody" in text_of(ada.get("/admin/item/details/1"))


def test_a_hidden_value_is_in_no_title_or_row(
    ada: Browser, database: Database, vera: Browser
) -> None:
    """Of people whose history a viewer may not read, the feed says nothing."""
    key = add_user(database, "other@example.com")
    with unit_of_work(database, writes=True) as session:
        session.get_one(User, key).last_name = "Secret"

    assert "Last name Tester → Secret on" in text_of(ada.get(FEED))
    assert "Secret" not in text_of(vera.get(FEED))


def test_the_feed_costs_one_statement_more_for_the_values_of_all_rows(
    ada: Browser, database: Database
) -> None:
    add_items(database, 9)
    change(database, 1, quantity=50)
    ada.get(FEED)
    counts = []
    for keys in ((1,), range(2, 9)):
        for key in keys:
            change(database, key, quantity=60)
        with statements(database) as seen:
            assert ada.get(FEED).status_code == 200
        counts.append(len(seen))
        assert sum("FROM changes" in one and '"before"' in one for one in seen) <= 1
    assert counts[0] == counts[1]


# A change's page and the history --------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"price": "7.45"}, "Price Before: 7.10 → After: 7.45"),
        ({"name": "Bolt M6 long"}, "Name Before: Bolt M6 short → After: Bolt M6 long"),
    ],
)
def test_short_values_are_shown_whole(
    ada: Browser, database: Database, values: dict[str, Any], told: str
) -> None:
    add_items(database, 1)
    change(database, price="7.10", name="Bolt M6 short")
    number = change(database, **values)

    for path in (f"/admin/changeset/details/{number}", "/admin/item/history/1"):
        page = ada.get(path)
        assert told in text_of(page), path
        assert page.text.count("<del>") >= 1


def test_in_long_texts_the_words_are_marked(ada: Browser, database: Database) -> None:
    add_items(database, 1)
    before = "A bolt of steel that holds what has to be held for a very long time, and more."
    change(database, description=before)
    change(database, description=before.replace("steel", "brass"))

    page = ada.get("/admin/item/history/1")

    assert "<del>steel</del>" in page.text
    assert "<ins>brass</ins>" in page.text


def test_a_password_was_changed_and_that_is_all_that_is_said(
    ada: Browser, database: Database
) -> None:
    key = add_user(database, "new@example.com")
    write(database, lambda session: setattr(session.get_one(User, key), "password_hash", "y" * 60))
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(sa.func.max(Changeset.id)))

    for path in (f"/admin/changeset/details/{number}", f"/admin/user/history/{key}"):
        page = text_of(ada.get(path))
        assert "Password changed" in page, path
        assert "hash" not in page, path
        assert "– → changed" not in page
    assert "Password changed on “New Tester”" in text_of(ada.get(FEED))


def test_the_address_is_under_technical_details_which_are_closed(
    ada: Browser, database: Database
) -> None:
    add_items(database, 1)
    number = change(database, price="7.45")

    page = ada.get(f"/admin/changeset/details/{number}").text

    closed = page.partition('<details class="technical">')[2].partition("</details>")[0]
    assert "<summary>Technical details</summary>" in closed
    assert "192.0.2.7" in closed
    assert "192.0.2.7" not in page.replace(closed, "")


def test_screens_say_change_and_never_changeset(ada: Browser, database: Database) -> None:
    add_items(database, 2)
    number = change(database, price="7.45")
    paths = (FEED, "/admin/", "/admin/item/history/1", f"/admin/changeset/details/{number}",
             f"/admin/changeset/undo/{number}", "/admin/changeset/details/99")  # fmt: skip
    for path in paths:
        assert "changeset" not in text_of(ada.get(path)).lower(), path


# Who was last ---------------------------------------------------------------------------


def bylines(browser: Browser, key: int) -> str:
    page = browser.get(f"/admin/item/details/{key}").text
    found = page.partition('<p class="bylines">')[2].partition("</p>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_a_loaded_record_was_added_in_bulk_and_last_changed_by_one_person(
    ada: Browser, database: Database
) -> None:
    load_demo(database, items=30, users=0)
    assert re.fullmatch(r"Added in bulk, .*", bylines(ada, 7))

    for actor in ("First", "Second", "Third"):
        with (
            audit_context(AuditContext(source="script", actor=actor)),
            unit_of_work(database, writes=True) as session,
        ):
            session.get_one(Item, 7).quantity += 1

    told = bylines(ada, 7)
    assert told.startswith("Added in bulk,")
    assert "Last changed by Third," in told
    assert told.count("Last changed") == 1, "not also by who changed it first"


def test_a_record_that_was_added_here_is_told_as_before_without_asking_for_loads(
    ada: Browser, database: Database
) -> None:
    add_items(database, 1)
    with statements(database) as seen:
        told = bylines(ada, 1)
    assert told.startswith("Added by")
    assert "Last changed" not in told
    assert not any("loaded_keys" in one for one in seen)


def test_a_record_that_was_loaded_with_the_key_of_a_deleted_one_is_not_the_old_ones(
    ada: Browser, database: Database
) -> None:
    add_items(database, 1)
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Item, 1))
    with load(database) as session:
        values = {"id": 1, "name": "Other", "description": "-", "price": 1, "quantity": 1,
                  "category_id": 1, "version": 1}  # fmt: skip
        session.connection().execute(sa.insert(Item).values(values))
        session.count_loaded("items", 1, [(1, 1)])

    told = bylines(ada, 1)

    assert told.startswith("Added in bulk,")
    assert "by" not in told.replace("bulk", "")
