"""Screens of the shapes in ``models.times``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.times import Appointment, Holiday, Lease, Meeting, Shift, Sighting


class HolidayView(RecordView, model=Holiday):
    name, name_plural = "Holiday", "Holidays"
    column_list = [Holiday.name, Holiday.day, Holiday.day_or_none]
    column_searchable_list = [Holiday.name]
    column_sortable_list = [Holiday.name, Holiday.day, Holiday.day_or_none]
    list_filters = [Holiday.day, Holiday.day_or_none]
    form_columns = [Holiday.name, Holiday.day, Holiday.day_or_none]


class ShiftView(RecordView, model=Shift):
    name, name_plural = "Shift", "Shifts"
    column_list = [Shift.name, Shift.starts, Shift.starts_or_none]
    column_searchable_list = [Shift.name]
    column_sortable_list = [Shift.starts, Shift.starts_or_none]
    list_filters = [Shift.starts]
    form_columns = [Shift.name, Shift.starts, Shift.starts_or_none]


class AppointmentView(RecordView, model=Appointment):
    name, name_plural = "Appointment", "Appointments"
    column_list = [Appointment.name, Appointment.at, Appointment.at_or_none]
    column_searchable_list = [Appointment.name]
    column_sortable_list = [Appointment.at, Appointment.at_or_none]
    list_filters = [Appointment.at, Appointment.at_or_none]
    form_columns = [Appointment.name, Appointment.at, Appointment.at_or_none]


class MeetingView(RecordView, model=Meeting):
    name, name_plural = "Meeting", "Meetings"
    column_list = [Meeting.name, Meeting.at, Meeting.at_or_none]
    column_searchable_list = [Meeting.name]
    column_sortable_list = [Meeting.at, Meeting.at_or_none]
    list_filters = [Meeting.at, Meeting.at_or_none]
    form_columns = [Meeting.name, Meeting.at, Meeting.at_or_none]


class SightingView(RecordView, model=Sighting):
    name, name_plural = "Sighting", "Sightings"
    column_list = [Sighting.name, Sighting.at, Sighting.at_or_none]
    column_searchable_list = [Sighting.name]
    column_sortable_list = [Sighting.at, Sighting.at_or_none]
    list_filters = [Sighting.at, Sighting.at_or_none]
    form_columns = [Sighting.name, Sighting.at, Sighting.at_or_none]


class LeaseView(RecordView, model=Lease):
    name, name_plural = "Lease", "Leases"
    column_list = [Lease.name, Lease.lasts, Lease.lasts_or_none]
    column_searchable_list = [Lease.name]
    column_sortable_list = [Lease.lasts, Lease.lasts_or_none]
    form_columns = [Lease.name, Lease.lasts, Lease.lasts_or_none]


VIEWS: tuple[type[RecordView], ...] = (
    HolidayView,
    ShiftView,
    AppointmentView,
    MeetingView,
    SightingView,
    LeaseView,
)
