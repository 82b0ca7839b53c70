"""The walk through one record's screens: added, read, changed by two people, deleted, restored."""

from bench.pages.forms import Form
from bench.pages.stage import Stage, first_key
from bench.pages.visitor import Page, Values, Visitor

LONG = "x" * 300

REFUSED: dict[str, tuple[Values, ...]] = {
    "item": (
        {},
        {"name": " ", "price": "-1", "quantity": "-1", "category": "1"},
        {"name": LONG, "description": "", "price": "1.005", "quantity": "1.5", "category": "1"},
        {"name": "A", "description": "B", "price": "abc", "quantity": "+", "category": "99999"},
        {"name": "A\0", "description": "B\0", "price": "1e400", "quantity": "9" * 30},
        {"name": "A", "description": "B", "price": "99999999999", "quantity": "1", "category": "x"},
    ),
    "category": ({}, {"name": " "}, {"name": LONG}, {"name": "A\0"}),
    "user": (
        {},
        {"first_name": LONG, "last_name": " ", "email": "nowhere"},
        {"first_name": "A", "last_name": "B", "email": "ADA@example.com", "password": "short"},
        {"first_name": "A", "last_name": "B", "email": "a@b.example", "roles": "99999"},
    ),
    "role": ({}, {"name": " "}, {"name": "A", "grants": "item:fly"}),
}
"""Values that each form refuses, by identity."""

GOOD: Values = {
    "name": "Hex bolt of the walk",
    "description": "Two lines,\r\nand <b>no</b> markup & “quotes”.",
    "category": "1",
    "price": "12.50",
    "quantity": "25",
}


def reading(stage: Stage) -> None:
    """Details pages, opened from a list and directly."""
    for identity in ("item", "category", "user"):
        for key in ("1", "2", "5"):
            stage.ada.get(f"/admin/{identity}/details/{key}")
            stage.ada.get(f"/admin/{identity}/edit/{key}")
    back = "next=%2Fadmin%2Fitem%2Flist%3Fsearch%3Dscrew"
    for path in ("details/3", "edit/3", "create", "delete?pks=3"):
        stage.ada.get(f"/admin/item/{path}{'&' if '?' in path else '?'}{back}")
    stage.ada.get("/admin/item/details/3?next=//evil.example")
    stage.ada.get("/admin/item/create?category=3&name=Given&price=abc&nothing=x")


def adding(stage: Stage) -> None:
    """Refused and saved values, with each button."""
    ada = stage.ada
    for identity, all_refused in REFUSED.items():
        path = f"/admin/{identity}/create"
        page = ada.get(path)
        for values in all_refused:
            ada.send(page.read.form(path), values)
    form = ada.get("/admin/item/create").read.form("/admin/item/create")
    ada.send(form, {**GOOD, "find": "category", "category_find": "sc"})
    ada.send(form, {**GOOD, "find": "category", "category_find": "nothing there"})
    for _name, button in form.buttons[-3:]:
        ada.follow(ada.send(form, {**GOOD, "name": f"Added by {button}", "save": button}))
    _send(ada, "/admin/item/create?next=%2Fadmin%2Fitem%2Flist%3Fis%3Dlow", GOOD)
    _send(ada, "/admin/item/create", GOOD)  # a name that is taken
    for name in ("Walked on", "walked ON", "Walked on 2"):
        _send(ada, "/admin/category/create", {"name": name})


def changing(stage: Stage) -> None:
    """One person's changes, saved and refused."""
    ada = stage.ada
    path = "/admin/item/edit/7"
    form = _form(ada, path)
    for values in REFUSED["item"][1:]:
        ada.send(form, values)
    ada.follow(ada.send(form, {"save": "Save"}))  # nothing was edited
    _send(ada, path, {"price": "99.95"})
    _send(ada, path, {"quantity": "+12"})
    _send(ada, path, {"quantity": "-100000"})
    _send(ada, path, {"description": "Other words.\r\n" + "y" * 5_000})
    _send(ada, path, {"description": "Other words.\r\n" + "y" * 4_999 + "z", "category": "2"})
    for _name, button in form.buttons:
        _send(ada, path, {"price": str(10 + len(button)), "save": button})
    ada.send(_form(ada, path), {"find": "category", "category_find": "s", "price": "typed"})
    for identity in ("category", "user", "role"):
        for values in REFUSED[identity][1:]:
            _send(ada, f"/admin/{identity}/edit/1", values)
    _send(ada, "/admin/category/edit/2", {"name": "Renamed on the walk"})
    _send(ada, "/admin/user/edit/2", {"first_name": "Renamed", "is_active": []})
    for key in ("1", "2", "7"):
        ada.get(f"/admin/item/details/{key}")


def conflicts(stage: Stage) -> None:
    """Two people change one record: merged, in conflict, decided, and without valid originals."""
    ada = stage.ada
    path = "/admin/item/edit/8"
    mine = _form(ada, path)
    _send(ada, path, {"price": "8.08", "description": "Theirs."})
    ada.follow(ada.send(mine, {"quantity": "88"}))  # another field: merged
    mine = _form(ada, path)
    _send(ada, path, {"price": "8.18", "name": "Eighth, theirs", "category": "3"})
    typed: Values = {"price": "8.28", "name": "Eighth, mine", "category": "4", "quantity": "8"}
    page = ada.send(mine, typed)
    asked = page.read.form(path)
    choices = page.read.radios
    ada.send(asked, {})  # not decided
    ada.send(asked, dict.fromkeys(choices[:1], "theirs"))
    _send(ada, path, {"price": "8.38"})  # a third edit
    decided: Values = {
        name: "theirs" if place % 2 else "mine" for place, name in enumerate(choices)
    }
    again = ada.send(asked, decided)
    if again.status == 409:
        ada.follow(ada.send(again.read.form(path), decided))
    unknown = _form(ada, path)
    ada.send(unknown, {"price": "8.48", "opened": "nonsense"})
    ada.send(unknown, {"price": "8.58", "opened": [], "version": "1"})
    ada.follow(ada.send(unknown, {"price": "8.68", "opened": []}))
    user = "/admin/user/edit/3"
    mine = _form(ada, user)
    _send(ada, user, {"first_name": "Theirs", "is_active": []})
    ada.send(mine, {"first_name": "Mine"})


def conflicts_with_deletes(stage: Stage) -> None:
    """A form whose record was deleted: restored with the typed values, or refused."""
    ada = stage.ada
    path = "/admin/item/edit/9"
    mine = _form(ada, path)
    _delete(ada, "/admin/item/delete?pks=9")
    ada.get(path)
    ada.get("/admin/item/details/9")
    page = ada.send(mine, {"price": "9.99"})
    asked = page.read.form(path)
    ada.send(asked, {"price": "-9", "save": asked.buttons[0][1]})
    ada.follow(ada.send(asked, {"save": asked.buttons[0][1]}))
    ada.get(path)
    ada.send(mine, {"price": "9.89"})


def deleting(stage: Stage) -> None:
    """Deletes of one record, several, one with records below; the questions, and the refusals."""
    ada = stage.ada
    _delete(ada, "/admin/item/delete?pks=11")
    _delete(ada, "/admin/item/delete?pks=12,13,99999")
    ada.get("/admin/item/delete?pks=12&pks=13")
    page = ada.get("/admin/category/delete?pks=3")
    form = page.read.form("/admin/category/delete", holding="pks")
    ada.send(form, {})
    ada.send(form, {"below": "delete"})
    ada.send(form, {"below": "delete", "confirm": "1"})
    ada.send(form, {"below": "move"})
    ada.send(form, {"below": "move", "move_to": "3"})
    ada.send(form, {"below": "move", "find": "category", "category_find": "s"})
    ada.send(form, {"seen": "nonsense", "below": "move", "move_to": "4"})
    ada.follow(ada.send(form, {"below": "move", "move_to": "4"}))
    page = ada.get("/admin/category/delete?pks=5,6")
    form = page.read.form("/admin/category/delete", holding="pks")
    answer = ada.send(form, {"below": "delete", "confirm": "1"})
    number = answer.body.partition("Type ")[2].partition(" ")[0]
    ada.follow(ada.send(form, {"below": "delete", "confirm": number}))
    ada.get("/admin/category/delete?pks=1")
    ada.get("/admin/user/delete?pks=1")
    _delete(ada, "/admin/user/delete?pks=1")  # the only superuser
    _delete(ada, "/admin/user/delete?pks=6")
    ada.get("/admin/")


def history_of_records(stage: Stage) -> None:
    """Histories of records: long, short, of a deleted record, and of one that a load created."""
    ada = stage.ada
    for price in range(30):
        ada.send(_form(ada, "/admin/item/edit/15"), {"price": f"{price}.15"})
    page = ada.get("/admin/item/history/15")
    ada.get(page.read.link(part="?before="))
    for path in ("item/7", "item/8", "item/9", "item/11", "item/100", "category/2", "category/5"):
        identity, _, key = path.partition("/")
        ada.get(f"/admin/{identity}/history/{key}")
    for path in ("user/1", "user/2", "user/6", "role/1"):
        identity, _, key = path.partition("/")
        ada.get(f"/admin/{identity}/history/{key}")


def undoing(stage: Stage) -> None:
    """Changesets: shown, undone, redone, undone over later changes, and not undoable."""
    ada = stage.ada
    newest = int(first_key(ada.get("/admin/changeset/list"), "changeset"))
    for number in range(1, newest + 1):
        if number < 60 or number > newest - 10:
            ada.get(f"/admin/changeset/details/{number}")
            ada.get(f"/admin/changeset/undo/{number}")
    for number in range(2, min(newest, 40), 3):
        _undo(ada, str(number), {"reason": f"Because of {number}."})
    latest = first_key(ada.get("/admin/changeset/list"), "changeset")
    _undo(ada, latest, {})  # the undo of an undo
    _send(ada, "/admin/item/edit/16", {"price": "16.16", "quantity": "16"})
    changed = first_key(ada.get("/admin/changeset/list"), "changeset")
    _send(ada, "/admin/item/edit/16", {"price": "16.26"})
    page = ada.get(f"/admin/changeset/undo/{changed}")
    form = page.read.form(f"/admin/changeset/undo/{changed}")
    ada.send(form, {"seen": "nonsense"})
    ada.follow(ada.send(form, {"reason": "  What is not in the way.  "}))
    page = ada.get(f"/admin/changeset/undo/{changed}")
    _undo(ada, changed, {"overwrite_all": "true"})
    ada.get(f"/admin/changeset/undo/{changed}")
    ada.post(f"/admin/changeset/undo/{changed}", {"seen": "nonsense"})
    ada.get("/admin/changeset/list")
    ada.get("/admin/")


def _form(visitor: Visitor, path: str) -> Form:
    return visitor.get(path).read.form(path.partition("?")[0], holding="save")


def _send(visitor: Visitor, path: str, values: Values) -> Page:
    """Open a form, and send it with these values instead of its own."""
    return visitor.follow(visitor.send(_form(visitor, path), {"save": "Save", **values}))


def _delete(visitor: Visitor, path: str) -> Page:
    page = visitor.get(path)
    form = page.read.form(path.partition("?")[0], holding="pks")
    return visitor.follow(visitor.send(form))


def _undo(visitor: Visitor, number: str, values: Values) -> None:
    path = f"/admin/changeset/undo/{number}"
    forms = [form for form in visitor.get(path).read.forms if form.action == path]
    for form in forms[:1]:  # there is no form if nothing of it can be undone
        visitor.follow(visitor.send(form, values))
