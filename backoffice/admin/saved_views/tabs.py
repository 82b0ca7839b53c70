"""Saved views above a list: a tab for each, and the form that saves another one."""

from collections.abc import Sequence

from backoffice.admin.lists.column_settings import COLUMNS
from backoffice.admin.pages.list import SaveViewForm, ViewTab
from backoffice.admin.pages.parts import Option
from backoffice.admin.saved_views.find import VisibleView, shared_with
from backoffice.admin.saved_views.query import ALL, is_changed, list_href, stored_query, view_href
from backoffice.admin.view import Context, RecordView
from backoffice.auth.saved_views import Roles
from backoffice.language import _


def view_tabs(
    context: Context,
    view: RecordView,
    found: Sequence[VisibleView],
    pairs: Sequence[tuple[str, str]],
    current: VisibleView | None,
) -> tuple[ViewTab, ...]:
    """A tab for the whole list and one for each saved view; none if there are no views.

    ``pairs``: the parameters of the list's address.
    """
    if not found:
        return ()
    query = stored_query(view, pairs)
    all_tab = ViewTab(_("All"), list_href(context, view, "", ALL), current=current is None)
    view_tabs = (
        ViewTab(
            saved.name,
            view_href(context, view, saved),
            current=saved is current,
            changed=saved is current and is_changed(saved.query, query),
            hint=saved.sharing,
        )
        for saved in found
    )
    return (all_tab, *view_tabs)


def save_view_form(
    context: Context,
    view: RecordView,
    pairs: Sequence[tuple[str, str]],
    columns: Sequence[str],
    current: VisibleView | None,
    roles: Roles,
) -> SaveViewForm:
    """The form that saves what the list shows now.

    ``pairs``: the parameters of the list's address. ``columns``: those that it shows; the view
    stores them where they are not the list's own, also where they are the person's settings.
    ``roles``: those that the person may share a view with.
    """
    others = [pair for pair in pairs if pair[0] != COLUMNS]
    changed = current is not None and is_changed(current.query, stored_query(view, pairs))
    updated = current if current is not None and current.may_change and changed else None
    action = context.site.href(view.identity, "views")
    return SaveViewForm(
        action=action,
        query=stored_query(view, [*others, (COLUMNS, ",".join(columns))]),
        roles=tuple(Option(str(role_id), shared_with(name)) for role_id, name in roles),
        update_action=(context.site.href(view.identity, "views", updated.id) if updated else None),
        update_name=updated.name if updated else "",
        manage_href=action,
    )
