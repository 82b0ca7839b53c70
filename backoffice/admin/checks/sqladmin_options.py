"""Options that have no effect: those of SQLAdmin's own screens, and misspelt ones."""

from collections.abc import Iterator
from difflib import get_close_matches

from backoffice.admin.checks.names import option
from backoffice.admin.view import RecordView

FORM = "form_columns, form_overrides and form_extra_fields make the form"
SCREENS = "the screens have templates of their own"
LIST = "override visible, search_condition or cells"
NO_SCREEN = "there is no such screen"

UNUSED = {
    "column_formatters": "override cell",
    "column_formatters_detail": "override cell",
    "column_type_formatters": "override cell, or register a kind for the type",
    "column_type_formatters_detail": "override cell, or register a kind for the type",
    "column_filters": "write list_filters or option_filters",
    "column_export_list": NO_SCREEN,
    "column_export_exclude_list": NO_SCREEN,
    "column_import_list": NO_SCREEN,
    "column_import_exclude_list": NO_SCREEN,
    "export_types": NO_SCREEN,
    "export_max_rows": NO_SCREEN,
    "use_pretty_export": NO_SCREEN,
    "max_import_file_size": NO_SCREEN,
    "max_reported_missed_rows": NO_SCREEN,
    "import_max_rows": NO_SCREEN,
    "form": FORM,
    "form_base_class": FORM,
    "form_converter": FORM,
    "form_include_pk": "put the key into form_columns",
    "form_rules": "form_columns sets the order of the form",
    "form_create_rules": "form_columns sets the order of the form",
    "form_edit_rules": "form_columns sets the order of the form",
    "form_widget_args": "write form_kinds or form_args",
    "form_ajax_refs": "a relation to many records has a search anyway",
    "save_as": NO_SCREEN,
    "save_as_continue": NO_SCREEN,
    "list_template": SCREENS,
    "create_template": SCREENS,
    "details_template": SCREENS,
    "edit_template": SCREENS,
    "search_auto_submit": "the search box is always sent with Enter",
    "show_compact_lists": "lists show each relation as one cell",
    "non_link_related_fields": "override cell",
    "category": "the navigation has one level",
    "category_icon": "the navigation has one level",
    # Methods that SQLAdmin's own screens call.
    "list": LIST,
    "count": LIST,
    "list_query": LIST,
    "count_query": LIST,
    "search_query": "override search_condition",
    "sort_query": "write column_sortable_list and column_default_sort",
    "details_query": "write details_options",
    "form_details_query": "write details_options",
    "edit_form_query": "write details_options",
    "form_edit_query": "write details_options",
    "search_placeholder": "write search_hint",
    "scaffold_form": "override prepare_form",
    "insert_model": "override apply or saved",
    "update_model": "override apply or saved",
    "delete_model": "override reasons_against_delete or check_change",
    "on_model_change": "override apply or saved",
    "after_model_change": "override saved",
    "on_model_delete": "override reasons_against_delete or check_change",
    "after_model_delete": "override check_change",
    "on_import_row": NO_SCREEN,
    "list_context": SCREENS,
    "create_context": SCREENS,
    "edit_context": SCREENS,
    "details_context": SCREENS,
    "get_list_value": "override cell",
    "get_detail_value": "override cell",
    "get_prop_value": "override cell",
    "check_can_list": "override has_permission",
    "check_can_create": "override check_change",
    "check_can_view_details": "override visible",
    "check_can_edit": "override locked_fields or check_change",
    "check_can_delete": "override reasons_against_delete or check_change",
    "check_can_export": NO_SCREEN,
    "check_can_import": NO_SCREEN,
    "get_export_name": NO_SCREEN,
    "export_data": NO_SCREEN,
    "custom_export_cell": NO_SCREEN,
}
"""Options that SQLAdmin's screens read and ours do not, and what to write instead."""

SWITCHES = ("can_export", "can_import")
"""Options that turn on screens of SQLAdmin which do not exist here."""


def unused_problems(view: RecordView) -> Iterator[str]:
    """The options without effect that a view sets."""
    for class_ in type(view).__mro__:
        if class_ is RecordView:
            return
        for name, value in vars(class_).items():
            if name in UNUSED:
                yield f"{option(view, name)} has no effect: {UNUSED[name]}."
            elif name in SWITCHES and value:
                yield f"{option(view, name)} has no effect: {NO_SCREEN}. Remove it."
            elif hasattr(value, "_action"):
                yield (
                    f"{option(view, name)} has no effect: it is SQLAdmin's action. "
                    "Write backoffice.admin.actions.action."
                )
            elif not (name.startswith("_") or callable(value) or hasattr(RecordView, name)):
                yield from _misspelt(view, name)


def _misspelt(view: RecordView, name: str) -> Iterator[str]:
    known = [
        option_name
        for option_name in dir(RecordView)
        if not option_name.startswith("_") and option_name not in UNUSED
    ]
    if found := get_close_matches(name, known, n=1, cutoff=0.8):
        yield f"{option(view, name)} is not an option. Write {found[0]}."
