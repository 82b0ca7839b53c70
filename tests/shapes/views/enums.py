"""Screens of the shapes in ``models.enums``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.enums import Ticket


class TicketView(RecordView, model=Ticket):
    name, name_plural = "Ticket", "Tickets"
    column_list = [
        Ticket.name,
        Ticket.state,
        Ticket.state_or_none,
        Ticket.size,
        Ticket.level,
        Ticket.word,
        Ticket.word_or_none,
        Ticket.by_value,
        Ticket.as_text,
    ]
    column_searchable_list = [Ticket.name]
    column_sortable_list = [
        Ticket.state,
        Ticket.state_or_none,
        Ticket.size,
        Ticket.level,
        Ticket.word,
        Ticket.by_value,
        Ticket.as_text,
    ]
    list_filters = [
        Ticket.state,
        Ticket.state_or_none,
        Ticket.size,
        Ticket.level,
        Ticket.word,
        Ticket.by_value,
        Ticket.as_text,
    ]
    form_columns = [
        Ticket.name,
        Ticket.state,
        Ticket.state_or_none,
        Ticket.size,
        Ticket.level,
        Ticket.word,
        Ticket.word_or_none,
        Ticket.by_value,
        Ticket.as_text,
    ]


VIEWS: tuple[type[RecordView], ...] = (TicketView,)
