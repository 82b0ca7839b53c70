"""ColumnSettings a list for oneself: its columns, their order, how close the rows stand."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from backoffice.admin.lists.column_settings import (
    COLUMNS,
    available_columns,
    read_columns,
    stored_columns,
)
from backoffice.admin.return_url import return_url
from backoffice.admin.saved_views.find import default_view, find_views
from backoffice.admin.saved_views.query import VIEW
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences, save_list_preferences
from backoffice.columns.numbers import parse_whole_number

PLACE = "place_"
LAST = 1_000_000


def column_settings_screen(context: Context, view: RecordView) -> Response:
    """POST: keep what was arranged, and lead back to the list.

    ``filters`` alone ("open", "closed") answers 204: a script folds the filters. An address that
    names its columns (a saved view's) gets the new ones instead of the person's own arrangement,
    so that what a view shows and what its tab says never differ in silence.
    """
    form = context.form
    if "filters" in form:
        folded = "closed" if form["filters"] == "closed" else None
        _save(context, view, filters=folded)
        return Response(status_code=204)
    path, _, query = return_url(context, view).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True) or _opened(context, view)
    others = [pair for pair in pairs if pair[0] != COLUMNS]
    named = len(others) != len(pairs)
    if "reset" in form:
        _save(context, view, columns=None, density=None)
        context.browser.notify("success", f"The list of {view.label_plural} is as it comes again.")
        return context.redirect(_address(path, others))
    changes: dict[str, Any] = {"density": "cosy" if form.get("density") == "cosy" else None}
    problems: list[str] = []
    if COLUMNS in form:
        columns, problems = read_columns(view, _in_order(context, view))
        kept = stored_columns(view, columns)
        if named:
            others.append((COLUMNS, ",".join(columns)))
        else:
            changes["columns"] = list(columns) if kept is not None else None
    _save(context, view, **changes)
    if problems:
        context.browser.notify(
            "warning", " ".join([*problems, "The rest is arranged as you chose."])
        )
    else:
        keep = " Save the view to keep its columns." if named else ""
        context.browser.notify("success", f"The list is arranged as you chose.{keep}")
    return context.redirect(_address(path, others))


def _save(context: Context, view: RecordView, **changes: Any) -> None:
    save_list_preferences(context.session, context.person.user_id, view.identity, **changes)


def _opened(context: Context, view: RecordView) -> list[tuple[str, str]]:
    """What the plain list shows, as an address's pairs: the person's default view, or nothing."""
    preferences = ListPreferences.of(context.person.preferences, view.identity)
    if preferences.view is None:
        return []
    found = find_views(context, view)
    opened = default_view(preferences, found)
    return [*parse_qsl(opened.query), (VIEW, str(opened.id))] if opened is not None else []


def _address(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _in_order(context: Context, view: RecordView) -> list[str]:
    """The names of ``columns``, in the order of the fields; by their places where those are said.

    The form without a script numbers the columns as it lists them, behind the one that is always
    first. Who types a 2 at the fourth wants it before what stands second, who types a 3 at the
    second wants it behind the third.
    """
    names = [name for name in context.form.getlist(COLUMNS) if isinstance(name, str)]
    places = [name for name in context.form if name.startswith(PLACE)]
    wanted: dict[str, tuple[int, int]] = {}
    numbered_from = 1 if PLACE + available_columns(view)[0] in places else 2
    for stood, field in enumerate(places, start=numbered_from):
        place = parse_whole_number(str(context.form[field]).strip(), most=LAST)
        if place is not None:
            wanted[field.removeprefix(PLACE)] = (place, (place > stood) - (place < stood))
    # A stable sort: equal places stay as they were; a column whose place was not said goes last.
    return sorted(names, key=lambda name: wanted.get(name, (LAST, 0))) if wanted else names
