"""The page of a list's saved views, and the acts on them."""

from collections.abc import Callable, Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.parts import Link, Option
from backoffice.admin.pages.saved_views import DeletedEntry, NewView, ViewEntry, ViewForm, ViewsPage
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.saved_views import store
from backoffice.admin.saved_views.describe import describe_queries
from backoffice.admin.saved_views.tabs import NamedView, find_views, labels_left_out, view_href
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences, save_list_preferences
from backoffice.models import InvalidValue, SavedView

PRIVATE = "Only you"


def views_screen(context: Context, view: RecordView) -> Response:
    """GET: the list's saved views. POST: save one (``name``, ``query``, ``share``, ``default``)."""
    if not context.posted:
        return _page(context, view)
    name, query, share = (_field(context, field) for field in ("name", "query", "share"))
    try:
        saved, problems = store.create_view(context, view, name, query, share)
    except InvalidValue as error:
        context.session.rollback()
        return _page(context, view, wrong=error)
    if "default" in context.form:
        _make_default(context, view, saved.id)
    _tell(context, f"Saved the view “{saved.name}”.", problems)
    return context.redirect(view_href(context, view, _as_named(saved)))


def saved_view_screen(context: Context, view: RecordView) -> Response:
    """POST: what ``do`` says; without it, what is given of ``name``, ``share`` and ``query``."""
    key = context.request.path_params["pk"]
    act = ACTS.get(_field(context, "do") or "change")
    if act is None:
        raise HTTPException(400, "A saved view can be changed, copied, deleted and restored.")
    return act(context, view, key)


def _change(context: Context, view: RecordView, key: str) -> Response:
    saved = _undeleted(store.find_to_change(context, view, key))
    given = {
        name: _field(context, name) for name in ("name", "query", "share") if name in context.form
    }
    try:
        problems = store.change_view(context, view, saved, **given)
    except InvalidValue as error:
        context.session.rollback()
        return _page(context, view, wrong=error, at=saved.id)
    _tell(context, f"Saved the view “{saved.name}”.", problems)
    if "query" in given:
        return context.redirect(view_href(context, view, _as_named(saved)))
    return _back(context, view)


def _delete(context: Context, view: RecordView, key: str) -> Response:
    saved = store.find_to_change(context, view, key)
    store.delete_view(context, saved)
    context.browser.notify(
        "success",
        f"Deleted the view “{saved.name}”.",
        link="Restore",
        href=f"{context.site.href(view.identity, 'views')}#deleted",
    )
    return _back(context, view)


def _restore(context: Context, view: RecordView, key: str) -> Response:
    saved = store.find_to_change(context, view, key)
    before = saved.name
    try:
        store.restore_view(context, view, saved)
    except InvalidValue as error:
        context.browser.notify("error", error.message)
        return _back(context, view)
    renamed = "" if saved.name == before else f", as “{saved.name}”: there is another by now"
    context.browser.notify("success", f"Restored the view “{before}”{renamed}.")
    return _back(context, view)


def _copy(context: Context, view: RecordView, key: str) -> Response:
    saved = _undeleted(store.find_saved(context, view, key))
    try:
        copy = store.copy_view(context, view, saved)
    except InvalidValue as error:
        context.browser.notify("error", error.message)
        return _back(context, view)
    context.browser.notify("success", f"Copied “{saved.name}”. “{copy.name}” is yours.")
    return _back(context, view)


def _default(context: Context, view: RecordView, key: str) -> Response:
    saved = _undeleted(store.find_saved(context, view, key))
    if not store.is_tab(context.person, saved):
        raise HTTPException(
            403, f"“{saved.name}” is shared with a role that you do not have. Copy it first."
        )
    _make_default(context, view, saved.id)
    context.browser.notify("success", f"{view.name_plural} open with “{saved.name}” now.")
    return _back(context, view)


def _no_default(context: Context, view: RecordView, key: str) -> Response:
    # Whichever it is, and whether or not it is there any more.
    _make_default(context, view, None)
    context.browser.notify("success", f"{view.name_plural} open with the whole list now.")
    return _back(context, view)


ACTS: dict[str, Callable[[Context, RecordView, str], Response]] = {
    "change": _change,
    "delete": _delete,
    "restore": _restore,
    "copy": _copy,
    "default": _default,
    "no-default": _no_default,
}
"""What the field ``do`` may say."""


def _make_default(context: Context, view: RecordView, number: int | None) -> None:
    save_list_preferences(context.session, context.person.user_id, view.identity, view=number)


def _undeleted(saved: SavedView) -> SavedView:
    if saved.deleted_at is not None:
        raise HTTPException(409, f"“{saved.name}” was deleted. Restore it first.")
    return saved


def _back(context: Context, view: RecordView) -> Response:
    return context.redirect(context.site.href(view.identity, "views"))


def _tell(context: Context, text: str, problems: Sequence[str]) -> None:
    if problems:
        context.browser.notify("warning", " ".join([text, "Left out:", *problems]))
    else:
        context.browser.notify("success", text)


def _field(context: Context, name: str) -> str:
    value = context.form.get(name, "")
    return value if isinstance(value, str) else ""


def _as_named(saved: SavedView) -> NamedView:
    return NamedView(saved.id, saved.name, saved.query, True, "", saved.role_id, "")


# The page -----------------------------------------------------------------------------


def _page(
    context: Context, view: RecordView, wrong: InvalidValue | None = None, at: int | None = None
) -> Response:
    """The page of all; ``wrong`` with what was typed, at the view ``at`` or at a new one."""
    seen = find_views(context, view)
    roles = store.roles_to_share_with(context)
    default = ListPreferences.of(context.person.preferences, view.identity).view
    others = store.others_shared(context, view, seen)
    listed = {one.query: "" for one in (*seen, *others)}
    if wrong is not None and at is None:
        listed[_field(context, "query").removeprefix("?")] = ""
    listed = dict(zip(listed, describe_queries(context, view, list(listed)), strict=True))
    list_href = context.site.href(view.identity, "list")

    def entry(one: NamedView, changeable: bool) -> ViewEntry:
        form = None
        left_out = labels_left_out(view, one)
        if changeable:
            typed = wrong if one.id == at else None
            name = _field(context, "name") if typed and "name" in context.form else one.name
            share = _field(context, "share") if typed and "share" in context.form else None
            form = _form(roles, name, share, one, typed)
        return ViewEntry(
            name=one.name,
            href=view_href(context, view, one) if one in seen else f"{list_href}?{one.query}",
            action=context.site.href(view.identity, "views", one.id),
            sharing=one.sharing,
            says=" · ".join(
                [listed[one.query], *(f"{label}: {HIDDEN_VALUE}" for label in left_out)]
            ),
            mine=one.mine,
            is_tab=one in seen,
            is_default=one.id == default,
            form=form,
        )

    page = ViewsPage(
        heading=f"Saved views of {view.label_plural}",
        label_plural=view.label_plural,
        list_href=list_href,
        action=context.site.href(view.identity, "views"),
        own=tuple(entry(one, True) for one in seen if one.mine),
        others=tuple(entry(one, context.person.is_superuser) for one in others),
        deleted=tuple(
            DeletedEntry(
                one.name,
                datetime_cell(context.settings, one.deleted_at),
                context.site.href(view.identity, "views", one.id),
            )
            for one in store.deleted_views(context, view)
        ),
        kept_days=store.KEPT_DAYS,
        new=_new(context, roles, listed, wrong) if wrong is not None and at is None else None,
        problem=wrong.message if wrong is not None and at and wrong.field == "query" else "",
    )
    crumbs = (Link(view.name_plural, list_href), Link("Saved views"))
    status = 422 if wrong is not None else 200
    return page_response(context, "views.html", page.heading, page, crumbs=crumbs, status=status)


def _new(
    context: Context,
    roles: Sequence[tuple[int, str]],
    listed: Mapping[str, str],
    wrong: InvalidValue,
) -> NewView:
    query = _field(context, "query")
    return NewView(
        form=_form(roles, _field(context, "name"), _field(context, "share"), None, wrong),
        query=query,
        says=listed[query.removeprefix("?")],
        default="default" in context.form,
        problem=wrong.message if wrong.field == "query" else "",
    )


def _form(
    roles: Sequence[tuple[int, str]],
    name: str,
    share: str | None,
    one: NamedView | None,
    wrong: InvalidValue | None,
) -> ViewForm:
    """``share``: as typed; None for what holds now."""
    offered = dict(roles)
    if one is not None and one.role_id is not None:
        offered.setdefault(one.role_id, one.role)
    if share is None:
        share = str(one.role_id) if one is not None and one.role_id is not None else ""
    return ViewForm(
        name=name,
        shares=(
            Option("", PRIVATE, share == ""),
            *(
                Option(str(key), f"Everybody with the role {text}", str(key) == share)
                for key, text in offered.items()
            ),
        ),
        name_error=wrong.message if wrong and wrong.field == "name" else "",
        share_error=wrong.message if wrong and wrong.field == "share" else "",
    )
