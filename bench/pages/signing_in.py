"""The walk through the pages for strangers, the change of a password, the colours, and errors."""

from bench.pages.stage import ADA, PASSWORD, Stage

OTHER_PASSWORD = "an umbrella for seven otters"


def before_signing_in(stage: Stage) -> None:
    """Addresses that are open to anybody, and some that are not."""
    someone = stage.stranger("someone")
    for path in ("/", "/admin", "/admin/", "/healthz", "/readyz", "/nothing", "/robots.txt"):
        someone.get(path)
    for path in ("/admin/item/list?search=bolt", "/admin/changeset/undo/1", "/admin/nothing/list"):
        someone.get(path)
    someone.get("/admin/item/list", accept="application/json")
    someone.get("/admin/login?next=/admin/item/list%3Fsearch%3Dbolt")
    someone.get("/admin/login?next=//evil.example/")
    for username, password in (("", ""), (ADA, ""), (ADA, "wrong"), (f" {ADA} ", "wrong")):
        someone.post("/admin/login", {"username": username, "password": password})
    signing_in = {"username": ADA, "password": PASSWORD}
    someone.post("/admin/login", {**signing_in, "csrf_token": "wrong"})
    someone.post("/admin/login", {**signing_in, "csrf_token": []})
    someone.post("/admin/login", signing_in, origin="https://evil.example")
    someone.post("/admin/login", signing_in, sec_fetch_site="cross-site")
    someone.post("/admin/item/create", {"name": "Typed while signed out"})
    someone.post("/admin/item/delete", {"pks": "1"}, accept="application/json")
    nobody = stage.stranger("nobody")
    nobody.get("/admin/login")
    for _attempt in range(7):  # one too many in a row
        nobody.post("/admin/login", {"username": "nobody@example.com", "password": "wrong"})


def signing_in(stage: Stage) -> None:
    """Ada signs in, and looks around."""
    stage.ada.sign_in(ADA, PASSWORD)
    stage.ada.get("/admin/login")
    stage.ada.get("/admin/login?next=/admin/category/list")
    stage.ada.get("/admin/")
    typed = stage.stranger("ada elsewhere")
    typed.get("/admin/login")
    page = typed.post("/admin/item/create", {"name": "Typed before", "quantity": ["1", "2"]})
    form = page.read.form("/admin/login", holding="username")
    typed.send(form, {"username": ADA, "password": PASSWORD})
    typed.get("/admin/")
    typed.follow(typed.post("/admin/logout"))


def static_files(stage: Stage) -> None:
    """Every file that the pages have named so far, and some that do not exist."""
    for path in sorted(stage.record.statics):
        stage.ada.get(path, sec_fetch_mode="no-cors")
    for path in ("/static/nothing.css", "/static/../config.py", "/admin/statics/css/nothing.css"):
        stage.ada.get(path)


def own_password(stage: Stage) -> None:
    """Ada changes her password, and back."""
    ada = stage.ada
    page = ada.get("/admin/password?next=/admin/item/list")
    form = page.read.form("/admin/password", holding="password_again")
    for current, new, again in (
        ("", "", ""),
        (PASSWORD, OTHER_PASSWORD, "another"),
        ("wrong", OTHER_PASSWORD, OTHER_PASSWORD),
        (PASSWORD, "short", "short"),
        (PASSWORD, "passwordpassword", "passwordpassword"),
        (PASSWORD, ADA, ADA),
        (PASSWORD, "x\x00" * 20, "x\x00" * 20),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD),
        (OTHER_PASSWORD, PASSWORD, PASSWORD),
    ):
        typed = {"current_password": current, "password": new, "password_again": again}
        ada.follow(ada.send(form, {**typed, "csrf_token": ada.token}))


def colours(stage: Stage) -> None:
    for theme in ("dark", "light", "nothing", "auto"):
        values = {"theme": theme, "next": "/admin/category/list"}
        stage.ada.follow(stage.ada.post("/admin/theme", values))
    stage.ada.post("/admin/theme", {"theme": "dark", "next": "https://evil.example/"})
    stage.ada.post("/admin/theme", {"theme": "auto"})


def errors(stage: Stage) -> None:
    """Wrong requests."""
    ada = stage.ada
    for path in (
        "/admin/nothing",
        "/admin/nothing/list",
        "/admin/item",
        "/admin/item/details/99999",
        "/admin/item/details/abc",
        "/admin/item/details/1/2",
        "/admin/item/details/%00",
        "/admin/item/edit/99999999999999999999",
        "/admin/item/edit/-1",
        "/admin/item/delete",
        "/admin/item/delete?pks=abc,99999",
        "/admin/item/delete?pks=" + ",".join(map(str, range(1, 502))),
        "/admin/item/history/99999",
        "/admin/item/history/1?before=abc",
        "/admin/changeset/details/99999",
        "/admin/changeset/details/abc",
        "/admin/changeset/undo/99999",
        "/admin/changeset/create",
        "/admin/changeset/edit/1",
        "/admin/changeset/delete?pks=1",
        "/admin/changeset/history/1",
        "/admin/item/lookup/nothing?q=x",
        "/admin/item/lookup/name?q=x",
        "/admin/nothing/lookup/category?q=x",
        "/admin/logout",
        "/admin/theme",
        "/admin/item/arrange",
        "/admin/item/views/1",
        "/admin//item/list",
        "/admin/item/list/",
        "/admin/%2e%2e/item/list",
    ):
        ada.get(path)
    ada.get("/admin/item/details/99999", accept="application/json")
    ada.get("/admin/item/list", host="evil.example")
    ada.get("/admin/item/list", accept_encoding="gzip")
    ada.get("/admin/")
    ada.post("/admin/item/list")
    ada.post("/admin/")
    ada.post("/admin/nothing/create", {"name": "x"})
    ada.post("/admin/item/create", {"name": "No token", "csrf_token": []})
    ada.post("/admin/item/create", {"name": "Wrong token", "csrf_token": "wrong"})
    ada.post("/admin/item/create", {"name": "Elsewhere"}, origin="https://evil.example")
    ada.post("/admin/item/create", {"name": "Not a form"}, content_type="application/json")
    ada.post("/admin/item/create", {"name": "Far too long", "description": "x" * 3_000_000})
    ada.post("/admin/item/create", {f"field{number}": "x" for number in range(1_200)})
    ada.post("/admin/item/edit/99999", {"name": "Nobody's", "save": "Save"})
    ada.post("/admin/item/delete", {"pks": "abc"})
    ada.post("/admin/changeset/undo/99999")


def signing_out(stage: Stage) -> None:
    """Ada signs out, with a form open."""
    ada = stage.ada
    page = ada.get("/admin/item/edit/20")
    form = page.read.form("/admin/item/edit/20")
    ada.follow(ada.post("/admin/logout"))
    ada.get("/admin/item/list")
    again = ada.send(form, {"name": "Typed while signed out"})
    signing_in = again.read.form("/admin/login", holding="username")
    ada.send(signing_in, {"username": ADA, "password": "wrong"})
    page = ada.send(signing_in, {"username": ADA, "password": PASSWORD, "csrf_token": ada.token})
    form = page.read.form("/admin/item/edit/20")
    ada.follow(ada.send(form))
