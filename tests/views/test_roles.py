"""Every screen of every view, asked by every role: what the grants say is what happens."""

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.options import ACTIONS
from backoffice.admin.routes import SCREENS
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Grant, Item, Role, User
from backoffice.views import VIEWS
from tests.cast import PASSWORD, Browser, add_items, add_user, signed_in, somebody, text_of

ROLES = ["Viewer", "Editor", "Manager", None]
pytestmark = pytest.mark.databases("sqlite")


def grants_of(database: Database, role: str | None) -> set[tuple[str, str]]:
    with unit_of_work(database) as session:
        rows = session.execute(
            sa.select(Grant.identity, Grant.action).join(Role).where(Role.name == role)
        )
        return {(row[0], row[1]) for row in rows}


def address(identity: str, action: str) -> str:
    path = SCREENS[action][0].replace("{identity}", identity).replace("{pk:path}", "1")
    return f"/admin{path}?pks=1" if action == "delete" else f"/admin{path}"


@pytest.mark.parametrize("role", ROLES)
def test_every_screen_opens_only_to_people_who_have_its_permission(
    app: Starlette, database: Database, role: str | None
) -> None:
    add_items(database, 3)
    add_user(database, "one@example.com", role=role)
    browser = signed_in(app, "one@example.com")
    grants = grants_of(database, role)

    for view in VIEWS:
        site_view = app.state.site.find_view(view.identity)
        for action in SCREENS:
            response = browser.get(address(view.identity, action))
            may = (view.identity, action) in grants and site_view.allows(action)
            if may:
                assert response.status_code in (200, 404), (view.identity, action)
            else:
                assert response.status_code == 403, (view.identity, action)
                assert "permission" in text_of(response) or "no such page" in text_of(response)


@pytest.mark.parametrize("role", ROLES)
def test_buttons_that_would_be_refused_are_not_shown(
    app: Starlette, database: Database, role: str | None
) -> None:
    add_items(database, 3)
    add_user(database, "one@example.com", role=role)
    browser = signed_in(app, "one@example.com")
    grants = grants_of(database, role)

    index = browser.get("/admin/").text
    for view in VIEWS:
        listed = f'href="/admin/{view.identity}/list"' in index
        assert listed == ((view.identity, "list") in grants), view.identity
    if ("item", "list") not in grants:
        return
    page = browser.get("/admin/item/list").text
    assert ("/admin/item/create" in page) == (("item", "create") in grants)
    assert ("/admin/item/delete" in page) == (("item", "delete") in grants)
    details = browser.get("/admin/item/details/1").text
    for action, path in (("edit", "edit/1"), ("action:history", "history/1")):
        assert (f"/admin/item/{path}" in details) == (("item", action) in grants)


def test_the_matrix_offers_only_what_exists(ada: Browser) -> None:
    page = ada.get("/admin/role/create").text

    assert 'value="item:delete"' in page
    assert 'value="item:export"' not in page
    assert 'value="changeset:create"' not in page
    for action in ACTIONS:
        assert f'value="category:{action}"' in page


def test_nobody_grants_what_they_do_not_have(app: Starlette, database: Database) -> None:
    tokens = ["role:list", "role:details", "role:create", "role:edit", "item:list"]
    browser = somebody(app, database, *tokens)
    browser.get("/admin/role/create")

    refused = browser.post("/admin/role/create", {"name": "More", "grants": ["item:delete"]})
    granted = browser.post("/admin/role/create", {"name": "Less", "grants": ["item:list"]})

    assert refused.status_code == 422
    assert "you do not have it" in text_of(refused)
    assert granted.status_code == 303


def test_a_manager_gives_no_role_above_their_own_and_touches_no_superuser(
    max_: Browser, database: Database
) -> None:
    boss = add_user(database, "boss@example.com", superuser=True)
    add_user(database, "another@example.com", superuser=True)
    other = add_user(database, "other@example.com")
    with unit_of_work(database, writes=True) as session:
        everything = Role(name="Everything")
        everything.grants = [Grant.from_token("role:edit")]
        session.add(everything)
        session.flush()
        role_id = everything.id
    typed = {"first_name": "O", "last_name": "T", "email": "other@example.com", "is_active": "y"}

    raised = max_.edit(f"/admin/user/edit/{other}", {**typed, "roles": [str(role_id)]})
    superuser = max_.post(f"/admin/user/edit/{other}", {**typed, "is_superuser": "y"})
    attacked = max_.post(
        f"/admin/user/edit/{boss}",
        {
            **typed,
            "email": "boss@example.com",
            "is_superuser": "y",
            "password": PASSWORD,
            "password_again": PASSWORD,
        },
    )
    deleted = max_.post("/admin/user/delete", {"pks": str(boss)})

    assert "You cannot give the role Everything" in text_of(raised)
    for response in (superuser, attacked, deleted):
        assert response.status_code == 422
        assert "Only superusers" in text_of(response)
    with unit_of_work(database) as session:
        assert session.get_one(User, boss).is_superuser
        assert session.get_one(User, other).roles == []


def test_a_role_of_somebody_with_more_permissions_is_refused_and_the_other_one_can_be_deleted(
    app: Starlette, database: Database
) -> None:
    with unit_of_work(database, writes=True) as session:
        taken, free = Role(name="Taken"), Role(name="Free")
        everything = Role(name="Everything", grants=[Grant.from_token("*:*")])
        tidier = Role(name="Tidier", grants=[Grant.from_token("role:delete")])
        session.add_all((taken, free, everything, tidier))
        boss = User(first_name="Bea", last_name="Boss", email="bea@example.com")
        boss.roles = [taken, everything]
        session.add(boss)
        session.flush()
        keys = f"{taken.id},{free.id}"
    add_user(database, "tidy@example.com", role="Tidier")
    page = signed_in(app, "tidy@example.com").get(f"/admin/role/delete?pks={keys}")
    assert "every permission that Bea Boss has" in text_of(page)
    assert "Delete the other role" in text_of(page)


def test_an_editor_cannot_delete_by_undoing(ed: Browser, ada: Browser, database: Database) -> None:
    add_items(database, 1)
    ed.get("/admin/category/create")
    ed.post("/admin/category/create", {"name": "Nuts", "save": "Save"})
    feed = ed.get("/admin/changeset/list").text
    assert "Nuts" in feed
    with unit_of_work(database) as session:
        number = session.scalar(sa.text("SELECT max(changeset_id) FROM changes"))

    refused = ed.get(f"/admin/changeset/undo/{number}")

    assert refused.status_code == 403
    assert "don't have permission to delete categories" in text_of(refused)
    assert ada.get(f"/admin/changeset/undo/{number}").status_code == 200


def test_nobody_reads_rows_through_the_feed(ed: Browser, database: Database) -> None:
    add_user(database, "secret@example.com")
    with unit_of_work(database) as session:
        number = session.scalar(sa.text("SELECT max(changeset_id) FROM changes"))

    assert "Secret" not in ed.get("/admin/changeset/list").text
    assert ed.get(f"/admin/changeset/details/{number}").status_code == 403
    assert ed.get(f"/admin/changeset/undo/{number}").status_code == 403
    assert "Secret Tester" not in ed.get("/admin/changeset/list?search=Secret").text
    assert ed.get("/admin/user/history/1").status_code == 403
    assert ed.get("/admin/").text.count("Secret") == 0


def test_a_model_without_a_grant_is_for_superusers_only(rolf: Browser, database: Database) -> None:
    add_items(database, 1)
    page = text_of(rolf.get("/admin/"))

    assert "Items" not in page
    assert rolf.get("/admin/item/lookup/category?q=b").status_code == 403
    with unit_of_work(database) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Category)) == 1
