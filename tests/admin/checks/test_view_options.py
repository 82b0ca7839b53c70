"""Options of a view that cannot work, each with the sentence that stops the start."""

from typing import Any

import pytest

from backoffice.admin.options import ColumnTotal
from backoffice.admin.view import OptionFilter
from tests.admin.checks.shelves import Room, Shelf, Start, nothing, shelf

OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt column of the list": (
        {"column_list": ["name", "widht"]},
        "ShelfView.column_list: Shelf has no 'widht'. Write 'width'.",
    ),
    "a column that is like no other": (
        {"column_details_list": ["xyz"]},
        "ShelfView.column_details_list: Shelf has no 'xyz'.",
    ),
    "a column of another model": (
        {"column_list": [Room.name]},
        "ShelfView.column_list: Room.name is not an attribute of Shelf.",
    ),
    "something that is not an attribute": (
        {"column_list": [5]},
        "ShelfView.column_list: 5 is not an attribute: write Shelf.… or its name.",
    ),
    "a column named twice": (
        {"form_columns": ["name", "width", "name"]},
        "ShelfView.form_columns names 'name' twice: remove one.",
    ),
    "a misspelt field": (
        {"form_columns": ["name", "width", "rooom"]},
        "ShelfView.form_columns: Shelf has no 'rooom'. Write 'room'.",
    ),
    "a misspelt label": (
        {"column_labels": {"nmae": "Name"}},
        "ShelfView.column_labels: Shelf has no 'nmae'. Write 'name'.",
    ),
    "a misspelt unit": (
        {"column_units": {"witdh": "cm"}},
        "ShelfView.column_units: Shelf has no 'witdh'. Write 'width'.",
    ),
    "a misspelt mark": (
        {"column_marks": {"nam": nothing}},
        "ShelfView.column_marks: Shelf has no 'nam'. Write 'name'.",
    ),
    "a misspelt mark of values": (
        {"value_marks": {"nam": nothing}},
        "ShelfView.value_marks: Shelf has no 'nam'. Write 'name'.",
    ),
    "a misspelt column that is always loaded": (
        {"always_loaded": ["wdth"]},
        "ShelfView.always_loaded: Shelf has no 'wdth'. Write 'width'.",
    ),
    "a misspelt sort column": (
        {"column_sortable_list": ["nme"]},
        "ShelfView.column_sortable_list: Shelf has no 'nme'. Write 'name'.",
    ),
    "a rule in SQL that no record is asked": (
        {"may_condition": nothing},
        "ShelfView.may_condition is the SQL form of may, but ShelfView has no may, so nothing "
        "would check single records. Write both.",
    ),
    "a misspelt search column": (
        {"column_searchable_list": ["nme"]},
        "ShelfView.column_searchable_list: Shelf has no 'nme'. Write 'name'.",
    ),
    "a misspelt default order": (
        {"column_default_sort": [("nme", True)]},
        "ShelfView.column_default_sort: Shelf has no 'nme'. Write 'name'.",
    ),
    "a misspelt filter": (
        {"list_filters": ["rom"]},
        "ShelfView.list_filters: Shelf has no 'rom'. Write 'room'.",
    ),
    "misspelt arguments of a field": (
        {"form_args": {"nme": {}}},
        "ShelfView.form_args: Shelf has no 'nme'. Write 'name'.",
    ),
    "a misspelt override": (
        {"form_overrides": {"nme": nothing}},
        "ShelfView.form_overrides: Shelf has no 'nme'. Write 'name'.",
    ),
    "a misspelt kind of field": (
        {"form_kinds": {"name": "emial"}},
        "ShelfView.form_kinds: 'emial' is not a kind of field. Write 'email'.",
    ),
    "a misspelt option": (
        {"colum_list": ["name"]},
        "ShelfView.colum_list is not an option. Write column_list.",
    ),
    "a filter on what has none": (
        {"list_filters": ["place"]},
        "ShelfView.list_filters: there is no filter for Shelf.place (other). Remove it, or "
        "write an OptionFilter.",
    ),
    "a filter on a relation to many": (
        {"list_filters": ["below"]},
        "ShelfView.list_filters: there is no filter for Shelf.below (a to-many relation). Remove "
        "it, or write an OptionFilter.",
    ),
    "two filters that read one parameter": (
        {
            "list_filters": ["price", "price_from"],
            "option_filters": [OptionFilter("price_to", "To", nothing, nothing)],
        },
        "ShelfView.list_filters: the filter 'price' and the filter 'price_to' both read "
        "'price_to' from an address. Remove one of them, or give an OptionFilter another name.",
    ),
    "a filter named like a list's own parameter": (
        {"option_filters": [OptionFilter("page", "Page", nothing, nothing)]},
        "ShelfView.list_filters: the filter 'page' reads 'page', a parameter of every list.",
    ),
    "a sort by what has no order": (
        {"column_sortable_list": ["place"]},
        "ShelfView.column_sortable_list: a list cannot be sorted by Shelf.place (other). "
        "Remove it.",
    ),
    "a default order by what has none": (
        {"column_default_sort": "place"},
        "ShelfView.column_default_sort: a list cannot be sorted by Shelf.place (other). Remove it.",
    ),
    "a sort by a relation to many": (
        {"column_sortable_list": ["tags"]},
        "ShelfView.column_sortable_list: a list cannot be sorted by Shelf.tags (a to-many "
        "relation). Remove it.",
    ),
    "a sort by a relation that is not listed": (
        {"column_sortable_list": ["room"]},
        "ShelfView.column_sortable_list: Shelf.room must be in column_list as well.",
    ),
    "a search in a number": (
        {"column_searchable_list": ["width"]},
        "ShelfView.column_searchable_list: Shelf.width (integer) is not text. Remove it.",
    ),
    "a search in a number that is listed": (
        {"column_list": ["width"], "column_searchable_list": ["width"]},
        "ShelfView.column_searchable_list: Shelf.width (integer) is not text. Remove it: columns "
        "in column_list can be searched as “width:…” anyway.",
    ),
    "a search in a relation to many": (
        {"column_searchable_list": ["tags"]},
        "ShelfView.column_searchable_list: the search box cannot search Shelf.tags (a to-many "
        "relation). Remove it.",
    ),
    "a total of texts": (
        {"list_totals": [ColumnTotal("Names", Shelf.name)]},
        "ShelfView.list_totals: 'Names' adds up something that is not a number (text). Remove it.",
    ),
    "a total of another table": (
        {"list_totals": [ColumnTotal("Rooms", Shelf.width * Room.id)]},
        "ShelfView.list_totals: 'Rooms' reads rooms.id, but a total can only use columns of Shelf. "
        "Remove it.",
    ),
    "a relation that is always loaded": (
        {"always_loaded": ["room"]},
        "ShelfView.always_loaded: Shelf.room (a relation) is not a column. Remove it.",
    ),
    "a mark that is not shown": (
        {"column_marks": {"width": nothing}},
        "ShelfView.column_marks: Shelf.width is not shown anywhere, so this has no effect. "
        "Remove it, or put it into column_list.",
    ),
    "a mark of values that are not shown": (
        {"value_marks": {"width": nothing}},
        "ShelfView.value_marks: Shelf.width is not shown anywhere, so this has no effect. "
        "Remove it, or put it into column_list.",
    ),
    "a unit that is not shown": (
        {"column_units": {"price": "kg"}},
        "ShelfView.column_units: Shelf.price is not shown anywhere, so this has no effect. "
        "Remove it, or put it into column_list.",
    ),
    "more rows on a page than are offered": (
        {"page_size": 500},
        "ShelfView.page_size: 500 is more than page_size_options offers. Write page_size_options "
        "= [500, …].",
    ),
    "no form columns": (
        {"form_columns": []},
        "ShelfView.form_columns is missing: name the fields of the form, as [Shelf.name, …], or "
        "write can_create = can_edit = False.",
    ),
    "a computed column in a form": (
        {"form_columns": ["name", "width", "area"]},
        "ShelfView.form_columns: Shelf.area is computed by the database and cannot be changed. "
        "Remove it from form_columns.",
    ),
    "an identity column in a form": (
        {"form_columns": ["name", "width", "number"]},
        "ShelfView.form_columns: Shelf.number is generated by the database and cannot be changed. "
        "Remove it from form_columns.",
    ),
    "a column_property in a form": (
        {"form_columns": ["name", "width", "half"]},
        "ShelfView.form_columns: Shelf.half is an expression, not a column, and cannot be "
        "changed. Remove it from form_columns.",
    ),
    "a hybrid in a form": (
        {"form_columns": ["name", "width", "double"]},
        "ShelfView.form_columns: Shelf.double is an expression, not a column, and cannot be "
        "changed. Remove it from form_columns.",
    ),
    "the counter in a form": (
        {"form_columns": ["name", "width", "version"]},
        "ShelfView.form_columns: Shelf.version counts the record's versions and cannot be "
        "changed. Remove it from form_columns.",
    ),
    "a viewonly relation in a form": (
        {"form_columns": ["name", "width", "seen_tags"]},
        "ShelfView.form_columns: Shelf.seen_tags is viewonly and cannot be changed. Remove it "
        "from form_columns; column_details_list shows it.",
    ),
    "a relation to many in a form": (
        {"form_columns": ["name", "width", "below"]},
        "ShelfView.form_columns: Shelf.below is stored in the Shelf records. "
        "Remove it from form_columns, and put Shelf.above into the form_columns of their view.",
    ),
    "a required column that the form lacks": (
        {"form_columns": ["name"]},
        "ShelfView.form_columns lacks Shelf.width, which is required (NOT NULL, without a "
        "default). Add it, give the column a default, or write can_create = False.",
    ),
    "arguments of a field that is not in the form": (
        {"form_args": {"price": {}}},
        "ShelfView.form_args: 'price' has no effect (not in the form). Remove it, or put "
        "Shelf.price into form_columns.",
    ),
    "an override that is no field": (
        {"form_overrides": {"name": str}},
        "ShelfView.form_overrides: 'name' must be a class of backoffice.admin.forms.fields, or one "
        "derived from RecordField.",
    ),
    "an extra field that is no field": (
        {"form_extra_fields": {"note": "Note"}},
        "ShelfView.form_extra_fields: 'note' must be a field of backoffice.admin.forms.fields, or "
        "of a class derived from RecordField.",
    ),
}


@pytest.mark.parametrize("mistake", OPTIONS)
def test_an_option_that_cannot_work_stops_the_start_with_a_sentence(
    problems: Start, mistake: str
) -> None:
    options, sentence = OPTIONS[mistake]
    assert sentence in problems(shelf(**options))
