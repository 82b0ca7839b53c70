"""A form whose record was deleted while it was open."""

from typing import Any

from starlette.exceptions import HTTPException

from backoffice.admin.changes.describe import author_name
from backoffice.admin.changes.visible_changes import may_see_history
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.records.keys import write_key
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.history.audited import history_name
from backoffice.history.queries import record_history
from backoffice.language import N_, _
from backoffice.models import Change, Changeset

GONE = N_("This {label} doesn't exist. It may have been deleted.")


def find_deletion(context: Context, view: RecordView, key: Any) -> tuple[Change, Changeset]:
    """The change that deleted the record with this key, and its changeset.

    Raises:
        HTTPException: 404, the history does not know that the record was deleted, or the person
            may not see it.
    """
    text = "" if key is None else write_key(view, key)
    if not may_see_history(context, view, text):
        raise HTTPException(404, _(GONE, label=view.label))
    found = record_history(context.session, history_name(view.mapper), text, before=None, limit=1)
    if not found or found[0][0].operation != "delete":
        raise HTTPException(404, _(GONE, label=view.label))
    return found[0]


def describe_deletion(context: Context, view: RecordView, changeset: Changeset) -> str:
    """For example "Ed Editor deleted this item yesterday. Nothing was saved."

    Without the name and the time for a person who may not read the record's history.
    """
    if not context.may(HISTORY, view):
        return _("Somebody else deleted this {label}. Nothing was saved.", label=view.label)
    return _(
        "{name} deleted this {label} {when}. Nothing was saved.",
        name=author_name(changeset),
        label=view.label,
        when=datetime_cell(context.settings, changeset.at).text,
    )
