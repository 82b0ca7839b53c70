"""The saved views that a person sees, each without what the person may not see or use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from backoffice.admin.field_permissions import unsortable
from backoffice.admin.lists.column_settings import COLUMNS
from backoffice.admin.lists.filters import FilterContext, filters_of
from backoffice.admin.lists.sorting import read_sort, write_sort
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.auth.saved_views import (
    Roles,
    SavedViewRow,
    select_shared_by_others,
    select_visible,
    select_visible_and_roles,
)
from backoffice.auth.signed_in import SignedIn
from backoffice.columns.numbers import parse_whole_number
from backoffice.language import _
from backoffice.models.rules import LARGEST_INTEGER

MOST_SHARED = 200
"""Views of others that a superuser's page lists."""


@dataclass(frozen=True, slots=True)
class VisibleView:
    """A saved view as one person sees it.

    ``query``: the list's query string, without "?" and without what the person may not see.
    ``left_out``: the filters and fields that the stored query has and the person may not use.
    ``may_change``: whether the person may rename, share, change and delete it. ``owner``: the
    owner's name where ``is_own`` is False, "" if that account is gone.
    ``role_id``, ``role``: the role whose people see it; None and "" if it is shared with nobody.
    """

    id: int
    name: str
    query: str
    is_own: bool
    may_change: bool
    owner: str
    role_id: int | None
    role: str
    left_out: tuple[str, ...] = ()

    @property
    def sharing(self) -> str:
        """Who owns and who sees it: "By Ada Tester, shared with Editor"."""
        if self.is_own and not self.role:
            return _("Only you see it")
        if self.is_own:
            return _("Yours, shared with {role}", role=self.role)
        if not self.owner:
            return _("Shared with {role}", role=self.role)
        return _("By {owner}, shared with {role}", owner=self.owner, role=self.role)


def may_change(person: SignedIn, owner_id: int | None, role_id: int | None) -> bool:
    """Whether the person may rename, share, change, delete and restore a view: the owner, and a
    superuser if it is shared. ``role_id``: the role that it is shared with; None for nobody."""
    return owner_id == person.user_id or (person.is_superuser and role_id is not None)


def find_views(context: Context, view: RecordView) -> tuple[VisibleView, ...]:
    """The saved views of a list that the person owns, by name, then those shared with a role that
    the person has; one statement.

    A superuser finds no others here; ``find_shared_by_others`` does.
    """
    rows = select_visible(context.session, view.identity, user_id=context.person.user_id)
    return _visible_views(context, view, rows)


def find_views_and_roles(
    context: Context, view: RecordView, named: str
) -> tuple[tuple[VisibleView, ...], Roles]:
    """``find_views``, and the roles that the person may share a view with; one statement.

    A superuser may change every shared view: the one whose id is ``named`` is among the views.
    """
    person = context.person
    if not person.is_superuser:
        return find_views(context, view), person.roles
    rows, roles = select_visible_and_roles(
        context.session,
        view.identity,
        user_id=person.user_id,
        named=parse_whole_number(named, most=LARGEST_INTEGER) or 0,
    )
    return _visible_views(context, view, rows), roles


def _visible_views(
    context: Context, view: RecordView, rows: Sequence[SavedViewRow]
) -> tuple[VisibleView, ...]:
    found = [_without_hidden(context, view, _visible_view(row, context.person)) for row in rows]
    return tuple(sorted(found, key=lambda saved: (not saved.is_own, _by_name(saved))))


def find_shared_by_others(
    context: Context, view: RecordView, visible: Sequence[VisibleView]
) -> tuple[VisibleView, ...]:
    """The views of a list that others share with the person; with a superuser, those shared with
    any role. ``visible``: from ``find_views``."""
    if not context.person.is_superuser:
        return tuple(saved for saved in visible if not saved.is_own)
    rows = select_shared_by_others(
        context.session, view.identity, user_id=context.person.user_id, limit=MOST_SHARED
    )
    found = [_without_hidden(context, view, _visible_view(row, context.person)) for row in rows]
    return tuple(sorted(found, key=_by_name))


def default_view(preferences: ListPreferences, found: Sequence[VisibleView]) -> VisibleView | None:
    """The view that the plain list opens with; None if the person chose none, or it is gone."""
    return next((saved for saved in found if saved.id == preferences.view), None)


def current_view(found: Sequence[VisibleView], parameter: str) -> VisibleView | None:
    """The view whose id is the address's parameter ``view``; None if no view has that id.
    The parameter may also be "" or "all"."""
    return next((saved for saved in found if str(saved.id) == parameter), None)


def left_out_labels(view: RecordView, saved: VisibleView) -> list[str]:
    """The labels of the filters and fields that are left out of a view, each once."""
    labels = (
        filters_of(view)[name].label if name in filters_of(view) else view.label_for(name)
        for name in saved.left_out
    )
    return list(dict.fromkeys(labels))


def shared_with(role: str) -> str:
    """The choice to share a view with a role."""
    return _("Everyone with the role {role}", role=role)


def _visible_view(row: SavedViewRow, person: SignedIn) -> VisibleView:
    return VisibleView(
        id=row.id,
        name=row.name,
        query=row.query,
        is_own=row.owner_id == person.user_id,
        may_change=may_change(person, row.owner_id, row.role_id),
        owner="" if row.first_name is None else f"{row.first_name} {row.last_name}",
        role_id=row.role_id,
        role=row.role or "",
    )


def _without_hidden(context: Context, view: RecordView, saved: VisibleView) -> VisibleView:
    """A view without the filters, values, sorts and columns that the person may not use. The owner
    may have seen more: a filter can hold the keys of records that the person may not list."""
    hidden, unsorted = context.hidden(view), unsortable(context, view)
    personal = {name: found for name, found in filters_of(view).items() if found.is_personal}
    if not (unsorted or personal):
        return saved
    filter_context = FilterContext(datetime.now(UTC), context)
    hidden_parameters = {
        parameter: name
        for name, found in filters_of(view).items()
        if name in hidden
        for parameter in found.parameters
    }
    left_out: dict[str, None] = {}
    kept: list[tuple[str, str]] = []
    for parameter, value in parse_qsl(saved.query):
        if parameter in hidden_parameters:
            left_out[hidden_parameters[parameter]] = None
        elif parameter in personal and not personal[parameter].offers(value, filter_context):
            left_out[parameter] = None
        elif parameter == COLUMNS and not hidden.isdisjoint(names := value.split(",")):
            left_out.update(dict.fromkeys(name for name in names if name in hidden))
            kept.append((parameter, ",".join(name for name in names if name not in hidden)))
        elif parameter == "sort" and not unsorted.isdisjoint(sort := dict(read_sort(value))):
            left_out.update(dict.fromkeys(name for name in sort if name in unsorted))
            visible = [(name, down) for name, down in sort.items() if name not in unsorted]
            if visible:
                kept.append((parameter, write_sort(visible)))
        else:
            kept.append((parameter, value))
    if not left_out:
        return saved
    return replace(saved, query=urlencode(kept), left_out=tuple(left_out))


def _by_name(saved: VisibleView) -> tuple[str, int]:
    return saved.name.casefold(), saved.id
