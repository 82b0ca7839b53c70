"""Saved views that are shared: who sees them, who changes them, what outlives whom."""

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Role, SavedView, User
from tests.admin.saved_views.acts import (
    VIEWS,
    act,
    default_of,
    give,
    kept,
    number_of,
    role,
    save,
    sections,
)
from tests.cast import Browser, count, links_of, text_of

sqlite = pytest.mark.databases("sqlite")


def test_a_view_is_seen_by_its_owner_and_by_people_with_its_role(
    ed: Browser, bob: Browser, vera: Browser, ada: Browser, database: Database
) -> None:
    save(ed, "Private")
    save(ed, "Ours", share=role(database))
    assert "Ours" in text_of(bob.get(VIEWS))
    assert "By Ed Tester, shared with Editor" in text_of(bob.get(VIEWS))
    for somebody in (bob, vera, ada):
        assert "Private" not in text_of(somebody.get(VIEWS))
    assert "Ours" not in text_of(vera.get(VIEWS))
    # A superuser has no role, sees what is shared on this page, and can put it right.
    assert "Ours" in sections(ada.get(VIEWS))["Shared by others"]


def test_people_who_lose_the_role_lose_the_view(
    ed: Browser, bob: Browser, database: Database
) -> None:
    save(ed, "Ours", share=role(database))
    shared = kept(database, "Ours").id
    act(bob, shared, do="default")
    assert default_of(database, "bob@example.com") == shared
    bob.get(VIEWS)
    give(database, "bob@example.com", "Viewer")
    assert "Ours" not in text_of(bob.get(VIEWS))
    assert act(bob, shared, do="copy").status_code == 404
    give(database, "ed@example.com", "Viewer")
    assert "Yours, shared with Editor" in text_of(ed.get(VIEWS))  # its owner keeps it


@sqlite
def test_one_shares_with_a_role_of_ones_own_a_superuser_with_any(
    ed: Browser, ada: Browser, database: Database
) -> None:
    refused = save(ed, "Ours", share=role(database, "Manager"))
    assert refused.status_code == 422
    assert "Choose one of your own roles." in text_of(refused)
    for nonsense in ("99999", "x", "-1", "1e3"):
        assert save(ed, "Ours", share=nonsense).status_code == 422
    assert save(ada, "Managers", share=role(database, "Manager")).status_code == 303


@sqlite
def test_what_is_shared_with_a_role_one_lost_may_stay_so(ed: Browser, database: Database) -> None:
    save(ed, "Ours", share=role(database))
    give(database, "ed@example.com", "Viewer")
    answer = act(ed, kept(database, "Ours").id, name="Still ours", share=role(database))
    assert answer.status_code == 303
    assert kept(database, "Still ours").role_id is not None


@sqlite
def test_a_role_that_goes_leaves_the_view_to_its_owner(ed: Browser, database: Database) -> None:
    save(ed, "Ours", share=role(database))
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Role, int(role(database))))
    give(database, "ed@example.com", "Viewer")
    assert "Only you see it" in text_of(ed.get(VIEWS))


def test_what_was_shared_outlives_its_owners_account_and_what_was_private_does_not(
    ed: Browser, bob: Browser, ada: Browser, database: Database
) -> None:
    save(ed, "Ours", share=role(database))
    save(ed, "Private")
    with unit_of_work(database, writes=True) as session:
        session.delete(session.scalars(sa.select(User).where(User.email == "ed@example.com")).one())
    assert "Shared with Editor" in text_of(bob.get(VIEWS))
    assert "Private" not in text_of(ada.get(VIEWS))
    save(bob, "Another")  # prunes
    assert count(database, SavedView) == 2
    ours = kept(database, "Ours").id
    assert act(bob, ours, name="Mine now").status_code == 403
    assert act(ada, ours, name="Still ours", share=role(database)).status_code == 303
    refused = act(ada, ours, name="x", share="")
    assert refused.status_code == 422
    assert "Choose a role" in text_of(refused)


def test_only_its_owner_or_a_superuser_changes_what_is_shared(
    ed: Browser, bob: Browser, ada: Browser, database: Database
) -> None:
    save(ed, "Ours", share=role(database))
    save(ed, "Private")
    ours, private = kept(database, "Ours").id, kept(database, "Private").id
    for fields in ({"name": "x"}, {"query": ""}, {"share": ""}, {"do": "delete"}):
        refused = act(bob, ours, **fields)
        assert refused.status_code == 403
        assert "Copy it to change it" in text_of(refused)
        for somebody in (bob, ada):
            assert act(somebody, private, **fields).status_code == 404
    assert kept(database, "Ours").deleted_at is None
    assert act(ada, ours, name="Everybody's").status_code == 303
    assert act(ada, ours, do="delete").status_code == 303
    assert act(ada, ours, do="restore").status_code == 303
    assert kept(database, "Everybody's").deleted_at is None


def test_a_shared_view_is_copied_under_a_name_that_is_free(
    ed: Browser, bob: Browser, database: Database
) -> None:
    save(ed, "Bolts", "search=b", share=role(database))
    save(bob, "Bolts", "search=mine")
    act(bob, number_of(database, "ed@example.com", "Bolts"), do="copy")
    copy = kept(database, "Bolts (2)")
    assert (copy.query, copy.role_id) == ("search=b", None)
    assert "“Bolts (2)”, which is yours." in text_of(bob.get(VIEWS))


@sqlite
def test_each_person_has_a_default_of_their_own(
    ed: Browser, bob: Browser, database: Database
) -> None:
    save(ed, "Ours", share=role(database))
    ours = kept(database, "Ours").id
    act(bob, ours, do="default")
    assert "Ours default" in text_of(bob.get(VIEWS))
    assert "“Ours” is now your default view." not in text_of(ed.get(VIEWS))
    assert default_of(database, "ed@example.com") is None
    act(bob, ours, do="no-default")
    assert default_of(database, "bob@example.com") is None


@sqlite
def test_what_is_no_tab_of_a_superusers_is_copied_and_not_their_default(
    ed: Browser, ada: Browser, database: Database
) -> None:
    save(ed, "Ours", share=role(database))
    page = ada.get(VIEWS)
    assert "Make default" not in page.text
    assert f"/admin/item/list?search=bolt&view={kept(database, 'Ours').id}" in links_of(page)
    refused = act(ada, kept(database, "Ours").id, do="default")
    assert refused.status_code == 403
    assert "Copy it first" in text_of(refused)
    give(database, "ada@example.com", "Editor")
    assert act(ada, kept(database, "Ours").id, do="default").status_code == 303
