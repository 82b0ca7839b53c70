"""Screens of Chinook."""

from backoffice.admin.view import RecordView
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


class ArtistView(RecordView, model=Artist):
    name, name_plural = "Artist", "Artists"
    column_list = [Artist.Name]
    column_searchable_list = [Artist.Name]
    column_sortable_list = [Artist.Name]
    column_default_sort = (Artist.Name, False)
    column_details_list = [Artist.Name, Artist.albums]
    form_columns = [Artist.Name]


class AlbumView(RecordView, model=Album):
    name, name_plural = "Album", "Albums"
    column_list = [Album.Title, Album.artist]
    column_searchable_list = [Album.Title, Album.artist]
    column_sortable_list = [Album.Title, Album.artist]
    column_details_list = [Album.Title, Album.artist, Album.tracks]
    list_filters = [Album.artist]
    form_columns = [Album.Title, Album.artist]


class GenreView(RecordView, model=Genre):
    name, name_plural = "Genre", "Genres"
    column_list = [Genre.Name]
    column_searchable_list = [Genre.Name]
    column_sortable_list = [Genre.Name]
    form_columns = [Genre.Name]


class MediaTypeView(RecordView, model=MediaType):
    name, name_plural = "Media type", "Media types"
    column_list = [MediaType.Name]
    column_searchable_list = [MediaType.Name]
    column_sortable_list = [MediaType.Name]
    form_columns = [MediaType.Name]


class TrackView(RecordView, model=Track):
    name, name_plural = "Track", "Tracks"
    column_list = [
        Track.Name,
        Track.album,
        Track.genre,
        Track.media_type,
        Track.Composer,
        Track.Milliseconds,
        Track.UnitPrice,
    ]
    column_searchable_list = [Track.Name, Track.Composer, Track.album]
    column_sortable_list = [
        Track.Name,
        Track.album,
        Track.genre,
        Track.Composer,
        Track.Milliseconds,
        Track.UnitPrice,
    ]
    list_filters = [Track.genre, Track.media_type, Track.UnitPrice, Track.Milliseconds]
    form_columns = [
        Track.Name,
        Track.album,
        Track.media_type,
        Track.genre,
        Track.Composer,
        Track.Milliseconds,
        Track.Bytes,
        Track.UnitPrice,
    ]


class PlaylistView(RecordView, model=Playlist):
    name, name_plural = "Playlist", "Playlists"
    column_list = [Playlist.Name]
    column_searchable_list = [Playlist.Name]
    column_sortable_list = [Playlist.Name]
    form_columns = [Playlist.Name]


class PlaylistTrackView(RecordView, model=PlaylistTrack):
    name, name_plural = "Playlist entry", "Playlist entries"
    column_list = [PlaylistTrack.playlist, PlaylistTrack.track]
    column_searchable_list = [PlaylistTrack.track]
    column_sortable_list = [PlaylistTrack.playlist, PlaylistTrack.track]
    list_filters = [PlaylistTrack.playlist, PlaylistTrack.track]
    form_columns = [PlaylistTrack.playlist, PlaylistTrack.track]


class EmployeeView(RecordView, model=Employee):
    name, name_plural = "Employee", "Employees"
    column_list = [
        Employee.LastName,
        Employee.FirstName,
        Employee.Title,
        Employee.boss,
        Employee.HireDate,
        Employee.City,
    ]
    column_searchable_list = [Employee.LastName, Employee.FirstName, Employee.Email]
    column_sortable_list = [Employee.LastName, Employee.boss, Employee.HireDate]
    column_details_list = [
        Employee.FirstName,
        Employee.LastName,
        Employee.Title,
        Employee.boss,
        Employee.BirthDate,
        Employee.HireDate,
        Employee.Email,
        Employee.team,
        Employee.customers,
    ]
    list_filters = [Employee.boss, Employee.HireDate, Employee.Country]
    form_columns = [
        Employee.LastName,
        Employee.FirstName,
        Employee.Title,
        Employee.boss,
        Employee.BirthDate,
        Employee.HireDate,
        Employee.City,
        Employee.Country,
        Employee.Phone,
        Employee.Email,
    ]


class CustomerView(RecordView, model=Customer):
    name, name_plural = "Customer", "Customers"
    column_list = [
        Customer.LastName,
        Customer.FirstName,
        Customer.Company,
        Customer.Country,
        Customer.support_rep,
    ]
    column_searchable_list = [Customer.LastName, Customer.FirstName, Customer.Email]
    column_sortable_list = [Customer.LastName, Customer.Country, Customer.support_rep]
    column_details_list = [
        Customer.FirstName,
        Customer.LastName,
        Customer.Company,
        Customer.Email,
        Customer.support_rep,
        Customer.invoices,
    ]
    list_filters = [Customer.support_rep, Customer.Country]
    form_columns = [
        Customer.FirstName,
        Customer.LastName,
        Customer.Company,
        Customer.Country,
        Customer.Email,
        Customer.support_rep,
    ]


class InvoiceView(RecordView, model=Invoice):
    name, name_plural = "Invoice", "Invoices"
    column_list = [
        Invoice.InvoiceId,
        Invoice.customer,
        Invoice.InvoiceDate,
        Invoice.BillingCountry,
        Invoice.Total,
    ]
    column_searchable_list = [Invoice.BillingCountry, Invoice.customer]
    column_sortable_list = [Invoice.customer, Invoice.InvoiceDate, Invoice.Total]
    column_default_sort = (Invoice.InvoiceDate, True)
    column_details_list = [
        Invoice.InvoiceId,
        Invoice.customer,
        Invoice.InvoiceDate,
        Invoice.Total,
        Invoice.lines,
    ]
    list_filters = [Invoice.customer, Invoice.InvoiceDate, Invoice.Total]
    form_columns = [
        Invoice.customer,
        Invoice.InvoiceDate,
        Invoice.BillingCountry,
        Invoice.Total,
    ]


class InvoiceLineView(RecordView, model=InvoiceLine):
    name, name_plural = "Invoice line", "Invoice lines"
    column_list = [
        InvoiceLine.invoice,
        InvoiceLine.track,
        InvoiceLine.UnitPrice,
        InvoiceLine.Quantity,
    ]
    column_searchable_list = [InvoiceLine.track]
    column_sortable_list = [InvoiceLine.track, InvoiceLine.UnitPrice, InvoiceLine.Quantity]
    list_filters = [InvoiceLine.track, InvoiceLine.Quantity]
    form_columns = [
        InvoiceLine.invoice,
        InvoiceLine.track,
        InvoiceLine.UnitPrice,
        InvoiceLine.Quantity,
    ]


VIEWS: tuple[type[RecordView], ...] = (
    ArtistView,
    AlbumView,
    GenreView,
    MediaTypeView,
    TrackView,
    PlaylistView,
    PlaylistTrackView,
    EmployeeView,
    CustomerView,
    InvoiceView,
    InvoiceLineView,
)
