"""Chinook's eleven tables, mapped as a generator of code would: attributes named as columns."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from backoffice.models.base import Audited


class Chinook(DeclarativeBase):
    """Its own metadata: no names for constraints, no options."""


def _text(length: int, **options: Any) -> Any:
    return mapped_column(sa.Unicode(length), **options)


def _money() -> Any:
    return mapped_column(sa.Numeric(10, 2))


class Artist(Audited, Chinook):
    __tablename__ = "Artist"
    label_from = ("Name",)

    ArtistId: Mapped[int] = mapped_column(primary_key=True)
    Name: Mapped[str | None] = _text(120)

    albums: Mapped[list["Album"]] = relationship(back_populates="artist")


class Album(Audited, Chinook):
    __tablename__ = "Album"
    label_from = ("Title",)

    AlbumId: Mapped[int] = mapped_column(primary_key=True)
    Title: Mapped[str] = _text(160)
    ArtistId: Mapped[int] = mapped_column(sa.ForeignKey("Artist.ArtistId"), index=True)

    artist: Mapped[Artist] = relationship(back_populates="albums")
    tracks: Mapped[list["Track"]] = relationship(back_populates="album")


class Genre(Audited, Chinook):
    __tablename__ = "Genre"
    label_from = ("Name",)

    GenreId: Mapped[int] = mapped_column(primary_key=True)
    Name: Mapped[str | None] = _text(120)


class MediaType(Audited, Chinook):
    __tablename__ = "MediaType"
    label_from = ("Name",)

    MediaTypeId: Mapped[int] = mapped_column(primary_key=True)
    Name: Mapped[str | None] = _text(120)


class Track(Audited, Chinook):
    __tablename__ = "Track"
    label_from = ("Name",)

    TrackId: Mapped[int] = mapped_column(primary_key=True)
    Name: Mapped[str] = _text(200)
    AlbumId: Mapped[int | None] = mapped_column(sa.ForeignKey("Album.AlbumId"), index=True)
    MediaTypeId: Mapped[int] = mapped_column(sa.ForeignKey("MediaType.MediaTypeId"), index=True)
    GenreId: Mapped[int | None] = mapped_column(sa.ForeignKey("Genre.GenreId"), index=True)
    Composer: Mapped[str | None] = _text(220)
    Milliseconds: Mapped[int]
    Bytes: Mapped[int | None]
    UnitPrice: Mapped[Decimal] = _money()

    album: Mapped[Album | None] = relationship(back_populates="tracks")
    media_type: Mapped[MediaType] = relationship()
    genre: Mapped[Genre | None] = relationship()


class Playlist(Audited, Chinook):
    __tablename__ = "Playlist"
    label_from = ("Name",)

    PlaylistId: Mapped[int] = mapped_column(primary_key=True)
    Name: Mapped[str | None] = _text(120)


class PlaylistTrack(Audited, Chinook):
    """A key of two columns, both of which lead elsewhere."""

    __tablename__ = "PlaylistTrack"
    label_from = ("PlaylistId", "TrackId")

    PlaylistId: Mapped[int] = mapped_column(sa.ForeignKey("Playlist.PlaylistId"), primary_key=True)
    TrackId: Mapped[int] = mapped_column(
        sa.ForeignKey("Track.TrackId"), primary_key=True, index=True
    )

    playlist: Mapped[Playlist] = relationship()
    track: Mapped[Track] = relationship()


class Employee(Audited, Chinook):
    __tablename__ = "Employee"
    label_from = ("FirstName", "LastName")

    EmployeeId: Mapped[int] = mapped_column(primary_key=True)
    LastName: Mapped[str] = _text(20)
    FirstName: Mapped[str] = _text(20)
    Title: Mapped[str | None] = _text(30)
    ReportsTo: Mapped[int | None] = mapped_column(sa.ForeignKey("Employee.EmployeeId"), index=True)
    BirthDate: Mapped[datetime | None] = mapped_column(sa.DateTime)
    HireDate: Mapped[datetime | None] = mapped_column(sa.DateTime)
    Address: Mapped[str | None] = _text(70)
    City: Mapped[str | None] = _text(40)
    State: Mapped[str | None] = _text(40)
    Country: Mapped[str | None] = _text(40)
    PostalCode: Mapped[str | None] = _text(10)
    Phone: Mapped[str | None] = _text(24)
    Fax: Mapped[str | None] = _text(24)
    Email: Mapped[str | None] = _text(60)

    boss: Mapped["Employee | None"] = relationship(
        back_populates="team", remote_side="Employee.EmployeeId"
    )
    team: Mapped[list["Employee"]] = relationship(back_populates="boss")
    customers: Mapped[list["Customer"]] = relationship(back_populates="support_rep")


class Customer(Audited, Chinook):
    __tablename__ = "Customer"
    label_from = ("FirstName", "LastName")

    CustomerId: Mapped[int] = mapped_column(primary_key=True)
    FirstName: Mapped[str] = _text(40)
    LastName: Mapped[str] = _text(20)
    Company: Mapped[str | None] = _text(80)
    Address: Mapped[str | None] = _text(70)
    City: Mapped[str | None] = _text(40)
    State: Mapped[str | None] = _text(40)
    Country: Mapped[str | None] = _text(40)
    PostalCode: Mapped[str | None] = _text(10)
    Phone: Mapped[str | None] = _text(24)
    Fax: Mapped[str | None] = _text(24)
    Email: Mapped[str] = _text(60)
    SupportRepId: Mapped[int | None] = mapped_column(
        sa.ForeignKey("Employee.EmployeeId"), index=True
    )

    support_rep: Mapped[Employee | None] = relationship(back_populates="customers")
    invoices: Mapped[list["Invoice"]] = relationship(back_populates="customer")


class Invoice(Audited, Chinook):
    __tablename__ = "Invoice"
    label_from = ("InvoiceId",)

    InvoiceId: Mapped[int] = mapped_column(primary_key=True)
    CustomerId: Mapped[int] = mapped_column(sa.ForeignKey("Customer.CustomerId"), index=True)
    InvoiceDate: Mapped[datetime] = mapped_column(sa.DateTime)
    BillingAddress: Mapped[str | None] = _text(70)
    BillingCity: Mapped[str | None] = _text(40)
    BillingState: Mapped[str | None] = _text(40)
    BillingCountry: Mapped[str | None] = _text(40)
    BillingPostalCode: Mapped[str | None] = _text(10)
    Total: Mapped[Decimal] = _money()

    customer: Mapped[Customer] = relationship(back_populates="invoices")
    lines: Mapped[list["InvoiceLine"]] = relationship(back_populates="invoice")


class InvoiceLine(Audited, Chinook):
    __tablename__ = "InvoiceLine"
    label_from = ("InvoiceLineId",)

    InvoiceLineId: Mapped[int] = mapped_column(primary_key=True)
    InvoiceId: Mapped[int] = mapped_column(sa.ForeignKey("Invoice.InvoiceId"), index=True)
    TrackId: Mapped[int] = mapped_column(sa.ForeignKey("Track.TrackId"), index=True)
    UnitPrice: Mapped[Decimal] = _money()
    Quantity: Mapped[int]

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    track: Mapped[Track] = relationship()
