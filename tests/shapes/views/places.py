"""Screens of the shapes in ``models.places``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.places import (
    Depot,
    ForeignCrate,
    HeavyRow,
    HomeCrate,
    Legacy,
    PlainRow,
)


class DepotView(RecordView, model=Depot):
    name, name_plural = "Depot", "Depots"
    column_list = [Depot.name, Depot.places]
    column_searchable_list = [Depot.name]
    column_sortable_list = [Depot.name, Depot.places]
    list_filters = [Depot.places]
    form_columns = [Depot.name, Depot.places]


class HomeCrateView(RecordView, model=HomeCrate):
    name, name_plural = "Crate", "Crates"
    column_list = [HomeCrate.name, HomeCrate.bottles]
    column_searchable_list = [HomeCrate.name]
    column_sortable_list = [HomeCrate.name, HomeCrate.bottles]
    list_filters = [HomeCrate.bottles]
    form_columns = [HomeCrate.name, HomeCrate.bottles]


class ForeignCrateView(RecordView, model=ForeignCrate):
    name, name_plural = "Foreign crate", "Foreign crates"
    column_list = [ForeignCrate.name, ForeignCrate.bottles]
    column_searchable_list = [ForeignCrate.name]
    column_sortable_list = [ForeignCrate.name, ForeignCrate.bottles]
    list_filters = [ForeignCrate.bottles]
    form_columns = [ForeignCrate.name, ForeignCrate.bottles]


class PlainRowView(RecordView, model=PlainRow):
    name, name_plural = "Plain row", "Plain rows"
    column_list = [PlainRow.name, PlainRow.weight]
    column_searchable_list = [PlainRow.name]
    column_sortable_list = [PlainRow.name, PlainRow.weight]
    list_filters = [PlainRow.weight]


class LegacyView(RecordView, model=Legacy):
    name, name_plural = "Legacy row", "Legacy rows"
    column_list = [Legacy.name, Legacy.group]
    column_searchable_list = [Legacy.name]
    column_sortable_list = [Legacy.name, Legacy.group]
    list_filters = [Legacy.group]


class HeavyRowView(RecordView, model=HeavyRow):
    name, name_plural = "Heavy row", "Heavy rows"
    column_list = [HeavyRow.name, HeavyRow.weight]
    column_searchable_list = [HeavyRow.name]
    column_sortable_list = [HeavyRow.name, HeavyRow.weight]
    list_filters = [HeavyRow.weight]


VIEWS: tuple[type[RecordView], ...] = (HomeCrateView, PlainRowView, LegacyView, HeavyRowView)
SERVER_VIEWS: tuple[type[RecordView], ...] = (DepotView, ForeignCrateView)
