"""What the pages give to copy runs as it stands."""

import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.config import CHECKOUT, Settings
from tests.databases import child_environment
from tests.docs.pages import PAGES, blocks, name_of

README = CHECKOUT / "README.md"
SNIPPETS = [
    pytest.param(block.text, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(
        (block for block in blocks(page) if block.language == "python run"), 1
    )
]

ADDS_A_SUPPLIER = """
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.views import VIEWS
from backoffice.web import app as web
from tests.cast import add_user, links_of, signed_in, text_of

database = open_database()
Base.metadata.create_all(database.writer)
web.VIEWS = (*VIEWS, SupplierView)
app = web.create_app(load_settings(), database)
add_user(database, "ada@example.com", superuser=True)
ada = signed_in(app, "ada@example.com")

ada.get("/admin/supplier/create")
added = ada.post("/admin/supplier/create", {"name": "Acme", "is_approved": "true"})
assert added.status_code == 303, text_of(added)
page = ada.get("/admin/supplier/list?search=acme&is_approved=yes")
assert "1 supplier" in text_of(page), text_of(page)
assert any(href.startswith("/admin/supplier/edit/1") for href in links_of(page))
ada.get("/admin/supplier/create")
again = ada.post("/admin/supplier/create", {"name": "Acme"})
assert again.status_code == 422 and "exists already" in text_of(again), text_of(again)
assert ada.post("/admin/supplier/delete", {"pks": "1"}).status_code == 303
print("done")
"""


def run(code: str, settings: Settings) -> str:
    """Run ``code`` as a program in the checkout; returns what it printed.

    In a process of its own: a model that it declares is in nobody else's metadata.
    """
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("code", SNIPPETS)
def test_the_snippet_runs(code: str, settings: Settings) -> None:
    run(code, settings)


@pytest.mark.databases("sqlite")
def test_the_readmes_model_is_listed_searched_refused_and_deleted(settings: Settings) -> None:
    (supplier,) = (block.text for block in blocks(README) if "class SupplierView" in block.text)
    assert "done" in run(supplier + ADDS_A_SUPPLIER, settings)


@pytest.mark.databases("sqlite")
def test_the_readmes_script_finds_what_it_added(settings: Settings) -> None:
    (script,) = (block.text for block in blocks(README) if "Stainless bolts" in block.text)
    assert run(script, settings).strip() == "['M4 × 20 A2']"


def test_every_python_block_says_that_it_runs() -> None:
    for page in PAGES:
        if page.name == "adding-a-model.md":  # one program in several files, with its own test
            continue
        languages = {block.language for block in blocks(page) if "python" in block.language}
        assert languages <= {"python run"}, name_of(page)


def test_pages_are_found() -> None:
    assert README in PAGES
    assert Path("docs/operators.md") in {page.relative_to(CHECKOUT) for page in PAGES}
