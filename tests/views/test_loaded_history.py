"""The History tab of records that a load made."""

import re

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.cli.demo import load as load_demo
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import load, unit_of_work
from backoffice.history.session import RecordSession
from backoffice.models import Category, Grant, Item, Role
from backoffice.views import VIEWS
from backoffice.views.changeset import ChangesetView
from backoffice.web.app import create_app
from tests.cast import Browser, add_user, signed_in, statements, text_of
from tests.history.ledger import shelf, write

LOADED = re.compile(r"Added in bulk on \w{3} \d{1,2}, \d{4}, [\d:]+ [AP]M UTC \(#\d\)")


def test_the_history_of_a_loaded_record_ends_with_its_load(ed: Browser, database: Database) -> None:
    load_demo(database, items=30, users=0)
    page = ed.get("/admin/item/history/7")
    assert LOADED.search(text_of(page))
    assert "No history yet" not in page.text
    href = re.search(r'href="(/admin/changeset/details/\d+)">\w{3} \d+, \d{4}', page.text)
    assert href
    told = ed.get(href[1])
    assert told.status_code == 200
    assert "30 items" in text_of(told)


def test_the_load_is_told_on_the_last_page_and_of_no_record_that_was_added_here(
    ed: Browser, database: Database
) -> None:
    load_demo(database, items=30, users=0)
    for quantity in range(101, 127):

        def count(session: RecordSession, quantity: int = quantity) -> None:
            session.get_one(Item, 7).quantity = quantity

        write(database, count)
    first = ed.get("/admin/item/history/7")
    assert "Added in bulk on" not in text_of(first)
    older = re.search(r"/admin/item/history/7\?before=\d+", first.text)
    assert older
    assert "Added in bulk on" in text_of(ed.get(older[0]))
    with unit_of_work(database, writes=True) as session:
        category = session.get_one(Category, 1)
        made = Item(name="Added", description="-", price=1, quantity=1, category=category)
        session.add(made)
        session.flush()
    with statements(database) as seen:
        page = ed.get(f"/admin/item/history/{made.id}")
    assert "load" not in text_of(page)
    assert not any("loaded_keys" in one for one in seen)
    with statements(database) as with_load:
        ed.get("/admin/item/history/8")
    assert sum("loaded_keys" in one for one in with_load) == 1


def test_a_load_that_did_not_note_its_records_is_perhaps_theirs(
    ed: Browser, ada: Browser, database: Database
) -> None:
    assert "Perhaps added in bulk on" in text_of(ada.get("/admin/role/history/1"))
    assert "; that import did not note its records" in text_of(ada.get("/admin/role/history/1"))
    shelf_id = shelf(database)
    with database.writer.begin() as connection:
        insert = sa.insert(Item).values(
            id=1, name="Old", description="-", price=1, quantity=1, category_id=shelf_id
        )
        connection.execute(insert)
    assert "No history yet" in text_of(ed.get("/admin/item/history/1"))
    for _ in range(2):
        with load(database) as session:
            session.count_loaded("items", 1)
    told = text_of(ed.get("/admin/item/history/1"))
    assert "Perhaps added by one of 2 imports that did not note their records, the last on" in told


@pytest.mark.databases("sqlite")
def test_people_who_may_not_open_changesets_see_the_load_without_a_link(
    database: Database, app: Starlette
) -> None:
    load_demo(database, items=3, users=0)
    with unit_of_work(database, writes=True) as session:
        grants = [Grant(identity="item", action=one) for one in ("list", "action:history")]
        session.add(Role(name="Reader", grants=grants))
    add_user(database, "rea@example.com", role="Reader")
    reader = signed_in(app, "rea@example.com")
    page = reader.get("/admin/item/history/1")
    assert "Added in bulk on" in text_of(page)
    assert "/admin/changeset/details/" not in page.text


@pytest.mark.databases("sqlite")
def test_without_a_feed_the_load_is_told_without_a_link(
    database: Database, ed: Browser, settings: Settings
) -> None:
    load_demo(database, items=3, users=0)
    app = create_app(
        settings, database, views=[view for view in VIEWS if view is not ChangesetView]
    )
    page = signed_in(app, "ed@example.com").get("/admin/item/history/1")
    assert "Added in bulk on" in text_of(page)
    assert "/admin/changeset/details/" not in page.text
