"""Lists under a name: saved, changed, deleted, restored, and none lost."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette

from backoffice.admin.saved_views import store
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset, SavedView
from tests.admin.saved_views.acts import (
    LIST,
    VIEWS,
    act,
    default_of,
    kept,
    number_of,
    role,
    save,
    sections,
)
from tests.cast import Browser, count, links_of, signed_in, text_of

sqlite = pytest.mark.databases("sqlite")


# Saving -------------------------------------------------------------------------------


def test_a_saved_list_is_opened_and_is_on_the_page(ed: Browser, database: Database) -> None:
    answer = save(ed, "  Bolts ", "?search=bolt&sort=-price&page=x&next=%2Fy&view=7")
    saved = kept(database, "Bolts")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{LIST}?search=bolt&sort=-price&view={saved.id}"
    assert (saved.query, saved.role_id) == ("search=bolt&sort=-price", None)
    page = ed.get(VIEWS)
    assert "The view “Bolts” was saved." in text_of(page)
    assert answer.headers["location"] in links_of(page)
    assert "Only you see it" in sections(page)["Your views"]


@sqlite
def test_nothing_of_it_is_in_the_history(ed: Browser, database: Database) -> None:
    before = count(database, Changeset)
    save(ed, "Bolts", default="yes")
    act(ed, kept(database, "Bolts").id, name="Nuts")
    act(ed, kept(database, "Nuts").id, do="delete")
    assert count(database, Changeset) == before


@sqlite
def test_what_cannot_be_read_is_left_out_and_said(ed: Browser, database: Database) -> None:
    save(ed, "Odd", "search=a&colour=red&columns=name%2Csmell%2Cprice&pageSize=9999")
    assert kept(database, "Odd").query == "search=a&columns=name%2Cprice"
    told = text_of(ed.get(VIEWS))
    for part in ("was saved without this:", "“colour”", "“smell”", "Rows per page"):
        assert part in told


@sqlite
def test_columns_that_are_the_lists_own_need_no_word(ed: Browser, database: Database) -> None:
    save(ed, "Plain", "columns=name,category,price,quantity,description")
    assert kept(database, "Plain").query == ""


@sqlite
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "This field is required."),
        ("   ", "This field is required."),
        ("x" * 101, "Shorten this to 100 characters"),
        ("a\nb", "Remove the line breaks"),
        ("nul\0", "Remove the characters that cannot be stored"),
    ],
)
def test_a_bad_name_comes_back_with_all_that_was_typed(
    ed: Browser, database: Database, name: str, says: str
) -> None:
    answer = save(ed, name, "search=bolt&sort=price", share=role(database), default="yes")
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert 'name="query" value="search=bolt&amp;sort=price"' in answer.text
    assert f'<option value="{role(database)}" selected>' in answer.text
    assert re.search(r'name="default" value="yes" checked', answer.text)
    assert count(database, SavedView) == 0


@sqlite
def test_a_query_that_is_too_long_is_refused_in_a_sentence(ed: Browser) -> None:
    save(ed, "Short")
    long = "&".join(f"category={number}" for number in range(500))
    for answer in (save(ed, "Long", long), act(ed, 1, query=long)):
        assert answer.status_code == 422
        assert "too long to save" in text_of(answer)
    save(ed, "Cut", "search=" + "x" * 20000)
    assert "Only the first 200 characters" in text_of(ed.get(VIEWS))


def test_a_name_is_taken_once_a_list_and_person_until_its_view_is_deleted(
    ed: Browser, bob: Browser, database: Database
) -> None:
    assert save(ed, "Bolts").status_code == 303
    refused = save(ed, "Bolts", "search=other")
    assert refused.status_code == 422
    assert "This list already has a view named “Bolts”." in text_of(refused)
    assert 'value="search=other"' in refused.text
    assert save(bob, "Bolts").status_code == 303
    assert save(ed, "bolts").status_code == 303
    ed.get("/admin/category/views")
    other_list = ed.post("/admin/category/views", {"name": "Bolts", "query": ""})
    assert other_list.status_code == 303
    act(ed, number_of(database, "ed@example.com", "Bolts"), do="delete")
    assert save(ed, "Bolts").status_code == 303


@pytest.mark.every_database
def test_of_two_tabs_that_take_a_name_at_once_one_is_told(
    app: Starlette, ed: Browser, database: Database
) -> None:
    tabs = [signed_in(app, "ed@example.com") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda tab: save(tab, "Bolts").status_code, tabs))
    assert sorted(answers) == [303, 422, 422, 422]


@sqlite
def test_there_may_be_so_many_and_no_more(
    ed: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_OWN", 2)
    for name in ("A", "B"):
        save(ed, name)
    assert "Delete one first" in text_of(save(ed, "C"))
    act(ed, kept(database, "A").id, do="delete")
    save(ed, "C")
    act(ed, kept(database, "A").id, do="restore")
    assert "Delete one first" in text_of(ed.get(VIEWS))
    act(ed, kept(database, "C").id, do="copy")
    assert "Delete one first" in text_of(ed.get(VIEWS))
    assert kept(database, "A").deleted_at is not None


# Changing -----------------------------------------------------------------------------


@sqlite
def test_a_view_is_renamed_shared_and_given_another_query(ed: Browser, database: Database) -> None:
    save(ed, "Bolts")
    key = kept(database, "Bolts").id
    assert act(ed, key, name="Nuts", share=role(database)).headers["location"] == VIEWS
    answer = act(ed, key, query="search=nut&sort=price")
    assert answer.headers["location"] == f"{LIST}?search=nut&sort=price&view={key}"
    saved = kept(database, "Nuts")
    assert (saved.query, str(saved.role_id)) == (
        "search=nut&sort=price",
        role(database),
    )


@sqlite
def test_a_rename_that_cannot_be_comes_back_at_its_view(ed: Browser, database: Database) -> None:
    save(ed, "Bolts")
    save(ed, "Nuts")
    answer = act(ed, kept(database, "Nuts").id, name="Bolts", share=role(database))
    assert answer.status_code == 422
    assert "This list already has a view named “Bolts”." in text_of(answer)
    (edited,) = re.findall(r'<details class="view-edit" open>.*?</details>', answer.text, re.DOTALL)
    assert 'name="name" value="Bolts"' in edited
    assert f'<option value="{role(database)}" selected>' in edited
    assert kept(database, "Nuts").role_id is None
    assert act(ed, kept(database, "Nuts").id, name="Nuts").status_code == 303  # its own name


def test_a_free_name_is_no_longer_than_a_name_may_be() -> None:
    assert store.free_name(["a", "a (2)"], "a") == "a (3)"
    assert store.free_name([], "a") == "a"
    longest = "x" * 100
    assert len(store.free_name([longest], longest)) == 100


# Deleting -----------------------------------------------------------------------------


def test_a_deleted_view_can_be_restored(ed: Browser, database: Database) -> None:
    save(ed, "Bolts", default="yes")
    key = kept(database, "Bolts").id
    assert act(ed, key, do="delete").status_code == 303
    page = ed.get(VIEWS)
    assert "The view “Bolts” was deleted. Restore" in text_of(page)
    assert f"{VIEWS}#deleted" in links_of(page)
    assert "Bolts" in sections(page)["Deleted"]
    assert "Bolts" not in sections(page)["Your views"]
    assert act(ed, key, name="x").status_code == 409
    assert act(ed, key, do="copy").status_code == 409
    act(ed, key, do="restore")
    act(ed, key, do="restore")
    page = ed.get(VIEWS)
    assert "Bolts" in sections(page)["Your views"]
    assert default_of(database, "ed@example.com") == key  # as it was


def test_restoring_finds_another_name_where_its_own_is_taken(
    ed: Browser, database: Database
) -> None:
    save(ed, "Bolts", "search=old")
    key = kept(database, "Bolts").id
    act(ed, key, do="delete")
    save(ed, "Bolts", "search=new")
    act(ed, key, do="restore")
    assert "as “Bolts (2)”" in text_of(ed.get(VIEWS))
    assert kept(database, "Bolts (2)").query == "search=old"


def test_after_thirty_days_it_is_gone(ed: Browser, database: Database) -> None:
    for name in ("Old", "Young"):
        save(ed, name)
        act(ed, kept(database, name).id, do="delete")
    with unit_of_work(database, writes=True) as session:
        old = session.get_one(SavedView, kept(database, "Old").id)
        old.deleted_at = datetime.now(UTC) - timedelta(days=store.KEPT_DAYS, minutes=1)
    deleted = sections(ed.get(VIEWS))["Deleted"]
    assert "Young" in deleted
    assert "Old" not in deleted
    save(ed, "New")
    assert count(database, SavedView) == 2


# The door -----------------------------------------------------------------------------


@sqlite
def test_people_who_may_not_list_have_no_views_there(rolf: Browser, ed: Browser) -> None:
    for browser, path in ((rolf, VIEWS), (ed, "/admin/user/views")):
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"name": "x", "query": ""}).status_code == 403
        assert browser.post(f"{path}/1", {"do": "delete"}).status_code == 403


@sqlite
@pytest.mark.parametrize("key", ["0", "99", "x", "99999999999999999999", "1%00", "-1", "²"])
def test_a_view_that_is_not_there_is_a_page(ed: Browser, key: str) -> None:
    ed.get(VIEWS)
    for do in ("", "delete", "copy", "default", "restore"):
        assert ed.post(f"{VIEWS}/{key}", {"do": do, "name": "x"}).status_code == 404


@sqlite
def test_a_view_belongs_to_its_list(ed: Browser, database: Database) -> None:
    save(ed, "Bolts")
    ed.get(VIEWS)
    key = kept(database, "Bolts").id
    assert ed.post(f"/admin/category/views/{key}", {"do": "delete"}).status_code == 404


@sqlite
def test_an_act_that_is_none_is_refused(ed: Browser, database: Database) -> None:
    save(ed, "Bolts")
    assert act(ed, kept(database, "Bolts").id, do="explode").status_code == 400
    assert ed.get(f"{VIEWS}/1").status_code == 405


@sqlite
def test_without_its_token_nothing_is_saved(ed: Browser, database: Database) -> None:
    ed.get(VIEWS)
    answer = ed.post(VIEWS, {"name": "x", "query": "", "csrf_token": "wrong"})
    assert answer.status_code == 403
    assert count(database, SavedView) == 0
