"""Screens of the shapes in ``models.texts``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.texts import Note, Paint, Ware


class NoteView(RecordView, model=Note):
    name, name_plural = "Note", "Notes"
    column_list = [Note.name, Note.line, Note.line_or_none, Note.body, Note.body_or_none]
    column_searchable_list = [Note.name, Note.line, Note.body]
    column_sortable_list = [Note.name, Note.line, Note.line_or_none]
    list_filters = [Note.line, Note.line_or_none, Note.body]
    form_columns = [Note.name, Note.line, Note.line_or_none, Note.body, Note.body_or_none]


class WareView(RecordView, model=Ware):
    name, name_plural = "Ware", "Wares"
    column_list = [Ware.name, Ware.sku, Ware.sku_or_none]
    column_searchable_list = [Ware.name]
    column_sortable_list = [Ware.name, Ware.sku, Ware.sku_or_none]
    form_columns = [Ware.name, Ware.sku, Ware.sku_or_none]


class PaintView(RecordView, model=Paint):
    name, name_plural = "Paint", "Paints"
    column_list = [Paint.name, Paint.colour, Paint.colour_or_none]
    column_searchable_list = [Paint.name]
    column_sortable_list = [Paint.name]
    form_columns = [Paint.name]


VIEWS: tuple[type[RecordView], ...] = (NoteView, WareView, PaintView)
