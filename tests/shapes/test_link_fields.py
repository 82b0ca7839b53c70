"""Many to many in a form: boxes for up to two hundred records, a search that adds to them above."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backoffice.admin.forms.choices import PLAIN_LIMIT
from backoffice.history import unit_of_work
from backoffice.models import Change
from tests.cast import Browser, hidden_fields, text_of
from tests.shapes.models.relations import Song, SongLabel
from tests.shapes.place import Place


@pytest.fixture
def ada(shapes: Place) -> Browser:
    return shapes.ada.browser


@pytest.fixture
def song(shapes: Place) -> Iterator[int]:
    """A song with two labels, of more than a select offers."""
    with unit_of_work(shapes.database, writes=True) as session:
        labels = [SongLabel(name=f"Label {number:03}") for number in range(PLAIN_LIMIT + 5)]
        session.add_all(labels)
        song = Song(name="Linked")
        song.labels = [labels[3], labels[7]]
        session.add(song)
        session.flush()
        key = song.id
    yield key
    with unit_of_work(shapes.database, writes=True) as session:
        session.delete(session.get_one(Song, key))
        for label in session.scalars(sa.select(SongLabel).where(SongLabel.name.like("Label %"))):
            session.delete(label)


def boxes(text: str) -> dict[str, tuple[str, bool]]:
    """The boxes of the labels: text to value, and whether each is ticked."""
    found = re.findall(
        r'name="labels" value="([^"]+)"( checked)?> <span class="form-check-label">([^<]+)', text
    )
    return {label: (value, bool(ticked)) for value, ticked, label in found}


def names(shapes: Place, key: int) -> list[str]:
    with unit_of_work(shapes.database) as session:
        return sorted(label.name for label in session.get_one(Song, key).labels)


@pytest.mark.databases("sqlite", "postgresql")
def test_above_two_hundred_one_searches_ticks_and_keeps_what_was_chosen(
    shapes: Place, ada: Browser, song: int
) -> None:
    edit = f"/admin/song/edit/{song}"
    page = ada.get(edit)
    assert {label: ticked for label, (_value, ticked) in boxes(page.text).items()} == {
        "Label 003": True,
        "Label 007": True,
    }
    kept = [value for value, _ticked in boxes(page.text).values()]
    typed = {"name": "Linked", "labels": kept, **hidden_fields(page)}

    found = ada.post(edit, {**typed, "find": "labels", "labels_find": "Label 01"})
    assert found.status_code == 200
    offered = boxes(found.text)
    assert offered["Label 003"][1]
    assert offered["Label 007"][1]
    value, ticked = offered["Label 012"]
    assert not ticked
    assert "found" in text_of(found)

    chosen = {**typed, **hidden_fields(found), "labels": [kept[0], value], "save": "Save"}
    saved = ada.post(edit, chosen)
    assert saved.status_code == 303, text_of(saved)
    assert names(shapes, song) == ["Label 003", "Label 012"]
    with unit_of_work(shapes.database) as session:
        change = session.scalars(
            sa.select(Change).where(Change.model == "songs").order_by(Change.id.desc())
        ).first()
        assert change is not None
        assert set(change.after or {}) - {"version"} == {"labels"}
    assert "Label 012" in text_of(ada.get(f"/admin/song/history/{song}"))


@pytest.mark.databases("sqlite")
def test_a_label_that_is_gone_is_told_at_its_field(shapes: Place, ada: Browser, song: int) -> None:
    edit = f"/admin/song/edit/{song}"
    page = ada.get(edit)

    refused = ada.post(edit, {"name": "Linked", "labels": ["99999"], **hidden_fields(page)})

    assert refused.status_code == 422
    assert "no longer exists. Choose again." in text_of(refused)
    assert names(shapes, song) == ["Label 003", "Label 007"]


@pytest.mark.databases("sqlite")
def test_a_label_that_another_program_took_away_is_not_given_back_in_silence(
    shapes: Place, ada: Browser, song: int
) -> None:
    edit = f"/admin/song/edit/{song}"
    page = ada.get(edit)
    offered = boxes(page.text)
    kept = [value for value, _ticked in offered.values()]
    with shapes.database.engine.begin() as connection:
        gone = offered["Label 007"][0]
        connection.execute(sa.text(f"DELETE FROM song_labels WHERE label_id = {gone}"))

    typed = {"name": "Renamed", "labels": kept, **hidden_fields(page), "save": "Save"}
    assert ada.post(edit, typed).status_code == 303

    assert names(shapes, song) == ["Label 003"]
    assert "Somebody else changed Labels to “Label 003”" in text_of(ada.get("/admin/"))
