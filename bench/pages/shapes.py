"""The second registry of the tests, ``tests/shapes``: each kind of column, key and relation.

A program that runs in either checkout, with that checkout's own tests, serves its views.
"""

import re
from collections.abc import Mapping

from bench.pages.forms import NotThere
from bench.pages.lists import turn_pages
from bench.pages.masking import masked
from bench.pages.stage import ADA, PASSWORD, Stage
from bench.pages.visitor import Values

ROWS = 2
"""The number of records of each shape whose screens are opened."""

PROGRAM = """
import sys
import uvicorn
from backoffice.db import open_database
from tests.shapes import place, walking

what, kind, url, port = sys.argv[1:5]
database = open_database(place.settings_of(url))
if what == "fill":
    with place.other_schema(kind, url):
        place.make_tables(kind, database)
        with place.place(kind, database) as shown:
            for view in place.views_of(kind):
                walking.Walk(shown, shown.view_of(view.model)).fill_up()
else:
    with place.place(kind, database) as shown:
        uvicorn.run(shown.app, host="127.0.0.1", port=int(port), log_config=None, ws="none")
"""
"""Arguments: "fill" or "serve", the kind of database, its URL, the port."""

OURS = ("item", "category", "user", "role", "changeset")


def shapes(stage: Stage) -> None:
    """Every screen of every shape, and a form sent as it is, emptied, and filled with nonsense."""
    ada = stage.ada
    page = ada.sign_in(ADA, PASSWORD)
    paths = [path for path in page.read.addresses("/admin/") if path.endswith("/list")]
    for path in paths:
        identity = path.split("/")[2]
        if identity not in OURS:
            try:
                _shape(stage, f"/admin/{identity}")
            except NotThere as error:
                stage.record.write(f"{identity} ended early", [str(error)])
    for path in ("/admin/", "/admin/changeset/list"):
        for address in ada.get(path).read.addresses("/admin/changeset/"):
            ada.get(address)


def _shape(stage: Stage, path: str) -> None:
    ada = stage.ada
    page = ada.get(f"{path}/list")
    for address in page.read.addresses(f"{path}/list?sort="):
        ada.get(address)
    turn_pages(ada, ada.get(f"{path}/list?pageSize=3"))
    for search in ("a", "zinc", "zzzz", "1", "2026"):
        ada.get(f"{path}/list?search={search}")
    narrow = page.read.form(f"{path}/list")
    for name in dict.fromkeys(name for name, _value in narrow.fields):
        if name != "search":
            for value in ("1", "abc", "2026-03-31"):
                ada.get(f"{path}/list?{name}={value}")
    for address in sorted(set(re.findall(rf"{path}/lookup/\w+", page.body))):
        ada.get(f"{address}?q=a", accept="application/json")
    keys = re.findall(rf'href="{path}/(?:details|edit)/([^"?]+)["?]', page.body)
    for key in list(dict.fromkeys(keys))[:ROWS]:
        for screen in ("details", "history"):
            ada.get(f"{path}/{screen}/{key}")
        ada.get(f"{path}/delete?pks={key}")
        _send(stage, f"{path}/edit/{key}")
    if any(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", key) for key in keys):
        ada.get(f"{path}/create")  # a record would get a key by chance
    else:
        _send(stage, f"{path}/create")


def _send(stage: Stage, path: str) -> None:
    """Send a record's form in several states, and read the results."""
    page = stage.ada.get(path)
    forms = [form for form in page.read.forms if masked(form.action) == masked(path)]
    for form in forms:
        kept = ("csrf_token", "opened", "version", "locked")
        names = [name for name, _value in form.fields if name not in kept]
        for value in ("", "1", "<b>&"):
            typed: Values = dict.fromkeys(names, value)
            stage.ada.follow(stage.ada.send(form, typed))
        stage.ada.follow(stage.ada.send(form))


def program(what: str, kind: str, environment: Mapping[str, str]) -> list[str]:
    """The arguments for Python to fill a database with shapes, or to serve them; a port follows."""
    return ["-c", PROGRAM, what, kind, environment["DATABASE_URL"]]
