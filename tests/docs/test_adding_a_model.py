"""docs/adding-a-model.md is a model's tour: its code passes what every view must pass."""

import re
import subprocess
import sys
from collections.abc import Sequence

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

PLAIN = (
    "backoffice/models/supplier.py",
    "migrations/versions/…_suppliers.py",
    "backoffice/views/supplier.py",
)
LATER = (
    "backoffice/models/delivery.py",
    "backoffice/models/supplier.py, now",
    "migrations/versions/…_suppliers.py",
    "migrations/versions/…_deliveries.py",
    "backoffice/views/supplier.py, now",
    "backoffice/views/delivery.py",
)
"""The modules that are there at the end of the plain case, and at the end of the page."""

PREPARE = '''
"""Modules of the page, put where they would be, and the tests that run over VIEWS."""
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
import migrations.sqlite
from backoffice.admin.view import RecordView

steps, tables = [], set()
for place, code in CODE.items():
    name = place.partition(",")[0].removesuffix(".py").replace("/", ".")
    made = sys.modules[name] = ModuleType(name)
    exec(compile(code, name, "exec"), made.__dict__)
    if name.startswith("migrations"):
        steps.append(made)
        continue
    for thing in list(vars(made).values()):
        if isinstance(thing, type) and thing.__module__ == name:
            if issubclass(thing, models.Base):
                setattr(models, thing.__name__, thing)
                tables.add(thing.__tablename__)
            elif issubclass(thing, RecordView):
                views.VIEWS = (*views.VIEWS, thing)


def migrate(url, *, way_back=False):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for step in steps:
                step.upgrade()
            if way_back:
                for step in reversed(steps):
                    step.downgrade()
                assert not tables & set(sa.inspect(connection).get_table_names())
                for step in steps:
                    step.upgrade()
        context = MigrationContext.configure(connection, opts={"include_name": only_these})
        differences = [
            one for one in compare_metadata(context, models.Base.metadata)
            if any(table in repr(one) for table in tables)
        ]
        assert differences == [], differences
    engine.dispose()


def only_these(name, kind, parents):
    return kind != "table" or name in tables
'''

RUN = """
from tests import databases

migrated = databases.migrated_database


@contextmanager
def with_tables(kind, folder, *spared):
    with migrated(kind, folder, *spared) as url:
        migrate(databases.normalise_url(url))
        yield url


databases.migrated_database = with_tables
options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--no-header"]
sys.exit(pytest.main([*options, *sys.argv[1:]]))
"""

THERE_AND_BACK = """
from backoffice.config import load_settings
from backoffice.db import normalise_url

migrate(normalise_url(load_settings().database), way_back=True)
print("done")
"""

BY_HAND = """
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.web.app import create_app
from tests.cast import add_user, links_of, signed_in, text_of

settings = load_settings()
migrate(settings.database_url.get_secret_value())
database = open_database(settings)
app = create_app(settings, database, views=views.VIEWS)
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


DELIVERIES = """
import sqlalchemy as sa
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.web.app import create_app
from tests.cast import add_user, hidden_fields, links_of, signed_in, text_of

settings = load_settings()
migrate(settings.database_url.get_secret_value())
database = open_database(settings)
app = create_app(settings, database, views=views.VIEWS)
add_user(database, "ada@example.com", superuser=True)
ada = signed_in(app, "ada@example.com")


def add(kind, **typed):
    ada.get(f"/admin/{kind}/create")
    return ada.post(f"/admin/{kind}/create", typed)


def newest():
    with database.reader.connect() as connection:
        return connection.scalar(sa.text("SELECT max(id) FROM changesets"))


# The e-mail rule is the model's, and shows at its field.
acme = {"name": "Acme", "country": "Norway", "is_approved": "true"}
refused = add("supplier", **acme, email="nowhere")
assert refused.status_code == 422
assert "Enter an e-mail address, such as ada@example.com." in text_of(refused)
assert add("supplier", **acme, email="Post@Acme.example").status_code == 303
assert add("supplier", name="Bolt & co", country="Sweden", email="").status_code == 303
page = text_of(ada.get("/admin/supplier/details/1"))
assert "E-mail post@acme.example" in page, page

# A state, a day, no note, no supplier; and one with all of them.
bare = {"code": "D-1", "state": "ORDERED", "due_on": "2026-03-31", "note": "", "supplier": ""}
assert add("delivery", **bare).status_code == 303
full = bare | {"code": "D-2", "state": "SENT", "note": "Mind the glass", "supplier": "1"}
assert add("delivery", **full).status_code == 303
wrong = add("delivery", **(bare | {"code": "D-3", "due_on": "31.3.", "state": "LOST"}))
assert wrong.status_code == 422
assert "Enter a date, such as 2026-03-31." in text_of(wrong), text_of(wrong)
assert "Choose one of the list." in text_of(wrong), text_of(wrong)

# It is found by each, and shows on both sides.
for query in ("state=SENT", "supplier=1", "search=glass", "due_on_from=2026-03-31&state=SENT"):
    found = text_of(ada.get(f"/admin/delivery/list?{query}"))
    assert "1 delivery" in found, (query, found)
assert "Acme" in text_of(ada.get("/admin/delivery/details/2"))
supplier = ada.get("/admin/supplier/details/1")
assert any(href.startswith("/admin/delivery/details/2") for href in links_of(supplier))

# Deleting the supplier empties the reference, says so before, and an undo puts it back.
asked = ada.get("/admin/supplier/delete?pks=1")
assert "1 delivery loses its supplier" in text_of(asked), text_of(asked)
seen = asked.text.partition('name="seen" value="')[2].partition('"')[0]
deleted = ada.post("/admin/supplier/delete", {"pks": "1", "seen": seen})
assert deleted.status_code == 303, text_of(deleted)
assert "was deleted" in text_of(ada.get("/admin/supplier/list"))
assert "Acme" not in text_of(ada.get("/admin/delivery/details/2"))
undo = f"/admin/changeset/undo/{newest()}"
seen = ada.get(undo).text.partition('name="seen" value="')[2].partition('"')[0]
assert ada.post(undo, {"seen": seen}).status_code == 303
assert "Acme" in text_of(ada.get("/admin/delivery/details/2"))
print("done")
"""


def run(program: str, *arguments: str, settings: Settings, places: Sequence[str] = PLAIN) -> str:
    """Run a program that has those modules of the page; its metadata is then nobody else's.

    Returns what it printed.
    """
    chosen = {place: CODE[place] for place in places}
    code = PREPARE.replace("CODE.items()", repr(chosen) + ".items()") + program
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=CHECKOUT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-4000:]
    return ran.stdout


def test_the_page_has_its_modules_for_their_files() -> None:
    assert {*CODE} == {*PLAIN, *LATER}


def test_it_is_some_forty_lines() -> None:
    model, _migration, view = (CODE[place] for place in PLAIN)
    lines = [line for line in (model + view).splitlines() if line.strip()]
    assert len(lines) <= 40


@pytest.mark.databases("sqlite")
def test_it_is_listed_and_for_superusers_only_until_ticked(settings: Settings) -> None:
    assert "done" in run(BY_HAND, settings=settings)


@pytest.mark.databases("sqlite")
def test_a_second_model_has_an_enumeration_a_day_a_note_and_a_supplier_or_none(
    settings: Settings,
) -> None:
    assert "done" in run(DELIVERIES, settings=settings, places=LATER)


@pytest.mark.parametrize("places", [PLAIN, LATER], ids=["plain", "later"])
def test_its_migrations_go_there_and_back_and_there_on_every_database(
    settings: Settings, places: Sequence[str]
) -> None:
    assert "done" in run(THERE_AND_BACK, settings=settings, places=places)


@pytest.mark.databases("sqlite")
def test_it_passes_the_tests_that_run_over_the_registry(settings: Settings) -> None:
    printed = run(
        RUN,
        f"{SUITE}/test_contract.py",
        f"{SUITE}/test_history_contract.py",
        "-k",
        "supplier",
        "--sqlite",  # also where it is another database's turn
        settings=settings,
    )
    passed = re.search(r"(\d+) passed", printed)
    assert passed, printed
    assert int(passed[1]) >= 12, printed
    assert "skipped" not in printed, printed


def test_every_option_and_method_it_names_is_one() -> None:
    told = section(PAGE, "Options and methods")
    names = {
        name
        for cell in re.findall(r"^\| (`.+?) \|", told, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert len(names) > 30
    assert {name for name in names if not hasattr(RecordView, name)} <= {"icon", "name_plural"}


def test_every_option_of_our_own_is_told() -> None:
    told = section(PAGE, "Options and methods")
    sources = (CHECKOUT / "backoffice" / "admin" / name for name in ("options.py", "view.py"))
    declared = "".join(source.read_text() for source in sources)
    ours = set(re.findall(r"^    (\w+): ClassVar", declared, re.MULTILINE))
    assert len(ours) > 10
    untold = {name for name in ours if f"`{name}`" not in told}
    assert untold <= {"site", "shows_people"}
