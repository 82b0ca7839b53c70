"""The sentences of a 403."""

from backoffice.admin.options import actions_of
from backoffice.admin.page_options import PageOptions
from backoffice.admin.view import RecordView
from backoffice.auth.permissions import HISTORY, UNDO
from backoffice.language import N_, _

REFUSALS = {
    "list": N_("You don't have permission to list {records}."),
    "details": N_("You don't have permission to see {records}."),
    "create": N_("You don't have permission to add {records}."),
    "edit": N_("You don't have permission to edit {records}."),
    "delete": N_("You don't have permission to delete {records}."),
    HISTORY: N_("You don't have permission to see the history of {records}."),
    UNDO: N_("You don't have permission to undo changes of {records}."),
}
OTHER_REFUSAL = N_("You don't have permission to use “{action}” on {records}.")
ASK = N_("Ask an administrator for the permission “{permission}”.")


def permission_refusal(view: RecordView, action: str) -> str:
    """Why the person may not do ``action``, and who can help, as sentences."""
    if not view.allows(action):
        return _("There is no such page for {records}.", records=view.label_plural)
    label = _(actions_of(view).get(action, action))
    refusal = REFUSALS.get(action, OTHER_REFUSAL)
    permission = f"{view.title_plural}: {label}"
    return f"{_(refusal, records=view.label_plural, action=label)} {_(ASK, permission=permission)}"


def page_refusal(page: PageOptions) -> str:
    """Why the person may not open a custom page, and who can help, as sentences."""
    name = _(page.name)
    if page.superusers_only:
        return _(
            "You don't have permission to open “{page}”: it is for superusers only.", page=name
        )
    refusal = _("You don't have permission to open “{page}”.", page=name)
    permission = _("Pages: {page}", page=name)
    return f"{refusal} {_(ASK, permission=permission)}"
