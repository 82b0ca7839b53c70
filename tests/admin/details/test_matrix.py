"""What a role permits is a table to read on its page."""

import re

import pytest
from starlette.applications import Starlette

from backoffice.db import Database
from tests.cast import Browser, add_role, add_user, signed_in, text_of

pytestmark = pytest.mark.databases("sqlite")


def row_of(page: str, label: str) -> list[str]:
    """The words for each column of one row."""
    (row,) = re.findall(rf'(?s)<th scope="row">{label}.*?</tr>', page)
    return re.findall(r">(Yes|No)<", row)


def test_a_roles_page_has_a_row_for_each_view_and_a_column_for_each_action(
    ada: Browser, database: Database
) -> None:
    (key,) = re.findall(r"/admin/role/edit/(\d+)[^>]*>Editor<", ada.get("/admin/role/list").text)
    page = ada.get(f"/admin/role/details/{key}")
    headings = re.findall(r'<th scope="col">(\w+)</th>', page.text)
    assert headings[:5] == ["List", "Details", "Create", "Edit", "Delete"]
    assert row_of(page.text, "Items")[:5] == ["Yes", "Yes", "Yes", "Yes", "No"]
    assert row_of(page.text, "Users")[:2] == ["No", "No"]
    assert "Permissions" in text_of(page)
    assert f"/admin/role/fields/item/{key}" in page.text


def test_people_who_may_not_change_a_role_see_its_fields_without_a_link(
    app: Starlette, database: Database
) -> None:
    key = add_role(database, "Reader", "role:list", "role:details")
    add_user(database, "reader@example.com", role="Reader")
    page = signed_in(app, "reader@example.com").get(f"/admin/role/details/{key}")
    assert "Items all fields" in text_of(page)
    assert "/admin/role/fields/" not in page.text
