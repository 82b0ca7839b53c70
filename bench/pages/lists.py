"""The walk through lists: searched, filtered, sorted, paged, and with other columns."""

from urllib.parse import urlencode

from bench.pages.forms import NotThere
from bench.pages.stage import Stage
from bench.pages.visitor import Page, Values, Visitor

IDENTITIES = ("item", "category", "user", "role", "changeset")
LONG = "x" * 250
OPERATORS = ("is", "starts", "ends", "without", "nothing")

QUERIES: dict[str, tuple[Values, ...]] = {
    "item": (
        {"category": "1"},
        {"category": ["2", "5"]},
        {"category": ["abc", "99999"]},
        {"price_from": "10"},
        {"price_to": "2,5"},
        {"price_from": "10", "price_to": "1"},
        {"price_from": "abc"},
        {"price_from": "1e999"},
        {"quantity_from": "5", "quantity_to": "50"},
        {"quantity_from": "1.5"},
        {"name": "screw"},
        *({"name": "screw", "name_op": operator} for operator in OPERATORS),
        {"name_op": "starts"},
        {"is": "low"},
        {"is": "out"},
        {"is": ["low", "out"]},
        {"is": "nothing"},
        {"category": "1", "price_from": "1", "is": "low", "search": "m", "sort": "-price"},
        {"category": "1", "price_from": "999999"},
        {"category_find": "sc", "find": "category"},
        {"category_find": "nothing there", "find": "category", "category": "1"},
        {"sort": "price,-quantity,name"},
        {"sort": "category"},
        {"sort": "description"},
        {"sort": "nothing,price"},
        {"sort": "price,price,-price,name,quantity"},
        {"columns": "name,quantity,price"},
        {"columns": "id,name"},
        {"columns": "nothing,password_hash"},
        {"columns": ""},
        {"count": "exact"},
        {"count": "exact", "search": "screw"},
        {"count": "nothing"},
        {"pageSize": "10"},
        {"pageSize": "100"},
        {"pageSize": "100000"},
        {"pageSize": "abc"},
        {"page": "abc"},
        {"page": "last"},
        {"page": "last", "sort": "-price"},
        {"view": "all"},
        {"view": "99999"},
        {"view": "abc"},
        {"nothing": "x", "search": "bolt"},
        {"asof": "2026-01-31T00:00:00+00:00"},
        {"asof": "yesterday"},
    ),
    "category": ({"sort": "-name"}, {"category": "1"}),
    "user": (
        {"is_active": "true"},
        {"is_active": "false"},
        {"is_superuser": ["true", "false"]},
        {"is_superuser": "maybe"},
        {"sort": "-created_at"},
        {"sort": "password_hash"},
        {"columns": "email,password_hash,id"},
    ),
    "role": ({"sort": "-name"},),
    "changeset": (
        {"sort": "id"},
        {"person": "1"},
        {"person": "99999"},
        {"person": "abc"},
        *({"model": table} for table in ("items", "categories", "users", "roles", "nothing")),
        *({"operation": operation} for operation in ("create", "update", "delete", "nothing")),
        *({"source": source} for source in ("web", "cli", "undo", "load", "nothing")),
        *({"at": period} for period in ("today", "yesterday", "7d", "30d", "month", "nothing")),
        {"at_from": "2020-01-01"},
        {"at_to": "2020-01-01"},
        {"at_from": "2020-02-30"},
        {"model": "items", "operation": "update", "source": "web", "person": "1"},
    ),
}

SEARCHES = (
    "screw",
    "hex bolt",
    '"hex bolt"',
    '"hex',
    "-screw",
    "a",
    "zzzznothing",
    "price>10",
    "price>=10 price<12",
    "price:1..5",
    "price:..5",
    "price:abc",
    "quantity=0",
    "quantity:1e9",
    "category:screws",
    "category:nothing",
    "-category:screws bolt",
    "is:low",
    "is:nothing",
    "is_active:no",
    "name:screw",
    "email:example.com",
    "nofield:x",
    "http://example.com",
    "person:ada",
    "at:today",
    "at>2020-01-01",
    "%",
    "_",
    "\\",
    "'; --",
    "<b>&amp;",
    "a\0b",
    "Ω µ ±",
    "one two three four five six seven eight nine ten eleven",
    LONG,
)


def lists(stage: Stage) -> None:
    """Each list as it opens, and after a click on each of its links."""
    ada = stage.ada
    for identity in IDENTITIES:
        path = f"/admin/{identity}/list"
        page = ada.get(path)
        for address in page.read.addresses(f"{path}?sort="):
            ada.get(address)
        turn_pages(ada, page)
        for query in QUERIES[identity]:
            ada.get(f"{path}?{urlencode(query, doseq=True)}")


def searches(stage: Stage) -> None:
    for identity in IDENTITIES:
        for search in SEARCHES:
            stage.ada.get(f"/admin/{identity}/list?{urlencode({'search': search})}")


def pages_of_lists(stage: Stage) -> None:
    """Forwards to the end or for five pages, and back, in several orders."""
    ada = stage.ada
    for query in (
        "",
        "sort=-price",
        "sort=category,-quantity",
        "search=screw&pageSize=10",
        "is=low",
    ):
        turn_pages(ada, ada.get(f"/admin/item/list?{query}"))
    tampered = ada.get("/admin/item/list").read.link(rel="next")
    ada.get(tampered + "x")
    ada.get(tampered + "&sort=price")


def turn_pages(ada: Visitor, page: Page) -> None:
    """From a list's page on: forwards for five pages at most, and back again."""
    for relation in ("next", "prev"):
        for _page in range(5):
            try:
                address = page.read.link(rel=relation)
            except NotThere:
                break
            page = ada.get(address)


def lookups(stage: Stage) -> None:
    """The suggestions for a form and a facet while a person types."""
    for words in ("", "s", "screw", "zzzz", "%", "a\0b", LONG):
        for path in ("/admin/item/lookup/category",):
            address = f"{path}?{urlencode({'q': words})}"
            stage.ada.get(address, accept="application/json", sec_fetch_mode="cors")


def columns(stage: Stage) -> None:
    """Columns, their order and the density of a list: chosen, refused, and opened again."""
    ada = stage.ada
    path = "/admin/item/list?search=screw"
    choices: tuple[Values, ...] = (
        {"columns": ["name", "price", "quantity"], "density": "cosy"},
        {"columns": ["name", "id", "category"], "place_id": "3", "place_category": "1"},
        {"columns": ["name", "nothing"], "density": "nothing"},
        {"columns": ["price"], "density": "compact"},
        {"reset": "yes", "columns": []},
    )
    for values in choices:
        form = ada.get(path).read.form("/admin/item/arrange", holding="density")
        ada.follow(ada.send(form, values))
        ada.get("/admin/item/list")
    named = ada.get("/admin/item/list?columns=name,price").read.form("/admin/item/arrange")
    ada.follow(ada.send(named, {"columns": ["name", "quantity"]}))
    for folded in ("closed", "open"):
        ada.post("/admin/item/arrange", {"filters": folded})
        ada.get("/admin/item/list")
    ada.post("/admin/nothing/arrange", {"filters": "open"})
