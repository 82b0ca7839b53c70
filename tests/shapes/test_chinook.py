"""Chinook as people work with it, on rows made by rule."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.admin.doctor.diagnosis import diagnose
from backoffice.cli.doctor_report import report
from backoffice.db import open_database
from backoffice.history import unit_of_work
from backoffice.history.comparison.records import Comparison
from tests import databases
from tests.cast import add_user, text_of
from tests.databases import Kind
from tests.shapes.chinook.models import (
    Album,
    Artist,
    Chinook,
    Customer,
    Employee,
    Genre,
    Invoice,
    PlaylistTrack,
    Track,
)
from tests.shapes.chinook.rows import make_rows
from tests.shapes.chinook.views import VIEWS
from tests.shapes.place import Place, place, settings_of
from tests.shapes.reader import rows_of
from tests.shapes.walking import Walk, said


@pytest.fixture(scope="module")
def shop(database_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Chinook alone, with its rows, and ada signed in."""
    folder: Path = tmp_path_factory.mktemp("chinook")
    with databases.migrated_database(database_kind, folder) as url:
        database = open_database(settings_of(url))
        try:
            with database.engine.begin() as connection:
                Chinook.metadata.create_all(connection)
            add_user(database, "ada@example.com", superuser=True)
            with place(database_kind, database, VIEWS, (Chinook,)) as found:
                with unit_of_work(database, writes=True) as session:
                    make_rows(session)
                yield found
        finally:
            database.dispose()


def walk_of(shop: Place, model: type[Any]) -> Walk:
    return Walk(shop, shop.view_of(model))


def key_where(shop: Place, condition: Any) -> Any:
    """The key of the first record that meets a condition."""
    table = condition.left.table
    (key,) = table.primary_key.columns
    with unit_of_work(shop.database) as session:
        return session.scalar(sa.select(key).where(condition).order_by(key))


def test_a_list_shows_its_rows_in_the_order_asked_for(shop: Place) -> None:
    invoices = walk_of(shop, Invoice)
    rows = rows_of(shop.ada.get(invoices.href("list", sort="-Total", pageSize="200")))

    stored = invoices.all_stored()
    totals = [stored[key]["Total"] for key in rows]
    assert len(totals) == 15
    assert totals == sorted(totals, reverse=True)


def test_an_employee_is_listed_under_their_boss(shop: Place) -> None:
    employees = walk_of(shop, Employee)
    boss = key_where(shop, Employee.LastName == "Last0")

    page = shop.ada.get(employees.href("list", boss=str(boss)))
    stored = employees.all_stored()

    assert {stored[key]["LastName"] for key in rows_of(page)} == {"Last1", "Last2"}
    assert "First0 Last0" in text_of(page)
    details = employees.shown("details", boss)
    assert "Last1 First1" in details
    assert "Last2 First2" in details


def test_invoices_are_found_by_customer_and_by_day(shop: Place) -> None:
    invoices = walk_of(shop, Invoice)
    customer = key_where(shop, Customer.FirstName == "Given3")
    stored = invoices.all_stored()

    by_customer = rows_of(shop.ada.get(invoices.href("list", customer=str(customer))))
    assert len(by_customer) == 2
    assert {stored[key]["CustomerId"] for key in by_customer} == {customer}

    days = {"InvoiceDate_from": "2021-01-03", "InvoiceDate_to": "2021-01-05"}
    by_day = rows_of(shop.ada.get(invoices.href("list", **days)))
    assert sorted(stored[key]["InvoiceDate"].day for key in by_day) == [3, 4, 5]


def test_tracks_are_found_by_their_genre_and_their_album(shop: Place) -> None:
    tracks = walk_of(shop, Track)
    genre = key_where(shop, Genre.Name == "Jazz")
    stored = tracks.all_stored()

    found = rows_of(shop.ada.get(tracks.href("list", genre=str(genre), pageSize="200")))
    assert set(found) == {key for key, track in stored.items() if track["GenreId"] == genre}

    found = rows_of(shop.ada.get(tracks.href("list", search='"Album 3 <9>"', pageSize="200")))
    assert {stored[key]["Name"] for key in found} == {"Track 09", "Track 33"}


def test_deleting_an_album_says_which_tracks_lose_it_and_undo_gives_it_back(shop: Place) -> None:
    albums, tracks = walk_of(shop, Album), walk_of(shop, Track)
    album = key_where(shop, Album.Title == "Album 1 <1>")
    before, of_tracks = albums.stored(album), tracks.all_stored()
    assert before is not None

    page = said(albums.delete(album))
    assert "Track 01" in page
    assert albums.stored(album) is None
    lost = [key for key, track in tracks.all_stored().items() if track != of_tracks[key]]
    assert len(lost) == len(before["tracks"]) == 3

    albums.undo(albums.latest())
    after = albums.stored(album)
    assert after is not None
    assert albums.differences(after, before) == []


def test_an_artist_whose_albums_need_them_is_not_deleted(shop: Place) -> None:
    artists = walk_of(shop, Artist)
    artist = key_where(shop, Artist.Name == "Artist 02")
    before = artists.stored(artist)

    path = artists.href("delete", pks=str(artist))
    page = shop.ada.get(path)
    assert "Album 2" in said(page)
    form = shop.ada.form(path, "/delete")
    response = shop.ada.browser.post(form.action, form.data)

    assert response.status_code in (409, 422)
    assert "nothing was deleted" in text_of(response) or "need" in text_of(response)
    assert artists.stored(artist) == before


def test_an_employee_leaves_a_team_and_customers_behind_and_comes_back_to_them(
    shop: Place,
) -> None:
    employees = walk_of(shop, Employee)
    employee = key_where(shop, Employee.LastName == "Last3")
    before = employees.stored(employee)
    assert before is not None
    assert before["team"]
    assert before["customers"]

    page = said(employees.delete(employee))
    assert "First7 Last7" in page
    employees.undo(employees.latest())

    after = employees.stored(employee)
    assert after is not None
    assert employees.differences(after, before) == []


def test_an_entry_of_a_playlist_is_found_by_both_parts_of_its_key(shop: Place) -> None:
    entries = walk_of(shop, PlaylistTrack)
    (key, *_) = entries.keys()

    assert isinstance(key, tuple)
    page = entries.shown("details", key)
    assert "Playlist 0" in page
    entries.delete(key)
    assert entries.stored(key) is None
    entries.undo(entries.latest())
    assert entries.stored(key) is not None


def test_the_history_knows_every_record_of_chinook(shop: Place) -> None:
    with unit_of_work(shop.database) as session:
        comparison = Comparison(session)
        for _change in comparison.steps():
            pass
    assert comparison.first_difference == ""
    assert comparison.first_unrecorded == ""
    assert comparison.counts.records >= 150


def test_the_doctor_names_what_chinook_lacks(shop: Place) -> None:
    with unit_of_work(shop.database) as session:
        found = diagnose(session, shop.site)
    told = "\n".join(report(found, behind=False))
    assert told
