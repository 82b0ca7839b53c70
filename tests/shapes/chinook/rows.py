"""Chinook's rows, made by rule: each number says what its row holds and leads to."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from backoffice.history import RecordSession
from tests.shapes.chinook.models import (
    Album,
    Artist,
    Customer,
    Employee,
    Genre,
    Invoice,
    InvoiceLine,
    MediaType,
    Playlist,
    PlaylistTrack,
    Track,
)

GENRES = ("Rock", "Jazz", "Baião & Forró", "Drum’n’Bass", "Opera")
MEDIA_TYPES = ("MPEG audio file", "Protected AAC audio file", "Purchased AAC audio file")
COUNTRIES = ("Österreich", "Norway", "Brazil", "Côte d’Ivoire", "USA")
OPENED = datetime.fromisoformat("2021-01-01T00:00:00")

Row = TypeVar("Row")


def make_rows(session: RecordSession) -> None:
    """Fill all eleven tables; some 150 rows."""

    def make(number: int, row: Callable[[int], Row]) -> Sequence[Row]:
        made = [row(index) for index in range(number)]
        session.add_all(made)
        session.flush()
        return made

    artists = make(8, lambda n: Artist(Name=f"Artist {n:02}" if n else None))
    genres = make(len(GENRES), lambda n: Genre(Name=GENRES[n]))
    types = make(len(MEDIA_TYPES), lambda n: MediaType(Name=MEDIA_TYPES[n]))
    albums = make(12, lambda n: Album(Title=f"Album {n % 6} <{n}>", artist=artists[n % 8]))
    tracks = make(
        36,
        lambda n: Track(
            Name=f"Track {n:02}",
            album=albums[n % 12] if n % 7 else None,
            media_type=types[n % 3],
            genre=genres[n % 5] if n % 4 else None,
            Composer=f"Composer {n % 5}" if n % 3 else None,
            Milliseconds=180_000 + 1_111 * n,
            Bytes=5_000_000 + n if n % 2 else None,
            UnitPrice=Decimal("0.99") if n % 3 else Decimal("1.99"),
        ),
    )
    playlists = make(4, lambda n: Playlist(Name=f"Playlist {n}"))
    make(20, lambda n: PlaylistTrack(playlist=playlists[n % 4], track=tracks[n]))
    employees: list[Employee] = []
    for number in range(8):
        employees.append(
            Employee(
                LastName=f"Last{number}",
                FirstName=f"First{number}",
                Title=f"Title {number % 3}",
                boss=employees[(number - 1) // 2] if number else None,
                HireDate=OPENED + timedelta(days=30 * number) if number % 4 else None,
                Country=COUNTRIES[number % 5],
                Email=f"first{number}@example.com",
            )
        )
        session.add(employees[-1])
        session.flush()
    customers = make(
        10,
        lambda n: Customer(
            FirstName=f"Given{n}",
            LastName=f"Family{n % 5}",
            Country=COUNTRIES[n % 5],
            Email=f"given{n}@example.com",
            support_rep=employees[n % 3 + 3] if n % 4 else None,
        ),
    )
    invoices = make(
        15,
        lambda n: Invoice(
            customer=customers[n % 10],
            InvoiceDate=OPENED + timedelta(days=n, hours=n),
            BillingCountry=COUNTRIES[n % 5],
            Total=Decimal(n) * Decimal("0.99"),
        ),
    )
    make(
        30,
        lambda n: InvoiceLine(
            invoice=invoices[n % 15],
            track=tracks[n],
            UnitPrice=tracks[n].UnitPrice,
            Quantity=1 + n % 3,
        ),
    )
