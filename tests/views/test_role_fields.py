"""The page where a role's fields are limited; nobody gives what they do not have."""

import html
import re

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.admin.refused import Refused
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item, Role
from backoffice.views.role import RoleView
from tests.cast import Browser, add_items, add_role, add_user, hidden_fields, signed_in, text_of

pytestmark = pytest.mark.databases("sqlite", "postgresql")

EDITOR = ("item:list", "item:details", "item:edit", "item:create", "category:list")
LEAD = ("role:list", "role:details", "role:edit", "role:create", "user:list")


def tokens_of(database: Database, role_id: int) -> set[str]:
    with unit_of_work(database) as session:
        return {str(grant) for grant in session.get_one(Role, role_id).grants}


def fields_in(tokens: set[str]) -> set[str]:
    return {
        token.removeprefix("item:") for token in tokens if ":read:" in token or ":write:" in token
    }


def opened(page: Response) -> dict[str, str]:
    """The hidden field with the choices that the page was made with."""
    found = re.search(r'name="opened" value="([^"]*)"', page.text)
    assert found
    return {"opened": html.unescape(found[1])}


@pytest.fixture
def clerks(database: Database) -> int:
    return add_role(database, "Clerk", *EDITOR)


def send(browser: Browser, role_id: int, **chosen: str) -> Response:
    """Send the page's form; ``chosen``: "price" for the radio buttons "field.price"."""
    return send_from(browser, browser.get(f"/admin/role/fields/item/{role_id}"), role_id, chosen)


def send_from(browser: Browser, page: Response, role_id: int, chosen: dict[str, str]) -> Response:
    """Send the form of a page that was opened before."""
    fields = {
        name if name == "limited" else f"field.{name}": value for name, value in chosen.items()
    }
    return browser.post(f"/admin/role/fields/item/{role_id}", {**opened(page), **fields})


def test_a_role_is_limited_to_what_is_chosen_and_opened_again(
    ada: Browser, database: Database, clerks: int
) -> None:
    page = ada.get(f"/admin/role/fields/item/{clerks}")
    assert "Fields of items for Clerk" in text_of(page)
    limited = send(ada, clerks, limited="chosen", name="read", price="", quantity="write")
    assert limited.status_code == 303, text_of(limited)
    told = fields_in(tokens_of(database, clerks))
    assert told == {"read:", "read:name", "write:quantity", "write:category", "write:description"}
    assert "Fields" not in text_of(ada.get("/admin/"))
    form = ada.get(f"/admin/role/edit/{clerks}")
    assert "4 of 5 fields" in text_of(form)
    assert f"/admin/role/fields/item/{clerks}" in form.text
    assert "4 of 5 fields" in text_of(ada.get(f"/admin/role/details/{clerks}"))
    assert send(ada, clerks, limited="all").status_code == 303
    assert fields_in(tokens_of(database, clerks)) == set()


def test_only_what_was_changed_is_posted_and_two_people_both_have_their_way(
    app: Starlette, ada: Browser, database: Database, clerks: int
) -> None:
    add_user(database, "ida@example.com", superuser=True)
    ida = signed_in(app, "ida@example.com")
    assert send(ada, clerks, limited="chosen", price="", quantity="").status_code == 303
    path = f"/admin/role/fields/item/{clerks}"
    first, second = ada.get(path), ida.get(path)
    assert send_from(ada, first, clerks, {"price": "read"}).status_code == 303
    assert send_from(ida, second, clerks, {"quantity": "write"}).status_code == 303
    assert {"read:price", "write:quantity"} <= fields_in(tokens_of(database, clerks))


def test_the_roles_form_leaves_its_fields_alone(
    ada: Browser, database: Database, clerks: int
) -> None:
    assert send(ada, clerks, limited="chosen", price="").status_code == 303
    before = fields_in(tokens_of(database, clerks))
    typed = {"name": "Clerks", "grants": [*EDITOR, "item:delete"]}
    assert ada.edit(f"/admin/role/edit/{clerks}", typed).status_code == 303
    assert fields_in(tokens_of(database, clerks)) == before
    assert "item:delete" in tokens_of(database, clerks)


def test_a_forged_choice_is_refused_and_writes_nothing(
    ada: Browser, database: Database, clerks: int
) -> None:
    before = tokens_of(database, clerks)
    for chosen in (
        {"price": "own"},
        {"limited": "some"},
        {"nothing": "read"},
        {"limited": "all", "price": "read"},  # of the two choices, one was not meant
    ):
        refused = send(ada, clerks, **{"limited": "chosen", **chosen})
        assert refused.status_code == 422, chosen
    assert tokens_of(database, clerks) == before
    for path in ("role/fields/nothing/1", f"role/fields/changeset/{clerks}", "role/fields/item/99"):
        assert ada.get(f"/admin/{path}").status_code == 404


def test_a_locked_role_keeps_its_fields(
    ada: Browser, database: Database, clerks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = Refused("This role is agreed with the works council.")
    monkeypatch.setattr(RoleView, "may", lambda *_args: locked)
    page = ada.get(f"/admin/role/fields/item/{clerks}")
    assert locked.reason in text_of(page)
    assert 'name="save"' not in page.text
    refused = send(ada, clerks, limited="chosen", price="")
    assert refused.status_code == 422
    assert locked.reason in text_of(refused)
    assert fields_in(tokens_of(database, clerks)) == set()


def test_nobody_gives_fields_that_they_do_not_have(
    app: Starlette, ada: Browser, database: Database, clerks: int
) -> None:
    add_role(database, "Lead", *LEAD, *EDITOR, "item:read:name", "item:write:quantity")
    add_user(database, "lead@example.com", role="Lead")
    lead = signed_in(app, "lead@example.com")

    for chosen in ({"limited": "chosen", "price": ""}, {"limited": "chosen", "name": "read"}):
        refused = send(lead, clerks, **chosen)
        assert refused.status_code == 422, chosen
        assert "You cannot" in text_of(refused)
    assert fields_in(tokens_of(database, clerks)) == set(), "a weaker role is a change too"
    none = dict.fromkeys(("name", "description", "category", "price", "quantity"), "")
    assert send(ada, clerks, limited="chosen", **none).status_code == 303
    given = send(lead, clerks, quantity="write", name="read")
    assert given.status_code == 303, text_of(given)
    for chosen in ({"price": "read"}, {"name": "write"}, {"limited": "all"}):
        refused = send(lead, clerks, **chosen)
        assert refused.status_code == 422, chosen
        assert "you do not have it" in text_of(refused)
    # A new role without limits would give all fields.
    lead.get("/admin/role/create")
    new = lead.post("/admin/role/create", {"name": "All", "grants": ["item:list"], "save": "Save"})
    assert new.status_code == 422
    assert "You cannot grant “Items (see all fields)”" in text_of(new)


def test_nobody_gives_a_role_with_fields_that_they_do_not_have(
    app: Starlette, database: Database
) -> None:
    whole = add_role(database, "Whole", "item:list")
    narrow = add_role(database, "Narrow", "item:list", "item:read:name")
    tokens = ("user:list", "user:details", "user:edit", "role:list", "item:list", "item:read:name")
    add_role(database, "Lead", *tokens)
    add_user(database, "lead@example.com", role="Lead")
    zoe = add_user(database, "zoe@example.com")
    lead = signed_in(app, "lead@example.com")

    for role_id, status in ((whole, 422), (narrow, 303)):
        path = f"/admin/user/edit/{zoe}"
        typed = {
            "first_name": "Zoe", "last_name": "Tester", "email": "zoe@example.com",
            "is_active": "true", "roles": str(role_id), "save": "Save",
        }  # fmt: skip
        saved = lead.post(path, {**hidden_fields(lead.get(path)), **typed})
        assert saved.status_code == status, text_of(saved)


def test_people_who_may_not_set_a_required_field_cannot_add_and_are_told(
    app: Starlette, database: Database
) -> None:
    add_items(database, 1)
    fields = ("write:name", "write:category", "write:quantity", "write:price", "read:description")
    add_role(database, "Clerk", *EDITOR, *(f"item:{field}" for field in fields))
    add_user(database, "carl@example.com", role="Clerk")
    carl = signed_in(app, "carl@example.com")

    assert "/admin/item/create" not in carl.get("/admin/item/list").text
    refused = carl.get("/admin/item/create")
    assert refused.status_code == 403
    assert (
        "You can't add items: a new item needs its description, and you don't have permission to "
        "set that." in text_of(refused)
    )
    form = carl.get("/admin/item/edit/1")
    assert "You don't have permission to change this." in text_of(form)
    assert "Description of item 0" in text_of(form), "what may be read is shown"


def test_a_record_without_a_name_is_linked_by_its_key(app: Starlette, database: Database) -> None:
    add_items(database, 2)
    add_role(database, "Clerk", *EDITOR, "item:write:quantity")
    add_user(database, "carl@example.com", role="Clerk")
    carl = signed_in(app, "carl@example.com")

    page = carl.get("/admin/item/list")

    assert re.findall(r'<a href="/admin/item/edit/(\d+)[^"]*">#(\d+)</a>', page.text) == [
        ("1", "1"),
        ("2", "2"),
    ]


def test_an_undo_or_restore_of_a_forbidden_field_is_refused_whole(
    app: Starlette, ada: Browser, database: Database
) -> None:
    add_items(database, 2)
    tokens = (*EDITOR, "item:delete", "item:action:undo", "item:action:history", "changeset:list",
              "changeset:details")  # fmt: skip
    add_role(
        database, "Clerk", *tokens, "item:write:name", "item:write:quantity", "item:read:price"
    )
    add_user(database, "carl@example.com", role="Clerk")
    carl = signed_in(app, "carl@example.com")
    typed = {"name": "Item 0000", "description": "Description of item 0", "category": "1"}
    changed = ada.edit(
        "/admin/item/edit/1", {**typed, "price": "5", "quantity": "7", "save": "Save"}
    )
    assert changed.status_code == 303, text_of(changed)
    number = int(re.findall(r"/changeset/undo/(\d+)", ada.get("/admin/item/list").text)[0])

    refused = carl.get(f"/admin/changeset/undo/{number}")
    assert "You can't undo this: it changed Price, which you don't have permission to change." in (
        text_of(refused)
    )
    assert carl.post(f"/admin/changeset/undo/{number}", {"seen": ""}).status_code == 422
    carl.get("/admin/item/delete?pks=2")
    assert carl.post("/admin/item/delete", {"pks": "2"}).status_code == 303
    assert carl.get(f"/admin/changeset/undo/{number + 1}").status_code == 200
    restored = carl.post(f"/admin/changeset/undo/{number + 1}", {"seen": ""})
    assert restored.status_code == 422
    assert "You can't restore items: that would set" in text_of(restored)
    with unit_of_work(database) as session:
        assert session.get_one(Item, 1).price == 5
        assert session.get(Item, 2) is None
    # The form of a record that was deleted while it was open offers no restore either.
    form = {**hidden_fields(carl.get("/admin/item/edit/1")), "name": "Mine", "quantity": "3"}
    ada.get("/admin/item/delete?pks=1")
    assert ada.post("/admin/item/delete", {"pks": "1"}).status_code == 303
    for button in ("Save", "Restore and save"):
        gone = carl.post("/admin/item/edit/1", {**form, "save": button})
        assert gone.status_code == 409
        assert "You can't restore items: that would set" in text_of(gone)
        assert 'value="Restore and save"' not in gone.text
    with unit_of_work(database) as session:
        assert session.get(Item, 1) is None
