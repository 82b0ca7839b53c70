"""Forms of odd records: what they show as text, and what a save leaves alone."""

import pytest

from backoffice.columns.text import LONGEST_TEXT
from backoffice.history import unit_of_work
from tests.cast import Browser, hidden_fields, text_of
from tests.shapes.models.keys import Country
from tests.shapes.models.relations import Worker
from tests.shapes.models.texts import Note
from tests.shapes.place import Place

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def ada(shapes: Place) -> Browser:
    return shapes.ada.browser


def test_a_key_is_typed_once_and_text_afterwards(shapes: Place, ada: Browser) -> None:
    ada.get("/admin/country/create")
    made = ada.post("/admin/country/create", {"code": "XK", "name": "Kosovo", "save": "Save"})
    assert made.status_code == 303, text_of(made)

    page = ada.get("/admin/country/edit/XK")

    assert 'name="code"' not in page.text
    assert "This identifies the record and can't be changed." in text_of(page)
    forged = ada.post("/admin/country/edit/XK", {"code": "YY", "name": "K", **hidden_fields(page)})
    assert forged.status_code == 422
    with unit_of_work(shapes.database) as session:
        assert session.get_one(Country, "XK").name == "Kosovo"
        assert session.get(Country, "YY") is None


def test_a_key_that_is_used_again_shows_both_lives(shapes: Place, ada: Browser) -> None:
    for name in ("Yugoslavia", "Another"):
        with unit_of_work(shapes.database, writes=True) as session:
            session.add(Country(code="CS", name=name))
        if name == "Yugoslavia":
            with unit_of_work(shapes.database, writes=True) as session:
                session.delete(session.get_one(Country, "CS"))

    told = text_of(ada.get("/admin/country/history/CS"))

    line = "Above: a new country with the same ID. Below: the one that was deleted."
    assert told.count(line) == 1
    above, _line, below = told.partition(line)
    assert "Another" in above
    assert "Yugoslavia" not in above.partition("History")[2]
    assert "Yugoslavia" in below


def test_a_text_that_is_too_long_is_shown_and_stays(shapes: Place, ada: Browser) -> None:
    long = "x" * (LONGEST_TEXT + 1)
    with unit_of_work(shapes.database, writes=True) as session:
        note = Note(name="Long", line="a", body=long)
        session.add(note)
        session.flush()
        key = note.id
    path = f"/admin/note/edit/{key}"
    page = ada.get(path)
    assert "This is too long to edit here. It won't change." in text_of(page)
    assert 'name="body"' not in page.text
    fields = {"name": "Renamed", "line": "a", "line_or_none": "", "body_or_none": ""}

    saved = ada.post(path, {**fields, **hidden_fields(page), "save": "Save"})

    assert saved.status_code == 303, text_of(saved)[:500]
    with unit_of_work(shapes.database, writes=True) as session:
        note = session.get_one(Note, key)
        assert (note.name, note.body == long) == ("Renamed", True)
        session.delete(note)


def test_null_and_no_text_stay_what_they_are(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        note = Note(name="Empty", line="", line_or_none="", body=" \r\n", body_or_none=None)
        session.add(note)
        session.flush()
        key = note.id
    path = f"/admin/note/edit/{key}"
    page = ada.get(path)
    fields = {
        "name": "Renamed",
        "line": "",
        "line_or_none": "",
        "body": " \r\n",
        "body_or_none": "",
    }

    saved = ada.post(path, {**fields, **hidden_fields(page), "save": "Save"})

    assert saved.status_code == 303, text_of(saved)
    with unit_of_work(shapes.database) as session:
        note = session.get_one(Note, key)
        assert note.name == "Renamed"
        assert (note.line, note.line_or_none, note.body, note.body_or_none) == (
            "",
            "",
            " \r\n",
            None,
        )


def test_a_record_may_lead_to_itself(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        worker = Worker(name="Loop")
        session.add(worker)
        session.flush()
        key = worker.id
    path = f"/admin/worker/edit/{key}"

    saved = ada.edit(path, {"name": "Loop", "boss": str(key), "save": "Save"})

    assert saved.status_code == 303, text_of(saved)
    with unit_of_work(shapes.database) as session:
        worker = session.get_one(Worker, key)
        assert worker.boss is worker
    freed = ada.edit(path, {"name": "Loop", "boss": "", "save": "Save"})
    assert freed.status_code == 303, text_of(freed)
    with unit_of_work(shapes.database) as session:
        assert session.get_one(Worker, key).boss is None
