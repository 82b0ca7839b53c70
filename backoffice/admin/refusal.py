"""The sentences of a 403."""

from backoffice.admin.options import actions_of
from backoffice.admin.page_options import PageOptions
from backoffice.admin.view import RecordView
from backoffice.auth.permissions import HISTORY, UNDO


def permission_refusal(view: RecordView, action: str) -> str:
    """Why the person may not do ``action``, and who can grant the permission, as sentences."""
    if not view.allows(action):
        return f"{view.name_plural} have no such page."
    verb = {"details": "see", HISTORY: "see the history of", UNDO: "undo changes of"}
    verb |= {own.permission: f"use “{own.label}” on" for own in view.actions if own.own_permission}
    return (
        f"You may not {verb.get(action, action)} {view.label_plural}: that takes the permission "
        f"“{view.name_plural}: {actions_of(view).get(action, action)}”. A superuser, or somebody "
        "who has it and may edit roles, can grant it."
    )


def page_refusal(page: PageOptions) -> str:
    """Why the person may not open a page of one's own, and who can grant the permission."""
    if page.superusers_only:
        return f"You may not open “{page.name}”: it is for superusers only."
    return (
        f"You may not open “{page.name}”: that takes the permission “Pages: {page.name}”. A "
        "superuser, or somebody who has it and may edit roles, can grant it."
    )
