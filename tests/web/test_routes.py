"""Every address there is, and who may open it."""

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from backoffice.views import VIEWS
from tests.cast import Browser, text_of

ADMIN_ROUTES = {
    ("GET", "/admin/"),
    ("GET", "/admin/login"),
    ("POST", "/admin/login"),
    ("POST", "/admin/logout"),
    ("POST", "/admin/theme"),
    ("POST", "/admin/language"),
    ("GET", "/admin/password"),
    ("POST", "/admin/password"),
    ("GET", "/admin/{identity}/list"),
    ("GET", "/admin/{identity}/details/{pk:path}"),
    ("GET", "/admin/{identity}/create"),
    ("POST", "/admin/{identity}/create"),
    ("GET", "/admin/{identity}/edit/{pk:path}"),
    ("POST", "/admin/{identity}/edit/{pk:path}"),
    ("GET", "/admin/{identity}/delete"),
    ("POST", "/admin/{identity}/delete"),
    ("GET", "/admin/{identity}/lookup/{field}"),
    ("GET", "/admin/{identity}/counts"),
    ("GET", "/admin/{identity}/peek/{pk:path}"),
    ("GET", "/admin/{identity}/action/{name}"),
    ("POST", "/admin/{identity}/action/{name}"),
    ("POST", "/admin/{identity}/arrange"),
    ("GET", "/admin/{identity}/views"),
    ("POST", "/admin/{identity}/views"),
    ("POST", "/admin/{identity}/views/{pk}"),
    ("GET", "/admin/{identity}/history/{pk:path}"),
    ("GET", "/admin/changeset/details/{pk:path}"),
    ("GET", "/admin/changeset/undo/{pk:path}"),
    ("POST", "/admin/changeset/undo/{pk:path}"),
    ("GET", "/admin/role/fields/{of}/{pk}"),
    ("POST", "/admin/role/fields/{of}/{pk}"),
    ("GET", "/admin/pages/{page}"),
    ("POST", "/admin/pages/{page}"),
}
OPEN = {"/admin/login", "/healthz", "/readyz", "/"}


def walk(routes: list[BaseRoute], prefix: str = "") -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in routes:
        if isinstance(route, Mount):
            inner = walk(list(route.routes or []), prefix + route.path)
            found |= inner or {("GET", f"{prefix}{route.path}/*")}
        elif isinstance(route, Route):
            methods = (route.methods or set()) - {"HEAD"}
            found |= {(method, prefix + route.path) for method in methods}
    return found


@pytest.mark.databases("sqlite")
def test_these_are_all_the_routes(app: Starlette) -> None:
    assert walk(app.routes) == ADMIN_ROUTES | {
        ("GET", "/"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/static/*"),
        ("GET", "/admin/statics/*"),
    }


@pytest.mark.databases("sqlite")
def test_without_a_session_every_route_leads_to_the_sign_in_page(
    app: Starlette, mallory: Browser
) -> None:
    mallory.get("/admin/login")
    for method, path in sorted(walk(app.routes)):
        if path in OPEN or path.endswith("*"):
            continue
        for identity in [view.identity for view in VIEWS]:
            filled = path.replace("{identity}", identity).replace("{pk:path}", "1")
            filled = filled.replace("{field}", "category").replace("{pk}", "1")
            if method == "GET":
                response = mallory.get(filled)
                assert response.status_code == 303, filled
                assert response.headers["location"].startswith("/admin/login")
            else:
                response = mallory.post(filled)
                assert response.status_code in (401, 303), filled
                assert "Sign in" in text_of(response) or response.status_code == 303


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "path",
    [
        "/admin/item/export/csv",
        "/admin/item/import",
        "/admin/item/ajax/lookup",
        "/admin/item/1/name/download/",
        "/admin/item/1/name/preview/",
    ],
)
def test_sqladmins_other_screens_are_gone(ada: Browser, path: str) -> None:
    assert ada.get(path).status_code == 404


@pytest.mark.databases("sqlite")
def test_signing_out_is_no_link(ada: Browser) -> None:
    assert ada.get("/admin/logout").status_code == 405
    assert ada.get("/admin/").status_code == 200


@pytest.mark.databases("sqlite")
def test_an_editor_does_not_see_users(ed: Browser) -> None:
    assert "Users" not in text_of(ed.get("/admin/"))
    for path in ("list", "create", "details/1", "edit/1", "delete?pks=1"):
        response = ed.get(f"/admin/user/{path}")
        assert response.status_code == 403
        assert "You don't have permission" in text_of(response)
    assert ed.get("/admin/item/list").status_code == 200


def test_health_answers_without_a_session(mallory: Browser) -> None:
    assert mallory.get("/healthz").text == "ok\n"
    assert mallory.get("/readyz").text == "ok\n"
