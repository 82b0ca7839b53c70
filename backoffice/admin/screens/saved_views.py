"""The page of a list's saved views, and the acts on them."""

from collections.abc import Callable, Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin import view_keeping as keeping
from backoffice.admin.cells import moment_cell
from backoffice.admin.field_rules import HIDDEN
from backoffice.admin.pages import Link, Option
from backoffice.admin.saved_views import NamedView, find_views, labels_left_out, view_href
from backoffice.admin.view import RecordView
from backoffice.admin.view_pages import DeletedEntry, NewView, ViewEntry, ViewForm, ViewsPage
from backoffice.admin.view_telling import tell_queries
from backoffice.admin.visit import Visit
from backoffice.auth.preferences import ListPreferences, save_list_preferences
from backoffice.models import InvalidValue, SavedView

PRIVATE = "Only you"


def views_screen(visit: Visit, view: RecordView) -> Response:
    """GET: the list's saved views. POST: save one (``name``, ``query``, ``share``, ``default``)."""
    if not visit.posted:
        return _page(visit, view)
    name, query, share = (_field(visit, field) for field in ("name", "query", "share"))
    try:
        saved, problems = keeping.create_view(visit, view, name, query, share)
    except InvalidValue as error:
        visit.session.rollback()
        return _page(visit, view, wrong=error)
    if "default" in visit.form:
        _make_default(visit, view, saved.id)
    _tell(visit, f"Saved the view “{saved.name}”.", problems)
    return visit.redirect(view_href(visit, view, _as_named(saved)))


def saved_view_screen(visit: Visit, view: RecordView) -> Response:
    """POST: what ``do`` says; without it, what is given of ``name``, ``share`` and ``query``."""
    key = visit.request.path_params["pk"]
    act = ACTS.get(_field(visit, "do") or "change")
    if act is None:
        raise HTTPException(400, "A saved view can be changed, copied, deleted and restored.")
    return act(visit, view, key)


def _change(visit: Visit, view: RecordView, key: str) -> Response:
    saved = _undeleted(keeping.find_to_change(visit, view, key))
    given = {name: _field(visit, name) for name in ("name", "query", "share") if name in visit.form}
    try:
        problems = keeping.change_view(visit, view, saved, **given)
    except InvalidValue as error:
        visit.session.rollback()
        return _page(visit, view, wrong=error, at=saved.id)
    _tell(visit, f"Saved the view “{saved.name}”.", problems)
    if "query" in given:
        return visit.redirect(view_href(visit, view, _as_named(saved)))
    return _back(visit, view)


def _delete(visit: Visit, view: RecordView, key: str) -> Response:
    saved = keeping.find_to_change(visit, view, key)
    keeping.delete_view(visit, saved)
    visit.browser.notify(
        "success",
        f"Deleted the view “{saved.name}”.",
        link="Restore",
        href=f"{visit.site.href(view.identity, 'views')}#deleted",
    )
    return _back(visit, view)


def _restore(visit: Visit, view: RecordView, key: str) -> Response:
    saved = keeping.find_to_change(visit, view, key)
    before = saved.name
    try:
        keeping.restore_view(visit, view, saved)
    except InvalidValue as error:
        visit.browser.notify("error", error.message)
        return _back(visit, view)
    renamed = "" if saved.name == before else f", as “{saved.name}”: there is another by now"
    visit.browser.notify("success", f"Restored the view “{before}”{renamed}.")
    return _back(visit, view)


def _copy(visit: Visit, view: RecordView, key: str) -> Response:
    saved = _undeleted(keeping.find_saved(visit, view, key))
    try:
        copy = keeping.copy_view(visit, view, saved)
    except InvalidValue as error:
        visit.browser.notify("error", error.message)
        return _back(visit, view)
    visit.browser.notify("success", f"Copied “{saved.name}”. “{copy.name}” is yours.")
    return _back(visit, view)


def _default(visit: Visit, view: RecordView, key: str) -> Response:
    saved = _undeleted(keeping.find_saved(visit, view, key))
    if not keeping.is_tab(visit.person, saved):
        raise HTTPException(
            403, f"“{saved.name}” is shared with a role that you do not have. Copy it first."
        )
    _make_default(visit, view, saved.id)
    visit.browser.notify("success", f"{view.name_plural} open with “{saved.name}” now.")
    return _back(visit, view)


def _no_default(visit: Visit, view: RecordView, key: str) -> Response:
    # Whichever it is, and whether or not it is there any more.
    _make_default(visit, view, None)
    visit.browser.notify("success", f"{view.name_plural} open with the whole list now.")
    return _back(visit, view)


ACTS: dict[str, Callable[[Visit, RecordView, str], Response]] = {
    "change": _change,
    "delete": _delete,
    "restore": _restore,
    "copy": _copy,
    "default": _default,
    "no-default": _no_default,
}
"""What the field ``do`` may say."""


def _make_default(visit: Visit, view: RecordView, number: int | None) -> None:
    save_list_preferences(visit.session, visit.person.user_id, view.identity, view=number)


def _undeleted(saved: SavedView) -> SavedView:
    if saved.deleted_at is not None:
        raise HTTPException(409, f"“{saved.name}” was deleted. Restore it first.")
    return saved


def _back(visit: Visit, view: RecordView) -> Response:
    return visit.redirect(visit.site.href(view.identity, "views"))


def _tell(visit: Visit, text: str, problems: Sequence[str]) -> None:
    if problems:
        visit.browser.notify("warning", " ".join([text, "Left out:", *problems]))
    else:
        visit.browser.notify("success", text)


def _field(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    return value if isinstance(value, str) else ""


def _as_named(saved: SavedView) -> NamedView:
    return NamedView(saved.id, saved.name, saved.query, True, "", saved.role_id, "")


# The page -----------------------------------------------------------------------------


def _page(
    visit: Visit, view: RecordView, wrong: InvalidValue | None = None, at: int | None = None
) -> Response:
    """The page of all; ``wrong`` with what was typed, at the view ``at`` or at a new one."""
    seen = find_views(visit, view)
    roles = keeping.roles_to_share_with(visit)
    default = ListPreferences.of(visit.person.preferences, view.identity).view
    others = keeping.others_shared(visit, view, seen)
    listed = {one.query: "" for one in (*seen, *others)}
    if wrong is not None and at is None:
        listed[_field(visit, "query").removeprefix("?")] = ""
    listed = dict(zip(listed, tell_queries(visit, view, list(listed)), strict=True))
    list_href = visit.site.href(view.identity, "list")

    def entry(one: NamedView, changeable: bool) -> ViewEntry:
        form = None
        left_out = labels_left_out(view, one)
        if changeable:
            typed = wrong if one.id == at else None
            name = _field(visit, "name") if typed and "name" in visit.form else one.name
            share = _field(visit, "share") if typed and "share" in visit.form else None
            form = _form(roles, name, share, one, typed)
        return ViewEntry(
            name=one.name,
            href=view_href(visit, view, one) if one in seen else f"{list_href}?{one.query}",
            action=visit.site.href(view.identity, "views", one.id),
            sharing=one.sharing,
            says=" · ".join([listed[one.query], *(f"{label}: {HIDDEN}" for label in left_out)]),
            mine=one.mine,
            is_tab=one in seen,
            is_default=one.id == default,
            form=form,
        )

    page = ViewsPage(
        heading=f"Saved views of {view.nouns}",
        nouns=view.nouns,
        list_href=list_href,
        action=visit.site.href(view.identity, "views"),
        own=tuple(entry(one, True) for one in seen if one.mine),
        others=tuple(entry(one, visit.person.is_superuser) for one in others),
        deleted=tuple(
            DeletedEntry(
                one.name,
                moment_cell(visit.settings, one.deleted_at),
                visit.site.href(view.identity, "views", one.id),
            )
            for one in keeping.deleted_views(visit, view)
        ),
        kept_days=keeping.KEPT_DAYS,
        new=_new(visit, roles, listed, wrong) if wrong is not None and at is None else None,
        problem=wrong.message if wrong is not None and at and wrong.field == "query" else "",
    )
    crumbs = (Link(view.name_plural, list_href), Link("Saved views"))
    status = 422 if wrong is not None else 200
    return visit.page("views.html", page.heading, page, crumbs=crumbs, status=status)


def _new(
    visit: Visit,
    roles: Sequence[tuple[int, str]],
    listed: Mapping[str, str],
    wrong: InvalidValue,
) -> NewView:
    query = _field(visit, "query")
    return NewView(
        form=_form(roles, _field(visit, "name"), _field(visit, "share"), None, wrong),
        query=query,
        says=listed[query.removeprefix("?")],
        default="default" in visit.form,
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
