"""The walk through saved views: made, shared, changed, opened by default, deleted, restored."""

from bench.pages.forms import NotThere
from bench.pages.stage import Stage
from bench.pages.visitor import Visitor

VIEWS = "/admin/item/views"
LIST = "/admin/item/list"


def saved_views(stage: Stage) -> None:
    """Ada's own."""
    ada = stage.ada
    ada.get(VIEWS)
    ada.get("/admin/changeset/views")
    ada.get("/admin/nothing/views")
    form = ada.get(f"{LIST}?search=screw&is=low&sort=-price").read.form(VIEWS, holding="name")
    for name in ("", " ", "x" * 101, "A\0b", "Low screws", "Low screws", "low SCREWS"):
        ada.follow(ada.send(form, {"name": name}))
    ada.follow(ada.send(form, {"name": "Opened first", "default": "yes"}))
    ada.get(LIST)
    ada.get(f"{LIST}?view=all")
    for query in ("", "nothing=x", "category=99999&price_from=abc", "search=" + "x" * 4_100):
        ada.follow(ada.post(VIEWS, {"name": f"Made of {query[:20]}", "query": query}))
    ada.follow(ada.post(VIEWS, {"name": "Shared with nobody", "query": "", "share": "99999"}))
    ada.follow(ada.post(VIEWS, {"name": "Shared", "query": "is=out&page=abc", "share": "1"}))
    ada.follow(ada.post(VIEWS, {"name": "Shared too", "query": "columns=name,id", "share": "2"}))
    ada.get(VIEWS)
    for number in range(1, 7):
        ada.get(f"{LIST}?view={number}")
        ada.get(f"{LIST}?view={number}&search=bolt&sort=price")
    _acts(ada)
    ada.get(LIST)
    changed = ada.get(f"{LIST}?search=bolt&view=1")
    try:
        ada.follow(ada.send(changed.read.form(f"{VIEWS}/1", holding="query")))
    except NotThere:
        ada.post(f"{VIEWS}/1", {"query": "search=bolt"})


def others_views(stage: Stage) -> None:
    """Shared views, as people with the role see them, and people without it."""
    for name in ("ed", "vera", "mallory"):
        person = stage.visitor(name)
        person.get(VIEWS)
        person.get(LIST)
        person.get(f"{LIST}?view=5")
        person.follow(person.post(VIEWS, {"name": f"Of {name}", "query": "search=m", "share": "1"}))
        _acts(person, "158")
        person.get(VIEWS)
    stage.ada.get(VIEWS)


def _acts(person: Visitor, numbers: str = "12") -> None:
    for number in (*numbers, "99999", "abc"):
        for values in (
            {"name": f"Renamed {number}"},
            {"name": "Opened first"},
            {"name": " ", "share": "1"},
            {"share": "1"},
            {"query": "search=nut&nothing=x"},
            {"do": "default"},
            {"do": "copy"},
            {"do": "nothing"},
            {"do": "no-default"},
        ):
            person.follow(person.post(f"{VIEWS}/{number}", values))
    for do in ("delete", "default", "change", "delete", "restore", "restore", "delete"):
        person.follow(person.post(f"{VIEWS}/{numbers[0]}", {"do": do}))
    person.get(VIEWS)
