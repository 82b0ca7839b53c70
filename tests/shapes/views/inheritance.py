"""Screens of the shapes in ``models.inheritance``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.inheritance import Bill, Car, Letter, Lorry, Paper, Taxi, Vehicle


class VehicleView(RecordView, model=Vehicle):
    name, name_plural = "Vehicle", "Vehicles"
    column_list = [Vehicle.name, Vehicle.kind, Vehicle.wheels]
    column_searchable_list = [Vehicle.name]
    column_sortable_list = [Vehicle.name, Vehicle.kind, Vehicle.wheels]
    list_filters = [Vehicle.kind, Vehicle.wheels]
    form_columns = [Vehicle.name, Vehicle.wheels]


class CarView(RecordView, model=Car):
    name, name_plural = "Car", "Cars"
    column_list = [Car.name, Car.wheels, Car.doors]
    column_searchable_list = [Car.name]
    column_sortable_list = [Car.name, Car.wheels, Car.doors]
    list_filters = [Car.wheels, Car.doors]
    form_columns = [Car.name, Car.wheels, Car.doors]


class TaxiView(RecordView, model=Taxi):
    name, name_plural = "Taxi", "Taxis"
    column_list = [Taxi.name, Taxi.wheels, Taxi.doors, Taxi.licence]
    column_searchable_list = [Taxi.name, Taxi.licence]
    column_sortable_list = [Taxi.name, Taxi.wheels, Taxi.doors, Taxi.licence]
    list_filters = [Taxi.wheels, Taxi.licence]
    form_columns = [Taxi.name, Taxi.wheels, Taxi.doors, Taxi.licence]


class LorryView(RecordView, model=Lorry):
    name, name_plural = "Lorry", "Lorries"
    column_list = [Lorry.name, Lorry.load]
    column_searchable_list = [Lorry.name]
    column_sortable_list = [Lorry.name, Lorry.load]
    list_filters = [Lorry.load]
    form_columns = [Lorry.name, Lorry.wheels, Lorry.load]


class PaperView(RecordView, model=Paper):
    name, name_plural = "Paper", "Papers"
    column_list = [Paper.name, Paper.kind]
    column_searchable_list = [Paper.name]
    column_sortable_list = [Paper.name, Paper.kind]
    list_filters = [Paper.kind]
    form_columns = [Paper.name]


class LetterView(RecordView, model=Letter):
    name, name_plural = "Letter", "Letters"
    column_list = [Letter.name, Letter.recipient]
    column_searchable_list = [Letter.name, Letter.recipient]
    column_sortable_list = [Letter.name, Letter.recipient]
    list_filters = [Letter.recipient]
    form_columns = [Letter.name, Letter.recipient]


class BillView(RecordView, model=Bill):
    name, name_plural = "Bill", "Bills"
    column_list = [Bill.name, Bill.total]
    column_searchable_list = [Bill.name]
    column_sortable_list = [Bill.name, Bill.total]
    list_filters = [Bill.total]
    form_columns = [Bill.name, Bill.total]


VIEWS: tuple[type[RecordView], ...] = (
    VehicleView,
    CarView,
    TaxiView,
    LorryView,
    PaperView,
    LetterView,
    BillView,
)
