"""What an undo did, as the person is told, and where they go from there."""

from typing import Any
from urllib.parse import unquote

from starlette.responses import Response

from backoffice.admin.changes.describe import may_undo, readable_parts
from backoffice.admin.changes.fields import view_of_table
from backoffice.admin.records.keys import parse_key
from backoffice.admin.records.labels import record_label, stored_label
from backoffice.admin.return_url import NEXT
from backoffice.admin.view import Context, RecordView
from backoffice.auth.browser import UndoButton
from backoffice.auth.return_url import START, safe_return_url
from backoffice.history.queries import Summary
from backoffice.language import N_, _, number

AT_ONCE = "at_once"
"""The button of a notice: it undoes at once. Its value is what the next notice does not offer."""

ONE = {
    "update": N_("“{name}” was changed back."),
    "create": N_("“{name}” was restored."),
    "delete": N_("“{name}” was deleted."),
}
SEVERAL = {
    "update": N_("{records} changed back."),
    "create": N_("{records} restored."),
    "delete": N_("{records} deleted."),
}
"""What an undo did to records, by the operation of its own changes."""


def redirect_after_undo(context: Context) -> Response:
    """Tell the person what the undo of this request did, with a button that undoes that, and take
    them back to the page where they were; to the page of the undo itself where it has no ``next``.
    One statement, and one for each record that is named."""
    changeset_id = context.session.changeset
    assert changeset_id is not None
    parts = readable_parts(context, [changeset_id])[changeset_id]
    offered = may_undo(context, parts)
    button: UndoButton = "undo" if context.form.get(AT_ONCE) == "redo" else "redo"
    context.browser.notify(
        "success",
        " ".join(_describe_undone(context, part) for part in parts),
        href=context.site.href("changeset", "undo", changeset_id) if offered else "",
        button=button if offered else "",
    )
    own = context.site.href("changeset", "details", changeset_id)
    return context.redirect(_where_they_were(context, parts) or own)


def _describe_undone(context: Context, part: Summary) -> str:
    view = view_of_table(context, part.model)
    if part.number == 1:
        return _(ONE[part.operation], name=_name_now(context, view, part))
    records = view.counted(part.number) if view else f"{number(part.number)} {part.model}"
    return _(SEVERAL[part.operation], records=records)


def _name_now(context: Context, view: RecordView | None, part: Summary) -> str:
    """What the record of a change is called after it; the history knows what it was called before.
    One statement, none for a deleted record."""
    if view is not None and part.operation != "delete":
        key = parse_key(view, part.record_id)
        record: Any = context.session.get(view.model, key) if key is not None else None
        if record is not None:
            return record_label(context, record)
    return stored_label(context, view, part.label, part.record_id)


def _where_they_were(context: Context, parts: list[Summary]) -> str:
    """The page that ``next`` names; "" for none, and for the page of this undo, which is over. For
    the page of a record that the undo deleted it is the list: one statement, if the undo deleted
    any."""
    page = next_page(context)
    path = page.partition("?")[0]
    if path.startswith(context.site.href("changeset", "undo", "")):
        return ""
    for part in parts:
        view = view_of_table(context, part.model)
        if view is not None and part.operation == "delete":
            for action in ("details", "edit"):
                start = context.site.href(view.identity, action, "")
                if path.startswith(start) and not _exists(context, view, path[len(start) :]):
                    return context.site.href(view.identity, "list")
    return page


def _exists(context: Context, view: RecordView, quoted_key: str) -> bool:
    key = parse_key(view, unquote(quoted_key))
    return key is not None and context.session.get(view.model, key) is not None


def next_page(context: Context) -> str:
    """The page to return to, from ``next`` in the form or the address; "" for none."""
    given = context.form.get(NEXT) if context.posted else context.request.query_params.get(NEXT)
    if not isinstance(given, str) or not given:
        return ""
    page = safe_return_url(given)
    return page if page != START or given == START else ""
