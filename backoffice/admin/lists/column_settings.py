"""Which columns a list shows, and in which order.

Those that its address names (``columns=name,price``), as a saved view does; else those of the
person's column settings; else the view's ``column_list``.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import MANYTOONE

from backoffice.admin.lists.search import shortened
from backoffice.admin.pages.list import ColumnChoice, ColumnSettings
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.language import _

COLUMNS = "columns"
"""The parameter of a list's address that names its columns."""

MOST_PROBLEMS = 3
"""Unknown columns that messages name."""


def available_columns(view: RecordView) -> tuple[str, ...]:
    """The names of the columns that the list can show: its own, then those of the details page.

    Of the latter only plain columns that are not secret, and many-to-one relations. The first
    column is the link to the record: it is always shown, and always first.
    """
    own = view.get_list_columns()
    others = (name for name in view.get_details_columns() if name not in own)
    return (*own, *(name for name in others if _fits_a_cell(view, name)))


def read_columns(view: RecordView, names: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """The columns among ``names`` that the list can show, the link first; and a sentence about each
    name that is no such column. It never raises.
    """
    available = available_columns(view)
    distinct = [name for name in dict.fromkeys(names) if name]
    unknown = [name for name in distinct if name not in available]
    problems = [
        _("There is no column “{name}”.", name=shortened(name)) for name in unknown[:MOST_PROBLEMS]
    ]
    link = available[0]
    return (link, *(name for name in distinct if name in available and name != link)), problems


def shown_columns(
    view: RecordView, preferences: ListPreferences, named: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The columns that a list shows, in order. ``named``: those that its address names, or None.

    A column that no longer exists is left out without a message: the person made no mistake.
    """
    names = preferences.columns if named is None else named
    return read_columns(view, names)[0] if names is not None else tuple(view.get_list_columns())


def stored_columns(view: RecordView, shown: Sequence[str]) -> str | None:
    """The columns as a value of ``COLUMNS`` to store: "name,price"; None for the list's own."""
    return None if list(shown) == list(view.get_list_columns()) else ",".join(shown)


def column_settings_form(
    context: Context, view: RecordView, shown: Sequence[str], preferences: ListPreferences
) -> ColumnSettings:
    """The form of a list's column settings. ``shown``: the columns that it shows now.

    It does not offer columns that the person may not see, unless they are the list's own.
    """
    available = available_columns(view)
    own = view.get_list_columns()
    others = (
        name
        for name in available
        if name not in shown and (name in own or context.may_see(view, name))
    )
    return ColumnSettings(
        action=context.site.href(view.identity, "arrange"),
        columns=tuple(
            ColumnChoice(name, view.label_for(name), name in shown, fixed=name == available[0])
            for name in (*shown, *others)
        ),
        density=preferences.density,
        has_widths=bool(preferences.widths),
    )


def _fits_a_cell(view: RecordView, name: str) -> bool:
    if name in view.mapper.relationships:
        return view.mapper.relationships[name].direction is MANYTOONE
    if name in view.column_aggregates:
        return True
    column = view.mapper.columns.get(name)
    return column is not None and "secret" not in column.info
