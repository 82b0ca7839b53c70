"""Which columns a list shows and in which order: its own, or as a person or an address says.

An address names them as ``columns=name,price``, and so does a saved view. Where it does not, the
person's own arrangement holds, else the view's ``column_list``.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import MANYTOONE

from backoffice.admin.lists.search import shortened
from backoffice.admin.pages.list import ColumnChoice, ColumnSettings
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences

COLUMNS = "columns"
"""The parameter of a list's address that names its columns."""

MOST_NAMED = 3


def available_columns(view: RecordView) -> tuple[str, ...]:
    """The columns that the list may show: its own, then what the details page has besides.

    Of those only plain columns that are no secret, and relations to one record. The first one is
    the link to the record: it is always shown, and always the first.
    """
    own = view.get_list_columns()
    more = (name for name in view.get_details_columns() if name not in own)
    return (*own, *(name for name in more if _fits_a_cell(view, name)))


def read_columns(view: RecordView, names: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """The columns of ``names`` that the list may show, the link first; and what was wrong.

    Never raises: a name that is no column is left out, and a sentence says so.
    """
    offered = available_columns(view)
    wanted = [name for name in dict.fromkeys(names) if name]
    unknown = [name for name in wanted if name not in offered]
    problems = [f"There is no column “{shortened(name)}” to show." for name in unknown[:MOST_NAMED]]
    return (offered[0], *(n for n in wanted if n in offered and n != offered[0])), problems


def shown_columns(
    view: RecordView, preferences: ListPreferences, given: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The columns that a list shows, in order.

    ``given``: what its address asks for; None where it asks for nothing. A column that is gone
    since the person chose it is left out without a word: that was no mistake of theirs.
    """
    if given is None:
        given = preferences.columns
    return read_columns(view, given)[0] if given is not None else tuple(view.get_list_columns())


def columns_to_keep(view: RecordView, shown: Sequence[str]) -> str | None:
    """``shown`` as ``COLUMNS`` says it: "name,price"; None for the list's own columns."""
    return None if list(shown) == list(view.get_list_columns()) else ",".join(shown)


def column_settings_form(
    context: Context, view: RecordView, shown: Sequence[str], preferences: ListPreferences
) -> ColumnSettings:
    """The form that arranges the list, which shows the columns ``shown`` now.

    Not offered is what would only read "–" for this person, unless the list shows it by itself.
    """
    offered = available_columns(view)
    own = view.get_list_columns()
    others = (
        name
        for name in offered
        if name not in shown and (name in own or context.may_see(view, name))
    )
    return ColumnSettings(
        action=context.site.href(view.identity, "arrange"),
        columns=tuple(
            ColumnChoice(name, view.label_for(name), name in shown, fixed=name == offered[0])
            for name in (*shown, *others)
        ),
        density=preferences.density,
    )


def _fits_a_cell(view: RecordView, name: str) -> bool:
    if name in view.mapper.relationships:
        return view.mapper.relationships[name].direction is MANYTOONE
    column = view.mapper.columns.get(name)
    return column is not None and "secret" not in column.info
