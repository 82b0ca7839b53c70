"""One saved view: changing, copying, deleting and restoring it, and opening the list with it."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.posted import posted_text
from backoffice.admin.saved_views import store
from backoffice.admin.saved_views.notices import notify_saved
from backoffice.admin.saved_views.page import Refusal, saved_views_page
from backoffice.admin.saved_views.query import list_href
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import save_list_preferences
from backoffice.language import _
from backoffice.models import InvalidValue, SavedView


def saved_view_screen(context: Context, view: RecordView) -> Response:
    """POST does what the field ``do`` names; without it, it changes what is posted of ``name``,
    ``share`` and ``query``.

    Raises:
        HTTPException: 400 for an unknown ``do``; 403, 404 and 409 if the view is not the
            person's to change, not theirs to see, or deleted.
    """
    action = ACTIONS.get(posted_text(context.form, "do") or "change")
    if action is None:
        raise HTTPException(400, _("Unknown action on a saved view."))
    return action(context, view, context.request.path_params["pk"])


def _change(context: Context, view: RecordView, view_id: str) -> Response:
    saved = _require_undeleted(store.load_view_for_change(context, view, view_id))
    posted = {
        name: posted_text(context.form, name)
        for name in ("name", "query", "share")
        if name in context.form
    }
    try:
        problems = store.change_view(context, view, saved, **posted)
    except InvalidValue as error:
        context.session.rollback()
        return saved_views_page(context, view, Refusal(error, saved.id))
    notify_saved(context, saved, problems)
    if "query" in posted:
        return context.redirect(list_href(context, view, saved.query, str(saved.id)))
    return _redirect_to_page(context, view)


def _delete(context: Context, view: RecordView, view_id: str) -> Response:
    saved = store.load_view_for_change(context, view, view_id)
    store.delete_view(context, saved)
    context.browser.notify(
        "success",
        _("The view “{name}” was deleted.", name=saved.name),
        link=_("Restore"),
        href=f"{context.site.href(view.identity, 'views')}#deleted",
    )
    return _redirect_to_page(context, view)


def _restore(context: Context, view: RecordView, view_id: str) -> Response:
    saved = store.load_view_for_change(context, view, view_id)
    name = saved.name
    try:
        store.restore_view(context, view, saved)
    except InvalidValue as error:
        context.browser.notify("error", error.message)
        return _redirect_to_page(context, view)
    if saved.name == name:
        text = _("The view “{name}” was restored.", name=name)
    else:
        text = _(
            "The view “{name}” was restored as “{new}”, because its name is taken.",
            name=name,
            new=saved.name,
        )
    context.browser.notify("success", text)
    return _redirect_to_page(context, view)


def _copy(context: Context, view: RecordView, view_id: str) -> Response:
    saved = _require_undeleted(store.load_view(context, view, view_id))
    try:
        copy = store.copy_view(context, view, saved)
    except InvalidValue as error:
        context.browser.notify("error", error.message)
        return _redirect_to_page(context, view)
    context.browser.notify(
        "success",
        _("“{name}” was copied to “{copy}”, which is yours.", name=saved.name, copy=copy.name),
    )
    return _redirect_to_page(context, view)


def _make_default(context: Context, view: RecordView, view_id: str) -> Response:
    saved = _require_undeleted(store.load_view(context, view, view_id))
    if not store.is_tab(context.person, saved):
        raise HTTPException(
            403,
            _(
                "“{name}” is shared with a role that you don't have. Copy it first.",
                name=saved.name,
            ),
        )
    save_list_preferences(context.session, context.person.user_id, view.identity, view=saved.id)
    context.browser.notify("success", _("“{name}” is now your default view.", name=saved.name))
    return _redirect_to_page(context, view)


def _remove_default(context: Context, view: RecordView, view_id: str) -> Response:
    # The view is not loaded: it may be gone, and no default is left in any case.
    save_list_preferences(context.session, context.person.user_id, view.identity, view=None)
    context.browser.notify("success", _("You no longer have a default view."))
    return _redirect_to_page(context, view)


ACTIONS: dict[str, Callable[[Context, RecordView, str], Response]] = {
    "change": _change,
    "delete": _delete,
    "restore": _restore,
    "copy": _copy,
    "default": _make_default,
    "no-default": _remove_default,
}
"""What the field ``do`` may name."""


def _require_undeleted(saved: SavedView) -> SavedView:
    if saved.deleted_at is not None:
        raise HTTPException(409, _("“{name}” was deleted. Restore it first.", name=saved.name))
    return saved


def _redirect_to_page(context: Context, view: RecordView) -> Response:
    return context.redirect(context.site.href(view.identity, "views"))
