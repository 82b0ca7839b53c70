"""The feed tells nothing of records whose history one may not read, by no search or filter."""

import re

import pytest
import sqlalchemy as sa
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import AuditContext, audit_context, load, unit_of_work
from backoffice.history.undo.changeset import undo
from backoffice.models import Category, Changeset, Item, Role
from tests.cast import Browser, add_items, add_user, links_of, somebody, text_of

FEED = "/admin/changeset/list"
SORTER = ("category:list", "category:details", "category:action:history", "category:action:undo",
          "category:edit", "category:create", "category:delete",
          "item:action:undo", "item:edit", "item:create", "item:delete",
          "changeset:list", "changeset:details")  # fmt: skip
"""All but items' history."""


def act_of(database: Database, *, rename: str = "", delete: bool = False, reason: str = "") -> int:
    """One act on the first category and the item, of which each may be left alone."""
    with (
        audit_context(AuditContext(source="script", actor="Somebody", reason=reason)),
        unit_of_work(database, writes=True) as session,
    ):
        if rename:
            session.get_one(Category, 1).name = rename
        if delete:
            session.delete(session.get_one(Item, 1))
        session.flush()
        assert session.changeset is not None
        return session.changeset


@pytest.fixture
def sorter(app: Starlette, database: Database) -> Browser:
    """Somebody who reads the history of categories and not that of items."""
    add_items(database, 1, ["Nuts"])
    return somebody(app, database, *SORTER)


def numbers(page: Response) -> set[int]:
    """The acts that a page of the feed lists."""
    assert page.status_code == 200
    found = re.findall(r"/admin/changeset/(?:details|undo)/(\d+)", page.text)
    return {int(number) for number in found}


def test_an_act_is_not_found_by_what_one_may_not_read(
    sorter: Browser, ada: Browser, database: Database
) -> None:
    deleted = act_of(database, rename="Washers", delete=True)
    assert deleted in numbers(sorter.get(FEED))

    for query in ("search=Item+0000", "search=Item+-Bolts", "operation=delete"):
        assert deleted in numbers(ada.get(f"{FEED}?{query}")), query
        assert deleted not in numbers(sorter.get(f"{FEED}?{query}")), query
    for query in ("search=Washers", "operation=update", "model=categories"):
        assert deleted in numbers(sorter.get(f"{FEED}?{query}")), query


@pytest.mark.parametrize(
    "query", ["model=items", "model=users", "search=model:items", "person=2", "person=99",
              "search=person:2", "model=categories&model=items", "operation=drop", "source=moon"],
)  # fmt: skip
def test_a_choice_that_is_not_offered_is_refused_in_words_and_narrows_nothing(
    sorter: Browser, database: Database, query: str
) -> None:
    add_user(database, "secret@example.com")
    plain = sorter.get(FEED)

    page = sorter.get(f"{FEED}?{query}")

    assert numbers(page) == numbers(plain)
    assert "There is no choice" in text_of(page)
    assert "Clear filters" not in text_of(page)


def test_people_filter_by_themselves_or_if_they_list_users_by_anybody(
    sorter: Browser, ada: Browser, database: Database
) -> None:
    with unit_of_work(database) as session:
        me = session.scalar(sa.text("SELECT id FROM users WHERE email = 'clerk@example.com'"))
    for browser, key in ((sorter, me), (ada, me), (ada, 99)):
        page = text_of(browser.get(f"{FEED}?person={key}"))
        assert "There is no choice" not in page
        assert "Clear filters" in page


def test_a_shared_view_of_the_feed_names_only_people_its_reader_may_choose(
    sorter: Browser, ada: Browser, database: Database
) -> None:
    other = add_user(database, "secret@example.com")
    with unit_of_work(database) as session:
        role = session.scalar(sa.select(Role.id).where(Role.name == "Clerk"))
    views = "/admin/changeset/views"
    ada.get(views)
    query = f"person={other}&operation=update"
    ada.post(views, {"name": "Theirs", "query": query, "share": str(role)})

    for page in (sorter.get(FEED), sorter.get(views)):
        assert "Theirs" in text_of(page)
        assert f"person={other}" not in page.text
    (tab,) = [href for href in links_of(sorter.get(FEED)) if re.search(r"view=\d+$", href)]
    opened = text_of(sorter.get(tab))
    assert "Left out of the view “Theirs”: Who (" in opened
    assert "operation=update" in tab


def test_an_acts_page_tells_what_one_may_read_of_it(
    sorter: Browser, ada: Browser, database: Database
) -> None:
    number = act_of(database, rename="Washers", delete=True, reason="Item 0000 is no more")
    page = f"/admin/changeset/details/{number}"

    seen, whole = text_of(sorter.get(page)), text_of(ada.get(page))

    assert "Washers" in seen
    for hidden in ("Item 0000", "1 item", "no more"):
        assert hidden in whole, hidden
        assert hidden not in seen, hidden
    assert "more records" not in seen
    assert f"/admin/changeset/undo/{number}" not in sorter.get(page).text
    refused = sorter.get(f"/admin/changeset/undo/{number}")
    assert refused.status_code == 403
    assert "item" not in text_of(refused)
    assert "Item 0000" not in sorter.get(FEED).text


def test_an_act_whose_records_one_may_read_tells_its_reason(
    sorter: Browser, database: Database
) -> None:
    number = act_of(database, rename="Washers", reason="A better name")

    assert "A better name" in text_of(sorter.get(f"/admin/changeset/details/{number}"))
    assert "A better name" in text_of(sorter.get("/admin/category/history/1"))


def test_an_undo_of_what_one_may_not_read_is_not_told(
    sorter: Browser, ada: Browser, database: Database
) -> None:
    number = act_of(database, rename="Washers", delete=True)
    act_of(database, rename="Rings")  # so that the name stays
    with (
        audit_context(AuditContext(source="undo", actor="Somebody", undoes_id=number)),
        unit_of_work(database, writes=True) as session,
    ):
        assert undo(session, number) == 1
        by = session.changeset
    for page in (f"/admin/changeset/details/{number}", "/admin/category/history/1", FEED):
        assert "undone" in text_of(ada.get(page)), page
        seen = sorter.get(page)
        assert "undone" not in text_of(seen), page
        assert by not in numbers(seen)


def test_a_load_tells_the_counts_that_one_may_read(
    sorter: Browser, ada: Browser, database: Database
) -> None:
    with (
        audit_context(AuditContext(actor="A loader", reason="First stock")),
        load(database) as session,
    ):
        session.count_loaded("items", 70)
        session.count_loaded("categories", 7)
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(sa.func.max(Changeset.id)))
    page = f"/admin/changeset/details/{number}"

    assert "70 items" in text_of(ada.get(page))
    seen = text_of(sorter.get(page))
    assert "7 categories" in seen
    assert "item" not in seen
    assert "First stock" not in seen


def test_a_load_of_nothing_that_one_may_read_tells_nothing(
    sorter: Browser, database: Database
) -> None:
    """The first changeset of all: the roles that the back office comes with."""
    page = sorter.get("/admin/changeset/details/1")

    assert "Something that you don't have permission to see" in text_of(page)
    assert "roles" not in text_of(page)
    assert "/admin/changeset/details/1" not in links_of(sorter.get(FEED))


def test_an_undo_needs_permission_to_see_what_is_undone(app: Starlette, database: Database) -> None:
    add_items(database, 1)
    number = act_of(database, delete=True)
    browser = somebody(app, database, "item:action:undo", "item:create", "changeset:details",
                       "category:action:history")  # fmt: skip

    assert browser.get(f"/admin/changeset/undo/{number}").status_code == 403
    with unit_of_work(database) as session:
        assert session.get(Item, 1) is None
