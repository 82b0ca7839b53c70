"""Forms as somebody sees them: in which order, and what they ask for."""

import re

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.admin.forms.build import build_form
from backoffice.admin.view import Registry
from backoffice.views import VIEWS
from tests.cast import PASSWORD, Browser, text_of

pytestmark = pytest.mark.databases("sqlite")

NEW = {"first_name": "Grace", "last_name": "Hopper", "email": "grace@example.com"}


def controls(page: Response) -> dict[str, str]:
    """The controls of the page's record form in their order: name to tag."""
    form = page.text.partition('data-form="ask"')[2].partition("</form>")[0]
    tags = re.findall(r"<(?:input|select|textarea)\b[^>]*>", form)
    named = {re.findall(r'name="([^"]+)"', tag)[0]: tag for tag in tags}
    return {name: tag for name, tag in named.items() if 'type="hidden"' not in tag}


def test_every_form_has_the_views_columns_in_their_order_and_then_the_rest(app: Starlette) -> None:
    site: Registry = app.state.site
    assert len(site.record_views) == len(VIEWS)
    for view in site.record_views:
        if not (view.can_create or view.can_edit):
            continue
        order = [*view.get_form_columns(), *view.form_extra_fields]
        assert [field.name for field in build_form(view)()] == order


def test_a_new_user_needs_a_password(ada: Browser) -> None:
    page = ada.get("/admin/user/create")
    drawn = controls(page)
    order = list(drawn)
    assert order.index("password") > order.index("is_superuser")
    assert order.index("password_again") == order.index("password") + 1
    assert " required" in drawn["password"]
    assert " required" in drawn["password_again"]
    assert "keep the current one" not in text_of(page)
    assert "At least 10 characters." in text_of(page)

    refused = ada.post("/admin/user/create", {**NEW, "password": "", "password_again": ""})
    assert refused.status_code == 422
    assert refused.text.count('class="error" id="field-password') == 2


def test_an_old_one_may_keep_theirs(ada: Browser) -> None:
    twice = {"password": PASSWORD, "password_again": PASSWORD}
    ada.get("/admin/user/create")
    assert ada.post("/admin/user/create", {**NEW, **twice}).status_code == 303

    page = ada.get("/admin/user/edit/2")
    assert " required" not in controls(page)["password"]
    assert "Leave it empty to keep the current one." in text_of(page)
    assert ada.post("/admin/user/edit/2", {**NEW, "version": "1"}).status_code == 303
