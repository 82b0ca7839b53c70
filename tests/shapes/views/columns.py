"""Screens of the shapes in ``models.columns``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.columns import Bookmark, Box, Counter, Parcel, Renamed, Software


class ParcelView(RecordView, model=Parcel):
    name, name_plural = "Parcel", "Parcels"
    column_list = [Parcel.name, Parcel.carrier, Parcel.weight, Parcel.is_urgent, Parcel.price]
    column_searchable_list = [Parcel.name, Parcel.carrier]
    column_sortable_list = [Parcel.name, Parcel.carrier, Parcel.weight, Parcel.price]
    list_filters = [Parcel.carrier, Parcel.weight, Parcel.is_urgent]
    form_columns = [Parcel.name, Parcel.carrier, Parcel.weight, Parcel.is_urgent, Parcel.price]


class BoxView(RecordView, model=Box):
    name, name_plural = "Box", "Boxes"
    column_list = ["name", "width", "height", "area", "sum", "edge"]
    column_searchable_list = [Box.name]
    column_sortable_list = ["name", "width", "area", "sum", "edge"]
    column_details_list = ["name", "width", "height", "area", "sum", "edge"]
    list_filters = [Box.width, Box.area]
    form_columns = [Box.name, Box.width, Box.height]


class CounterView(RecordView, model=Counter):
    name, name_plural = "Counter", "Counters"
    column_list = [Counter.name, Counter.id]
    column_searchable_list = [Counter.name]
    column_sortable_list = [Counter.name, Counter.id]
    form_columns = [Counter.name]


class RenamedView(RecordView, model=Renamed):
    name, name_plural = "Renamed", "Renamed"
    column_list = [Renamed.title, Renamed.count]
    column_searchable_list = [Renamed.title]
    column_sortable_list = [Renamed.title, Renamed.count]
    list_filters = [Renamed.title, Renamed.count]
    form_columns = [Renamed.title, Renamed.count]


class BookmarkView(RecordView, model=Bookmark):
    name, name_plural = "Bookmark", "Bookmarks"
    column_list = [
        Bookmark.name,
        Bookmark.next,
        Bookmark.page,
        Bookmark.saved,
        Bookmark.sort,
        Bookmark.search,
    ]
    column_searchable_list = [Bookmark.name, Bookmark.search]
    column_sortable_list = [Bookmark.next, Bookmark.page, Bookmark.saved, Bookmark.sort]
    form_columns = [
        Bookmark.name,
        Bookmark.next,
        Bookmark.page,
        Bookmark.saved,
        Bookmark.sort,
        Bookmark.search,
    ]


class SoftwareView(RecordView, model=Software):
    name, name_plural = "Software", "Software"
    column_list = [Software.name, Software.version]
    column_searchable_list = [Software.name, Software.version]
    column_sortable_list = [Software.name, Software.version]
    list_filters = [Software.version]
    form_columns = [Software.name, Software.version]


VIEWS: tuple[type[RecordView], ...] = (
    ParcelView,
    BoxView,
    RenamedView,
    BookmarkView,
    SoftwareView,
)
POSTGRESQL_VIEWS: tuple[type[RecordView], ...] = (CounterView,)
