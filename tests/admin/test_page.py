"""Custom pages: what they show, what they may write, and what happens if they fail."""

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.testclient import TestClient

from backoffice.admin.page import Page
from backoffice.admin.view import Context
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Changeset, Grant, Role
from backoffice.web.app import create_app
from tests.cast import ORIGIN, Browser, add_user, count, signed_in, text_of
from tests.read_only import taking_no_changes

pytestmark = pytest.mark.databases("sqlite")

TEMPLATES = {
    # A name that the back office has is its own: no page of these looks like this.
    "base.html": "{{ nothing.of_the_kind }}",
    "rename.html": """{% extends "base.html" %}
{% from "macros/notices.html" import notice_strip %}
{% block content %}<h1>{{ shell.title }}</h1>
{% if page.error %}{{ notice_strip("error", page.error) }}{% endif %}
<form method="post"><input type="hidden" name="csrf_token" value="{{ shell.csrf_token }}">
<input name="name" value="{{ page.name }}"></form>
{% endblock %}""",
    "broken.html": '{% extends "base.html" %}{% block content %}{{ page.nothing }}{% endblock %}',
    "plain.html": '{% extends "base.html" %}{% block content %}{{ page.text }}{% endblock %}',
}


class FilesOfTests(Page):
    """A page whose templates a test has written."""

    written_to: ClassVar[Path]

    @classmethod
    def files_folder(cls) -> Path:
        return cls.written_to


class RenamePage(FilesOfTests):
    """Renames the first category."""

    name, identity, template = "Rename", "rename", "rename.html"

    def content(self, context: Context) -> dict[str, Any]:
        return {"name": context.session.scalar(sa.select(Category.name)), "error": ""}

    def posted(self, context: Context) -> Response:
        name = str(context.form["name"])
        category = context.session.scalars(sa.select(Category)).one()
        category.name = name
        context.session.flush()
        if "!" in name:
            return self.show(context, {"name": name, "error": "No shouting."}, status=422)
        if name == "fail":
            raise RuntimeError("it failed after it wrote")
        context.browser.notify("success", "It was renamed.")
        return context.redirect(self.href(context))


class ReadingPage(FilesOfTests):
    """Takes no forms, and is for superusers only."""

    name, identity, template, superusers_only = "<Reading>", "reading", "plain.html", True
    assets: ClassVar[tuple[str, ...]] = ("plain.css",)

    def content(self, context: Context) -> dict[str, Any]:
        return {"text": "<b>bold</b>"}


class WritingPage(FilesOfTests):
    """Writes where it may not."""

    name, identity, template = "Writing", "writing", "plain.html"

    def content(self, context: Context) -> dict[str, Any]:
        context.session.add(Category(name="by a GET"))
        context.session.flush()
        return {"text": ""}


class RaisingPage(FilesOfTests):
    name, identity, template = "Raising", "raising", "plain.html"

    def content(self, context: Context) -> Any:
        raise RuntimeError("secret-reason")


class BrokenPage(FilesOfTests):
    """Its template reads what there is not."""

    name, identity, template = "Broken", "broken", "broken.html"

    def content(self, context: Context) -> Any:
        return object()


class PromotingPage(FilesOfTests):
    """Grants everything to a role, which only somebody who has everything may do."""

    name, identity, template = "Promoting", "promoting", "plain.html"

    def content(self, context: Context) -> Any:
        return {"text": ""}

    def posted(self, context: Context) -> Response:
        role = context.session.scalars(sa.select(Role).where(Role.name == "Viewer")).one()
        role.grants = [*role.grants, Grant.from_token("user:delete")]
        return context.redirect(self.href(context))


class ListsPage(ReadingPage):
    """Its identity is the last part of other addresses."""

    name, identity, superusers_only, assets = "Views", "views", False, ()


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Starlette:
    """The application with these pages; the Viewers may open all that a role can open."""
    for name, source in TEMPLATES.items():
        (tmp_path / name).write_text(source)
    (tmp_path / "plain.css").write_text("p { color: red }")
    FilesOfTests.written_to = tmp_path
    pages = [
        *(RenamePage, ReadingPage, WritingPage, RaisingPage, BrokenPage, PromotingPage),
        ListsPage,
    ]
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Bolts"))
        viewer = session.scalars(sa.select(Role).where(Role.name == "Viewer")).one()
        viewer.grants = [
            *viewer.grants,
            *(Grant.from_token(f"{page.identity}:open") for page in pages),
        ]
    return create_app(settings, database, pages=pages)


def test_a_form_that_a_page_takes_is_one_changeset_of_the_person(
    vera: Browser, database: Database
) -> None:
    assert 'value="Bolts"' in vera.get("/admin/pages/rename").text
    before = count(database, Changeset)
    answer = vera.post("/admin/pages/rename", {"name": "Nuts"})
    assert answer.status_code == 303
    page = vera.get(answer.headers["location"])
    assert "It was renamed." in text_of(page)
    assert 'value="Nuts"' in page.text
    assert count(database, Changeset) == before + 1
    with unit_of_work(database) as session:
        latest = session.scalars(sa.select(Changeset).order_by(Changeset.id.desc())).first()
        assert latest is not None
        assert (latest.source, latest.actor) == ("web", "Vera Tester")


@pytest.mark.parametrize(("name", "status"), [("loud!", 422), ("fail", 500)])
def test_a_form_that_a_page_refuses_or_fails_on_writes_nothing(
    name: str, status: int, vera: Browser, database: Database
) -> None:
    vera.get("/admin/pages/rename")
    before = count(database, Changeset)
    answer = vera.post("/admin/pages/rename", {"name": name})
    assert answer.status_code == status
    assert "No shouting." in text_of(answer) or status == 500
    assert 'value="Bolts"' in vera.get("/admin/pages/rename").text
    assert count(database, Changeset) == before


def test_a_form_is_kept_while_the_database_takes_no_changes(
    vera: Browser, database: Database
) -> None:
    vera.get("/admin/pages/rename")
    with taking_no_changes(database):
        answer = vera.post("/admin/pages/rename", {"name": "Nuts"})
        assert answer.status_code == 503
        assert "The database is read-only right now" in text_of(answer)
        assert re.search(r'<textarea name="name" hidden>\s*Nuts</textarea>', answer.text)
        assert 'value="Bolts"' in vera.get("/admin/pages/rename").text


def test_a_form_without_a_token_is_refused(vera: Browser) -> None:
    vera.get("/admin/pages/rename")
    answer = vera.post("/admin/pages/rename", {"name": "Nuts", "csrf_token": "wrong"})
    assert answer.status_code == 403
    assert 'value="Bolts"' in vera.get("/admin/pages/rename").text


def test_a_form_takes_the_permission_of_the_page(rolf: Browser) -> None:
    rolf.get("/admin/")
    answer = rolf.post("/admin/pages/rename", {"name": "Nuts"})
    assert answer.status_code == 403
    assert "the permission “Pages: Rename”" in text_of(answer)


def test_a_page_without_forms_answers_405(ada: Browser) -> None:
    ada.get("/admin/pages/reading")
    answer = ada.post("/admin/pages/reading")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_page_cannot_write_when_it_is_opened(vera: Browser, database: Database) -> None:
    assert vera.get("/admin/pages/writing").status_code == 500
    assert count(database, Category) == 1


def test_a_page_keeps_the_rules_of_the_records_that_it_writes(
    vera: Browser, ada: Browser, database: Database
) -> None:
    vera.get("/admin/pages/promoting")
    before = count(database, Grant)
    answer = vera.post("/admin/pages/promoting")
    assert answer.status_code == 403
    assert "You cannot grant" in text_of(answer)
    assert "you do not have it." in text_of(answer)
    assert count(database, Grant) == before
    ada.get("/admin/pages/promoting")
    assert ada.post("/admin/pages/promoting").status_code == 303
    assert count(database, Grant) == before + 1


@pytest.mark.parametrize(
    ("identity", "error"), [("raising", RuntimeError), ("broken", AttributeError)]
)
def test_a_page_that_fails_is_the_usual_500_and_goes_to_the_servers_log(
    identity: str, error: type[Exception], app: Starlette, vera: Browser
) -> None:
    answer = vera.get(f"/admin/pages/{identity}")
    assert answer.status_code == 500
    text = text_of(answer)
    assert "Something went wrong" in text
    assert "Reference" in text
    assert "secret-reason" not in text
    # A page that was only opened is opened again; there is nothing to send.
    assert f'href="/admin/pages/{identity}">Try again</a>' in answer.text
    assert "Send again" not in text
    # The server logs what is raised again after the answer.
    server = TestClient(app, base_url=ORIGIN, cookies=vera.client.cookies)
    with pytest.raises(error):
        server.get(f"/admin/pages/{identity}")


def test_what_a_page_prints_is_escaped(ada: Browser) -> None:
    page = ada.get("/admin/pages/reading")
    assert "&lt;b&gt;bold&lt;/b&gt;" in page.text
    assert "<Reading>" not in page.text


def test_a_page_for_superusers_is_nobody_elses_even_if_granted(vera: Browser, ada: Browser) -> None:
    refused = vera.get("/admin/pages/reading")
    assert refused.status_code == 403
    assert "it is for superusers only" in text_of(refused)
    assert "/admin/pages/reading" not in vera.get("/admin/").text
    assert ada.get("/admin/pages/reading").status_code == 200
    assert 'value="reading:open"' not in ada.get("/admin/role/edit/1").text


def test_an_address_of_other_screens_can_be_a_pages(vera: Browser) -> None:
    assert "Views" in text_of(vera.get("/admin/pages/views"))


def test_a_page_that_there_is_not_is_not_found(ada: Browser) -> None:
    assert ada.get("/admin/pages/nowhere").status_code == 404


def test_a_pages_files_are_kept_for_a_year_and_nothing_beside_them_is_served(
    app: Starlette,
) -> None:
    (page,) = (page for page in app.state.site.pages if page.identity == "reading")
    stranger = Browser(app)
    answer = stranger.get(page.static.href("plain.css"))
    assert answer.text == "p { color: red }"
    assert "immutable" in answer.headers["cache-control"]
    assert stranger.get("/static/pages/reading/plain.html").status_code == 404


def test_nobody_grants_a_page_that_they_may_not_open(
    app: Starlette, database: Database, ada: Browser
) -> None:
    ada.get("/admin/role/create")
    granted = ["role:list", "role:edit", "role:details", "rename:open"]
    assert ada.post("/admin/role/create", {"name": "Boss", "grants": granted}).status_code == 303
    add_user(database, "bob@example.com", role="Boss")
    bob = signed_in(app, "bob@example.com")
    form = bob.get("/admin/role/edit/4")
    assert "rename:open" in form.text
    refused = bob.edit("/admin/role/edit/4", {"name": "Boss", "grants": [*granted, "views:open"]})
    assert refused.status_code == 422
    assert "You cannot grant" in text_of(refused)
    assert "you do not have it." in text_of(refused)


def test_a_missing_permission_is_named_in_words(
    app: Starlette, database: Database, ada: Browser
) -> None:
    ada.get("/admin/role/create")
    granted = ["user:list", "user:edit", "user:details", "role:list"]
    assert ada.post("/admin/role/create", {"name": "Clerk", "grants": granted}).status_code == 303
    add_user(database, "bob@example.com", role="Clerk")
    vera = add_user(database, "vera@example.com", role="Viewer")
    bob = signed_in(app, "bob@example.com")
    answer = bob.edit(
        f"/admin/user/edit/{vera}",
        {"first_name": "V", "last_name": "T", "email": "other@example.com", "is_active": "true"},
    )
    assert "Pages (Rename, Writing, Raising, Broken, Promoting, Views)." in text_of(answer)
