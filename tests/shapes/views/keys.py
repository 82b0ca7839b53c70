"""Screens of the shapes in ``models.keys``."""

from backoffice.admin.aggregates import RelatedCount
from backoffice.admin.view import RecordView
from tests.shapes.models.keys import (
    Country,
    Diary,
    Discount,
    Event,
    Gadget,
    Reading,
    Seat,
    Star,
)


class CountryView(RecordView, model=Country):
    name, name_plural = "Country", "Countries"
    column_list = [Country.name, Country.code]
    column_searchable_list = [Country.name, Country.code]
    column_sortable_list = [Country.name, Country.code]
    form_columns = [Country.code, Country.name]


class GadgetView(RecordView, model=Gadget):
    name, name_plural = "Gadget", "Gadgets"
    column_list = [Gadget.name, Gadget.id]
    column_searchable_list = [Gadget.name]
    column_sortable_list = [Gadget.name]
    form_columns = [Gadget.name]


class DiaryView(RecordView, model=Diary):
    name, name_plural = "Diary page", "Diary pages"
    column_list = [Diary.name, Diary.day]
    column_searchable_list = [Diary.name]
    column_sortable_list = [Diary.name, Diary.day]
    column_default_sort = (Diary.day, True)
    list_filters = [Diary.day]
    form_columns = [Diary.day, Diary.name]


class DiscountView(RecordView, model=Discount):
    name, name_plural = "Discount", "Discounts"
    column_list = [Discount.name, Discount.tier]
    column_searchable_list = [Discount.name]
    column_sortable_list = [Discount.name, Discount.tier]
    form_columns = [Discount.tier, Discount.name]


class StarView(RecordView, model=Star):
    name, name_plural = "Star", "Stars"
    column_list = [Star.name, Star.number]
    column_searchable_list = [Star.name]
    column_sortable_list = [Star.name, Star.number]
    list_filters = [Star.number]
    form_columns = [Star.number, Star.name]


class EventView(RecordView, model=Event):
    name, name_plural = "Event", "Events"
    column_list = [Event.name, Event.id]
    column_searchable_list = [Event.name]
    column_sortable_list = [Event.name, Event.id]
    form_columns = [Event.name]


class SeatView(RecordView, model=Seat):
    name, name_plural = "Seat", "Seats"
    column_list = [Seat.name, Seat.hall, Seat.row, "taken"]
    column_aggregates = {"taken": RelatedCount("Taken", Seat.reservations)}
    column_searchable_list = [Seat.name, Seat.row]
    column_sortable_list = [Seat.name, Seat.hall, Seat.row]
    list_filters = [Seat.hall]
    form_columns = [Seat.hall, Seat.row, Seat.name]


class ReadingView(RecordView, model=Reading):
    name, name_plural = "Reading", "Readings"
    column_list = [Reading.meter, Reading.day, Reading.turn, Reading.value]
    column_searchable_list = [Reading.meter]
    column_sortable_list = [Reading.meter, Reading.day, Reading.value]
    list_filters = [Reading.day, Reading.value]
    form_columns = [Reading.meter, Reading.day, Reading.turn, Reading.value]


VIEWS: tuple[type[RecordView], ...] = (
    CountryView,
    GadgetView,
    DiaryView,
    DiscountView,
    StarView,
    EventView,
    SeatView,
    ReadingView,
)
