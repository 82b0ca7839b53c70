"""The walk of people who are not superusers: roles, accounts, and what they may not do."""

from bench.pages.records import REFUSED
from bench.pages.stage import PASSWORD, Stage, first_key
from bench.pages.visitor import Values

TEMPORARY = "a temporary giraffe on stilts"

EDITOR = [
    f"{identity}:{action}"
    for identity, actions in {
        "item": ("list", "details", "create", "edit", "delete", "action:history", "action:undo"),
        "category": ("list", "details", "edit"),
        "user": ("list", "details", "create", "edit", "delete"),
        "role": ("list", "edit", "delete"),
        "changeset": ("list", "details"),
    }.items()
    for action in actions
]
VIEWER = ["item:list", "item:details", "item:action:history", "changeset:list", "changeset:details"]

PEOPLE = {"ed": "Editors", "vera": "Viewers", "mallory": ""}
"""The people of the walk, each with their role."""

PATHS = (
    "/admin/",
    "/admin/item/list",
    "/admin/item/list?search=screw&category=1&is=low",
    "/admin/item/list?search=category:screws",
    "/admin/item/list?sort=category&columns=name,category",
    "/admin/item/details/4",
    "/admin/item/create",
    "/admin/item/edit/4",
    "/admin/item/delete?pks=4",
    "/admin/item/history/7",
    "/admin/item/views",
    "/admin/item/lookup/category?q=s",
    "/admin/category/list",
    "/admin/category/details/1",
    "/admin/category/create",
    "/admin/category/edit/1",
    "/admin/category/delete?pks=1",
    "/admin/category/history/2",
    "/admin/user/list",
    "/admin/user/details/1",
    "/admin/user/edit/1",
    "/admin/user/edit/2",
    "/admin/user/delete?pks=1",
    "/admin/user/delete?pks=3",
    "/admin/user/create",
    "/admin/role/list",
    "/admin/role/create",
    "/admin/role/edit/1",
    "/admin/role/delete?pks=1",
    "/admin/changeset/list",
    "/admin/changeset/list?person=1",
    "/admin/changeset/list?model=users",
    *(f"/admin/changeset/details/{number}" for number in (1, 2, 5, 9)),
    *(f"/admin/changeset/undo/{number}" for number in (1, 2, 5, 9)),
    "/admin/password",
)


def roles_and_accounts(stage: Stage) -> None:
    """Ada creates roles, and people with them."""
    ada = stage.ada
    roles = {"": ""}
    for name, grants in (("Editors", EDITOR), ("Viewers", VIEWER), ("Spare", [])):
        form = ada.get("/admin/role/create").read.form("/admin/role/create")
        ada.follow(ada.send(form, {"name": name, "grants": grants, "save": "Save"}))
        page = ada.get(f"/admin/role/list?search={name}")
        roles[name] = first_key(page, "role")
        ada.get(f"/admin/role/details/{roles[name]}")
        ada.get(f"/admin/role/edit/{roles[name]}")
    for name, role in PEOPLE.items():
        form = ada.get("/admin/user/create").read.form("/admin/user/create")
        values: Values = {
            "first_name": name.title(),
            "last_name": "Walker",
            "email": f"{name}@example.com",
            "password": TEMPORARY,
            "password_again": TEMPORARY,
            "roles": [roles[role]] if role else [],
            "save": "Save",
        }
        ada.send(form, {**values, "password_again": "another"})
        ada.follow(ada.send(form, values))
    spare = f"/admin/role/edit/{roles['Spare']}"
    ada.follow(ada.send(ada.get(spare).read.form(spare), {"grants": ["item:list", "role:edit"]}))
    ada.get("/admin/user/list?sort=-created_at")
    ada.get("/admin/role/list")


def temporary_passwords(stage: Stage) -> None:
    """Each signs in with the password that ada chose, and must choose another."""
    for name in PEOPLE:
        person = stage.visitor(name)
        page = person.sign_in(f"{name}@example.com", TEMPORARY)
        person.get("/admin/item/list")
        page = person.get("/admin/password")
        form = page.read.form("/admin/password", holding="password_again")
        typed = {"current_password": TEMPORARY, "password": PASSWORD, "password_again": PASSWORD}
        person.send(form, {**typed, "password": TEMPORARY, "password_again": TEMPORARY})
        person.follow(person.send(form, typed))


def what_each_may(stage: Stage) -> None:
    """The same addresses for everybody, and writes that they may not make."""
    for name in PEOPLE:
        person = stage.visitor(name)
        for path in PATHS:
            person.get(path)
        person.get("/admin/")
        person.post("/admin/item/create", {"name": name, "save": "Save", "price": "1"})
        person.post("/admin/category/create", {"name": name, "save": "Save"})
        person.post("/admin/category/delete", {"pks": "1"})
        person.post("/admin/item/arrange", {"columns": ["name", "category"]})
        person.post("/admin/category/edit/1", {"name": f"Renamed by {name}", "save": "Save"})
        person.post("/admin/item/views", {"name": name, "query": "search=screw", "share": "1"})
        person.post("/admin/changeset/undo/3", {})
        person.follow(person.post("/admin/theme", {"theme": "light"}))


def editing_people(stage: Stage) -> None:
    """Ed may edit people and roles, but may not give himself more permissions."""
    ed = stage.visitor("ed")
    page = ed.get("/admin/user/list?search=vera")
    vera = f"/admin/user/edit/{first_key(page, 'user')}"
    attempts: tuple[Values, ...] = (
        {"is_superuser": "true"},
        {"roles": ["1", "2", "3"]},
        {"roles": "3"},
        {"first_name": "Véra"},
        {"password": TEMPORARY, "password_again": TEMPORARY},
        *REFUSED["user"][1:],
    )
    for values in attempts:
        ed.follow(ed.send(ed.get(vera).read.form(vera), {"save": "Save", **values}))
    for number in ("1", "2", "3"):
        role = f"/admin/role/edit/{number}"
        for grants in (EDITOR, [*EDITOR, "category:delete"], []):
            form = ed.get(role).read.form(role)
            ed.follow(ed.send(form, {"save": "Save", "grants": grants}))
        ed.get(f"/admin/role/delete?pks={number}")
    ed.get("/admin/user/delete?pks=4")
    stage.visitor("vera").get("/admin/")
    stage.ada.get("/admin/changeset/list?model=users")
    stage.ada.get("/admin/changeset/list?model=roles")
