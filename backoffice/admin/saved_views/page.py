"""The page of a list's saved views."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.parts import Link, Option
from backoffice.admin.pages.saved_views import (
    DeletedEntry,
    NewView,
    SavedViewsPage,
    ViewEntry,
    ViewForm,
)
from backoffice.admin.posted import posted_text
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.saved_views import store
from backoffice.admin.saved_views.describe import describe_queries
from backoffice.admin.saved_views.find import (
    VisibleView,
    find_shared_by_others,
    find_views,
    left_out_labels,
    shared_with,
)
from backoffice.admin.saved_views.query import view_href
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.auth.saved_views import Roles
from backoffice.language import N_, _
from backoffice.models import InvalidValue

PRIVATE = N_("Only you")


@dataclass(frozen=True)
class Refusal:
    """Why a posted view was not saved. ``view_id``: the id of the changed view; None for a new
    one."""

    error: InvalidValue
    view_id: int | None = None


def saved_views_page(
    context: Context, view: RecordView, refusal: Refusal | None = None
) -> Response:
    """The page of a list's saved views. With a ``refusal`` its status is 422 and the refused form
    keeps what was typed."""
    visible = find_views(context, view)
    roles = store.roles_to_share_with(context)
    others = find_shared_by_others(context, view, visible)
    new = refusal if refusal is not None and refusal.view_id is None else None
    queries = dict.fromkeys(saved.query for saved in (*visible, *others))
    if new is not None:
        queries[_posted_query(context)] = None
    words = dict(zip(queries, describe_queries(context, view, list(queries)), strict=True))

    def entry(saved: VisibleView) -> ViewEntry:
        form = _form(context, roles, saved, refusal) if saved.may_change else None
        return _entry(context, view, saved, words[saved.query], form, is_tab=saved in visible)

    page = SavedViewsPage(
        heading=_("Saved views of {records}", records=view.label_plural),
        label_plural=view.label_plural,
        list_href=context.site.href(view.identity, "list"),
        action=context.site.href(view.identity, "views"),
        own=tuple(entry(saved) for saved in visible if saved.is_own),
        others=tuple(entry(saved) for saved in others),
        deleted=tuple(_deleted_entries(context, view)),
        kept_days=store.KEPT_DAYS,
        new=_new_view(context, roles, words, new) if new is not None else None,
        problem=_query_problem(refusal) if refusal is not None and new is None else "",
    )
    crumbs = (Link(view.title_plural, page.list_href), Link(_("Saved views")))
    status = 422 if refusal is not None else 200
    return page_response(
        context, "saved_views.html", page.heading, page, crumbs=crumbs, status=status
    )


def _entry(
    context: Context,
    view: RecordView,
    saved: VisibleView,
    words: str,
    form: ViewForm | None,
    *,
    is_tab: bool,
) -> ViewEntry:
    left_out = [f"{label}: {HIDDEN_VALUE}" for label in left_out_labels(view, saved)]
    return ViewEntry(
        name=saved.name,
        href=view_href(context, view, saved),
        action=context.site.href(view.identity, "views", saved.id),
        sharing=saved.sharing,
        description=" · ".join([words, *left_out]),
        is_own=saved.is_own,
        is_tab=is_tab,
        is_default=saved.id == ListPreferences.of(context.person.preferences, view.identity).view,
        form=form,
    )


def _deleted_entries(context: Context, view: RecordView) -> Iterator[DeletedEntry]:
    for deleted in store.deleted_views(context, view):
        yield DeletedEntry(
            deleted.name,
            datetime_cell(context.settings, deleted.deleted_at),
            context.site.href(view.identity, "views", deleted.id),
        )


def _new_view(
    context: Context, roles: Roles, words: Mapping[str, str], refusal: Refusal
) -> NewView:
    return NewView(
        form=_form(context, roles, None, refusal),
        query=posted_text(context.form, "query"),
        description=words[_posted_query(context)],
        default="default" in context.form,
        problem=_query_problem(refusal),
    )


def _form(
    context: Context, roles: Roles, saved: VisibleView | None, refusal: Refusal | None
) -> ViewForm:
    """The form of a saved view, or of a new one (None). A refused one holds what was typed."""
    offered = dict(roles)
    name, share = "", ""
    if saved is not None:
        name = saved.name
        if saved.role_id is not None:
            share = str(saved.role_id)
            offered.setdefault(saved.role_id, saved.role)
    error = None
    if refusal is not None and refusal.view_id == (saved.id if saved is not None else None):
        error = refusal.error
        name = posted_text(context.form, "name", name)
        share = posted_text(context.form, "share", share)
    return ViewForm(
        name=name,
        shares=(
            Option("", _(PRIVATE), share == ""),
            *(
                Option(str(role_id), shared_with(role), str(role_id) == share)
                for role_id, role in offered.items()
            ),
        ),
        name_error=error.message if error and error.field == "name" else "",
        share_error=error.message if error and error.field == "share" else "",
    )


def _query_problem(refusal: Refusal) -> str:
    return refusal.error.message if refusal.error.field == "query" else ""


def _posted_query(context: Context) -> str:
    return posted_text(context.form, "query").removeprefix("?")
