"""docs/adding-a-model.md is a model's tour: its code passes what every view must pass."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.admin.view import RecordView
from backoffice.config import CHECKOUT, Settings
from tests.databases import child_environment
from tests.docs.pages import blocks, section

PAGE = CHECKOUT / "docs" / "adding-a-model.md"
CODE = {
    block.text.partition("\n")[0].removeprefix("# "): block.text
    for block in blocks(PAGE)
    if block.language == "python"
}
"""The page's modules by the file that each is for, in its order."""

SUITE = "tests/views"

PREPARE = '''
"""The three modules of the page, put where they would be, and the tests that run over VIEWS."""
import sys
from contextlib import contextmanager
from types import ModuleType

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

import backoffice.models as models
import backoffice.views as views


def module(name, code):
    made = sys.modules[name] = ModuleType(name)
    exec(compile(code, name, "exec"), made.__dict__)
    return made


code = list(CODE.values())
models.Supplier = module("backoffice.models.supplier", code[0]).Supplier
migration = module("suppliers_migration", code[1])
views.VIEWS = (*views.VIEWS, module("backoffice.views.supplier", code[2]).SupplierView)


def migrate(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            migration.upgrade()
        context = MigrationContext.configure(connection, opts={"include_name": only_suppliers})
        differences = [
            one for one in compare_metadata(context, models.Base.metadata)
            if "supplier" in repr(one)
        ]
        assert differences == [], differences
    engine.dispose()


def only_suppliers(name, kind, parents):
    return kind != "table" or name == "suppliers"
'''

RUN = """
from tests import databases

migrated = databases.migrated_database


@contextmanager
def with_suppliers(kind, folder):
    with migrated(kind, folder) as url:
        migrate(databases.normalise_url(url))
        yield url


databases.migrated_database = with_suppliers
options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--no-header"]
sys.exit(pytest.main([*options, *sys.argv[1:]]))
"""

BY_HAND = """
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.web.app import create_app
from tests.cast import add_user, links_of, signed_in, text_of

settings = load_settings()
migrate(settings.database_url.get_secret_value())
database = open_database(settings)
app = create_app(settings, database)
add_user(database, "ada@example.com", superuser=True)
add_user(database, "ed@example.com", role="Editor")
ada, ed = signed_in(app, "ada@example.com"), signed_in(app, "ed@example.com")

ada.get("/admin/supplier/create")
typed = {"name": "Acme", "country": "Norway", "is_approved": "true"}
added = ada.post("/admin/supplier/create", typed)
assert added.status_code == 303, text_of(added)
page = ada.get("/admin/supplier/list?search=norw&is_approved=yes")
assert "1 supplier" in text_of(page), text_of(page)
assert any(href.startswith("/admin/supplier/edit/1") for href in links_of(page))

# For superusers only, until it is ticked in Roles.
assert "Suppliers" not in text_of(ed.get("/admin/"))
assert ed.get("/admin/supplier/list").status_code == 403
role = ada.get("/admin/role/edit/2")
assert 'value="supplier:list"' in role.text
ticked = ["item:list", "supplier:list"]
saved = ada.post("/admin/role/edit/2", {"name": "Editor", "version": "1", "grants": ticked})
assert saved.status_code == 303, text_of(saved)
assert "Acme" in text_of(ed.get("/admin/supplier/list"))
assert ed.get("/admin/supplier/create").status_code == 403
print("done")
"""


def run(program: str, *arguments: str, settings: Settings) -> str:
    """Run a program that has the page's model; its metadata is then nobody else's.

    Returns what it printed.
    """
    code = PREPARE.replace("CODE.values()", repr(list(CODE.values()))) + program
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=CHECKOUT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-4000:]
    return ran.stdout


def test_the_page_has_a_model_a_migration_and_a_view_for_their_files() -> None:
    assert list(CODE) == [
        "backoffice/models/supplier.py",
        "migrations/versions/…_suppliers.py",
        "backoffice/views/supplier.py",
    ]


def test_it_is_some_forty_lines() -> None:
    model, _migration, view = CODE.values()
    lines = [line for line in (model + view).splitlines() if line.strip()]
    assert len(lines) <= 40


@pytest.mark.databases("sqlite")
def test_it_is_listed_and_for_superusers_only_until_ticked(settings: Settings) -> None:
    assert "done" in run(BY_HAND, settings=settings)


@pytest.mark.databases("sqlite")
def test_it_passes_the_tests_that_run_over_the_registry(settings: Settings) -> None:
    printed = run(
        RUN,
        f"{SUITE}/test_contract.py",
        f"{SUITE}/test_history_contract.py",
        "-k",
        "supplier and sqlite",
        settings=settings,
    )
    passed = re.search(r"(\d+) passed", printed)
    assert passed, printed
    assert int(passed[1]) >= 12, printed
    assert "skipped" not in printed, printed


def test_every_option_and_method_it_names_is_one() -> None:
    told = section(PAGE, "What a view may set")
    names = {
        name
        for cell in re.findall(r"^\| (`.+?) \|", told, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert len(names) > 30
    assert {name for name in names if not hasattr(RecordView, name)} <= {"icon", "name_plural"}


def test_every_option_of_our_own_is_told() -> None:
    told = section(PAGE, "What a view may set")
    source = Path(CHECKOUT, "backoffice", "admin", "view.py").read_text()
    ours = set(re.findall(r"^    (\w+): ClassVar", source, re.MULTILINE))
    untold = {name for name in ours if f"`{name}`" not in told}
    assert untold <= {"site", "shows_people", "details_options"}
