"""Generated requests at every route: none breaks the server or shows its insides.

The requests are the same ones every time: 400 to each database, 1,600 in the long form.
``FUZZ_EXAMPLES=20000`` throws that many others instead.
"""

import html
import json
import logging
import os
import re

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from markupsafe import escape
from starlette.applications import Starlette

from backoffice.admin.forms.build import form_class_of
from backoffice.admin.forms.fields import RelationField, SecretField
from backoffice.admin.view import Registry
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.app import create_app
from examples.actions.views import WITH_ACTIONS
from tests.cast import ORIGIN, Browser, add_items, add_user
from tests.fuzz.asks import RECORDS, Ask, asks
from tests.size import sized

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))

LEAKS = re.compile(
    r"psycopg2|sqlite3|pymysql|sqlalchemy|IntegrityError|OperationalError|SELECT |INSERT INTO"
    r"|[Cc]onstraint|Traceback"
)
"""What a database, a driver or Python says, and a page of ours does not."""

NOT_KEPT = (SecretField, RelationField)


@pytest.fixture
def app(settings: Settings, database: Database) -> Starlette:
    """With actions on items, that they are asked as well."""
    return create_app(settings, database, views=WITH_ACTIONS)


@pytest.mark.databases("sqlite", "postgresql")
def test_no_request_breaks_the_server_or_shows_its_insides(
    app: Starlette, database: Database, ada: Browser, mallory: Browser
) -> None:
    add_items(database, 10 * RECORDS, [f"Category {number}" for number in range(2 * RECORDS)])
    for number in range(2 * RECORDS - 1):
        add_user(database, f"user{number}@example.com")
    logging.getLogger().setLevel(logging.ERROR)  # thousands of lines that nobody reads

    @hypothesis_settings(
        max_examples=EXAMPLES or sized(400, 1600),
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(asks(app))
    def no_request_breaks_it(ask: Ask) -> None:
        check(app, ask, ask_as(mallory if ask.by_nobody else ada, ask))
        if ask.path.startswith("/admin/logout") and not ask.by_nobody:
            ada.sign_in("ada@example.com")

    mallory.get("/admin/login")
    with ada.client, mallory.client:
        no_request_breaks_it()
        assert ada.get("/admin/").status_code == 200


def ask_as(browser: Browser, ask: Ask) -> Response:
    """The answer to ``ask`` in that browser."""
    body, headers = ask.encoded(browser.token)
    sent = [(name.encode(), value) for name, value in headers.items()]
    return browser.client.request(ask.method, ORIGIN + ask.path, content=body, headers=sent)


def check(app: Starlette, ask: Ask, answer: Response) -> None:
    """What holds for every answer, whatever was asked."""
    assert answer.status_code < 500, answer.text[:2000]
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    is_file = answer.status_code == 200 and "/static" in ask.path
    if not is_file:
        leak = LEAKS.search(answer.text)
        assert leak is None, f"{leak} in {answer.text[:2000]}"
    if is_html:
        # The counts of a list and a record beside it are parts of a page.
        path = ask.path.partition("?")[0]
        part = {"counts": "<p data-status", "peek": "<dl "}
        is_part = answer.status_code == 200 and path.startswith("/admin/")
        found = [text for name, text in part.items() if is_part and f"/{name}" in path]
        assert (found[0] if found else "Back office</title>") in answer.text
        assert "default-src" in answer.headers["content-security-policy"]
        if ask.typed is not None and answer.status_code >= 400:
            check_kept(app, ask, answer)


def check_kept(app: Starlette, ask: Ask, answer: Response) -> None:
    """A refused form, or the page to sign in or send again, holds what was typed."""
    typed = {
        name: value
        for name, value in ask.arrived().items()
        if "password" not in name and "csrf_token" not in name
    }
    if answer.status_code == 401:
        resume = re.search(r'name="resume" value="([^"]*)"', answer.text)
        assert resume, answer.text
        _path, pairs = json.loads(html.unescape(resume[1]))
        held = dict(pairs)
        assert {name: held.get(name) for name in typed} == typed
    elif answer.status_code == 403 and "Send again" in answer.text:
        for name, value in typed.items():
            kept = f'<textarea name="{escape(name)}" hidden>\n{escape(value)}</textarea>'
            assert kept in answer.text, name
    elif answer.status_code in (409, 422) and (match := re.match(FORM, ask.path)):
        site: Registry = app.state.site
        fields = form_class_of(site.find_view(match[1]))().fields
        for name, value in typed.items():
            if name not in fields or isinstance(fields[name], NOT_KEPT):
                continue
            if getattr(fields[name], "kind", "") not in ("boolean", "choice"):
                assert str(escape(value)) in answer.text, name


FORM = r"/admin/(\w+)/(?:create|edit)\b"
