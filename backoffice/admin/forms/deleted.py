"""A record that was deleted: what its page says, and a form that was open in the meantime."""

from typing import Any

from backoffice.admin.changes.describe import author_name
from backoffice.admin.changes.visible_changes import may_see_history
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.records.keys import parse_key, write_key
from backoffice.admin.records.load import NoRecord, load_record
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.history.audited import history_name
from backoffice.history.queries import record_history
from backoffice.language import N_, _
from backoffice.models import Change, Changeset

GONE = N_("This {label} doesn't exist. It may have been deleted.")
HISTORY_KEPT = N_("{name} deleted this {label} {when}. Its history is kept.")
NOTHING_SAVED = N_("{name} deleted this {label} {when}. Nothing was saved.")


def load_or_explain(context: Context, view: RecordView) -> Any:
    """``load_record``, which says of a deleted record who deleted it, with a link to its history.

    Costs two more statements if there is no such record.

    Raises:
        NoRecord: 404, there is no such record, or the person may not see it.
    """
    try:
        return load_record(context, view)
    except NoRecord:
        key = parse_key(view, context.request.path_params["pk"])
        if key is None or not context.may(HISTORY, view):
            raise
    _change, changeset = find_deletion(context, view, key)
    href = context.site.href(view.identity, "history", write_key(view, key))
    raise NoRecord(
        _who_deleted(context, view, changeset, HISTORY_KEPT),
        heading=_("This {label} was deleted", label=view.label),
        link=Link(_("Show its history"), href),
    )


def find_deletion(context: Context, view: RecordView, key: Any) -> tuple[Change, Changeset]:
    """The change that deleted the record with this key, and its changeset.

    Raises:
        NoRecord: 404, the history does not know that the record was deleted, or the person
            may not see it.
    """
    text = "" if key is None else write_key(view, key)
    if not may_see_history(context, view, text):
        raise NoRecord(_(GONE, label=view.label))
    found = record_history(context.session, history_name(view.mapper), text, before=None, limit=1)
    if not found or found[0][0].operation != "delete":
        raise NoRecord(_(GONE, label=view.label))
    return found[0]


def describe_deletion(context: Context, view: RecordView, changeset: Changeset) -> str:
    """For example "Ed Editor deleted this item yesterday. Nothing was saved."

    Without the name and the time for a person who may not read the record's history.
    """
    if not context.may(HISTORY, view):
        return _("Somebody else deleted this {label}. Nothing was saved.", label=view.label)
    return _who_deleted(context, view, changeset, NOTHING_SAVED)


def _who_deleted(context: Context, view: RecordView, changeset: Changeset, text: str) -> str:
    return _(
        text,
        name=author_name(changeset),
        label=view.label,
        when=datetime_cell(context.settings, changeset.at).text,
    )
