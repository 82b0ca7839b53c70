"""What a person should know about the saved view that a list was opened with, in sentences."""

from collections.abc import Iterator

from backoffice.admin.field_permissions import unsortable, why_unsortable
from backoffice.admin.saved_views.find import VisibleView, left_out_labels
from backoffice.admin.saved_views.query import ALL
from backoffice.admin.saved_views.store import VIEW_GONE
from backoffice.admin.view import Context, RecordView
from backoffice.language import _


def saved_view_messages(
    context: Context, view: RecordView, wanted: str, current: VisibleView | None
) -> Iterator[str]:
    """``wanted``: the saved view as the address names it. ``current``: the one that was found."""
    if current is None and wanted not in ("", ALL):
        yield _(VIEW_GONE)
    if current is not None and current.left_out:
        yield _left_out_message(context, view, current)


def _left_out_message(context: Context, view: RecordView, current: VisibleView) -> str:
    """What of a saved view the person may not use, and why."""
    labels = ", ".join(left_out_labels(view, current))
    fields = [name for name in current.left_out if name in unsortable(context, view)]
    why = (
        why_unsortable(context, view, fields[0])
        if fields
        else _("you don't have permission for that choice")
    )
    return _(
        "Left out of the view “{name}”: {fields} ({reason}).",
        name=current.name,
        fields=labels,
        reason=why,
    )
