"""Column settings: which columns a person's list shows, in which order, how dense."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from backoffice.admin.lists.column_settings import (
    COLUMNS,
    available_columns,
    read_columns,
    stored_columns,
)
from backoffice.admin.pages.widths import LEAST, MOST
from backoffice.admin.return_url import return_url
from backoffice.admin.saved_views.find import default_view, find_views
from backoffice.admin.saved_views.query import VIEW
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences, save_list_preferences
from backoffice.columns.numbers import parse_whole_number
from backoffice.language import _

PLACE = "place_"
"""The beginning of the name of a number field, which orders a column (without a script)."""

WIDTH = "width_"
"""The beginning of the name of a field with a column's width."""

LAST = 1_000_000


def column_settings_screen(context: Context, view: RecordView) -> Response:
    """POST saves the settings and redirects to the list.

    ``filters`` alone ("open", "closed") and ``width_NAME`` are answered with 204: scripts send them
    when the person folds the filters or drags a heading's edge. If the list's address names
    columns, as that of a saved view does, the address gets the new ones and the person's own
    settings stay: a view's tab would otherwise show other columns than the view stores.
    """
    form = context.form
    if "filters" in form:
        _save(context, view, filters="closed" if form["filters"] == "closed" else None)
        return Response(status_code=204)
    if widths := _posted_widths(context, view):
        _save(context, view, widths=widths)
        return Response(status_code=204)

    path, _mark, query = return_url(context, view).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True) or _default_view_pairs(context, view)
    other_pairs = [pair for pair in pairs if pair[0] != COLUMNS]
    in_address = len(other_pairs) != len(pairs)
    if form.get("reset") == "widths":
        _save(context, view, widths=None)
        context.browser.notify("success", _("Column widths reset."))
        return context.redirect(_url(path, pairs))
    if "reset" in form:
        _save(context, view, columns=None, density=None, widths=None)
        context.browser.notify("success", _("Columns reset."))
        return context.redirect(_url(path, other_pairs))

    changes: dict[str, Any] = {"density": "cosy" if form.get("density") == "cosy" else None}
    problems: list[str] = []
    if COLUMNS in form:
        columns, problems = read_columns(view, _ordered_names(context, view))
        if in_address:
            other_pairs.append((COLUMNS, ",".join(columns)))
        else:
            is_changed = stored_columns(view, columns) is not None
            changes["columns"] = list(columns) if is_changed else None
    _save(context, view, **changes)
    _notify_saved(context, problems, in_address=in_address)
    return context.redirect(_url(path, other_pairs))


def _posted_widths(context: Context, view: RecordView) -> dict[str, int | None]:
    """The widths in the form, in steps, by the columns' names; None for a column's own again."""
    widths: dict[str, int | None] = {}
    for name in available_columns(view):
        posted = context.form.get(WIDTH + name)
        if isinstance(posted, str):
            steps = parse_whole_number(posted, most=LAST)
            widths[name] = None if steps is None else max(LEAST, min(steps, MOST))
    return widths


def _save(context: Context, view: RecordView, **changes: Any) -> None:
    save_list_preferences(context.session, context.person.user_id, view.identity, **changes)


def _default_view_pairs(context: Context, view: RecordView) -> list[tuple[str, str]]:
    """The parameters of the view that the plain list opens with; none if there is no such."""
    preferences = ListPreferences.of(context.person.preferences, view.identity)
    if preferences.view is None:
        return []
    opened = default_view(preferences, find_views(context, view))
    return [*parse_qsl(opened.query), (VIEW, str(opened.id))] if opened is not None else []


def _ordered_names(context: Context, view: RecordView) -> list[str]:
    """The names in ``columns``, in the order of the fields, or of the numbers where there are any.

    Without a script the form numbers the columns from 2, behind the fixed first one, and the person
    changes numbers. A column that was given a lower number goes before the one that has it already;
    one that was given a higher number goes behind it.
    """
    names = [name for name in context.form.getlist(COLUMNS) if isinstance(name, str)]
    fields = [name for name in context.form if name.startswith(PLACE)]
    first_place = 1 if PLACE + available_columns(view)[0] in fields else 2
    order: dict[str, tuple[int, int]] = {}
    for old_place, field in enumerate(fields, start=first_place):
        place = parse_whole_number(str(context.form[field]).strip(), most=LAST)
        if place is not None:
            moved = (place > old_place) - (place < old_place)
            order[field.removeprefix(PLACE)] = (place, moved)
    # A stable sort: columns with equal places keep their order. One without a place goes last.
    return sorted(names, key=lambda name: order.get(name, (LAST, 0))) if order else names


def _notify_saved(context: Context, problems: list[str], *, in_address: bool) -> None:
    if problems:
        text = " ".join([*problems, _("The other columns were saved.")])
        context.browser.notify("warning", text)
    elif in_address:
        context.browser.notify("success", _("Columns changed. Save the view to keep them."))
    else:
        context.browser.notify("success", _("Columns saved."))


def _url(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path
