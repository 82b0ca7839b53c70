"""docs/pages.md builds pages that work, and names the options that there are."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from backoffice.admin.page import Page
from backoffice.admin.page_options import PageOptions
from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Changeset
from backoffice.web.app import create_app
from tests.cast import Browser, add_items, add_user, count, signed_in, text_of
from tests.docs.pages import blocks, section

PAGE = CHECKOUT / "docs" / "pages.md"
MODULE, FORM = (block.text for block in blocks(PAGE) if block.language == "python run")
(TEMPLATE,) = (block.text for block in blocks(PAGE) if block.language == "html")
FORM_TEMPLATE = """{% extends "base.html" %}{% block content %}
<p>{{ page.count }} categories. {{ page.error }}</p>
<form method="post"><input type="hidden" name="csrf_token" value="{{ shell.csrf_token }}"></form>
{% endblock %}"""


def load(folder: Path, name: str, code: str) -> ModuleType:
    """A module of the page, in a file of its own."""
    file = folder / f"{name}.py"
    file.write_text(code)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def browser(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Browser:
    """Ada, a superuser, where both pages are registered."""
    for name in ("stock_value", "new_category"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "stock_value.html").write_text(TEMPLATE)
    (tmp_path / "new_category.html").write_text(FORM_TEMPLATE)
    pages = [
        load(tmp_path, "stock_value", MODULE).StockValuePage,
        load(tmp_path, "new_category", FORM).NewCategoryPage,
    ]
    add_user(database, "ada@example.com", superuser=True)
    return signed_in(create_app(settings, database, pages=pages), "ada@example.com")


@pytest.mark.databases("sqlite")
def test_the_report_shows_what_there_is(browser: Browser, database: Database) -> None:
    assert "There are no items yet." in text_of(browser.get("/admin/pages/stock-value"))
    add_items(database, 4, ["Bolts", "Nuts"])  # of 0, 1, 2 and 3 pieces at 0, 1, 2 and 3
    page = browser.get("/admin/pages/stock-value")
    assert "Bolts 4.00 EUR Nuts 10.00 EUR" in text_of(page)
    assert "All items" in text_of(page)


@pytest.mark.databases("sqlite")
def test_the_form_adds_a_category_with_its_reason_or_says_what_is_wrong(
    browser: Browser, database: Database
) -> None:
    assert "0 categories." in text_of(browser.get("/admin/pages/new-category"))
    refused = browser.post("/admin/pages/new-category", {"name": " "})
    assert refused.status_code == 422
    assert "This field is required." in text_of(refused)
    assert count(database, Category) == 0
    assert browser.post("/admin/pages/new-category", {"name": "Bolts"}).status_code == 303
    page = text_of(browser.get("/admin/pages/new-category"))
    assert "The category was added." in page
    assert "1 categories." in page
    with unit_of_work(database) as session:
        latest = session.scalars(sa.select(Changeset).order_by(Changeset.id.desc())).first()
        assert latest is not None
        assert latest.reason == "Added on its own page"


def test_every_option_and_method_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", section(PAGE, "Options and methods"), re.MULTILINE))
    options = {name for name in PageOptions.__annotations__ if not name.startswith("_")}
    methods = {name for name, value in vars(Page).items() if callable(value)}
    assert told == options | {name for name in methods if not name.startswith("_")}
