"""Saved views in the database: creating, changing, deleting and restoring them, and who may.

The owner may change a view; a superuser may change every view that is shared. A write first locks
the owner's account (``lock_person``), so that names stay unique without a statement that fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from starlette.exceptions import HTTPException

from backoffice.admin.saved_views.find import may_change
from backoffice.admin.saved_views.query import read_query
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import lock_person
from backoffice.auth.pruning import delete_some
from backoffice.auth.saved_views import select_roles
from backoffice.auth.signed_in import SignedIn
from backoffice.columns.numbers import parse_whole_number
from backoffice.history import RecordSession
from backoffice.language import N_, _, number
from backoffice.models import InvalidValue, SavedView
from backoffice.models.rules import LARGEST_INTEGER
from backoffice.models.saved_view import LONGEST_NAME
from backoffice.models.tables import saved_views

VIEW_GONE = N_("This saved view was deleted, or is no longer shared with you.")

MOST_OWN = 30
"""Views of one list that a person may have."""

KEPT_DAYS = 30
"""Days for which a deleted view can be restored."""

MOST_DELETED = 200
"""Deleted views that the page lists."""

PRUNED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DeletedView:
    """A view that can be restored."""

    id: int
    name: str
    deleted_at: datetime


def is_tab(person: SignedIn, saved: SavedView) -> bool:
    """Whether a view is one of the tabs above the person's list, as ``find_views`` finds them."""
    return saved.owner_id == person.user_id or saved.role_id in dict(person.roles)


def may_see(person: SignedIn, saved: SavedView) -> bool:
    """Whether the person may open a view. Nobody sees another person's private views."""
    return may_change(person, saved.owner_id, saved.role_id) or is_tab(person, saved)


def roles_to_share_with(context: Context) -> tuple[tuple[int, str], ...]:
    """The ids and names of the roles that the person may share a view with: the person's own; for
    a superuser all, by one statement."""
    if not context.person.is_superuser:
        return context.person.roles
    return select_roles(context.session)


def deleted_views(context: Context, view: RecordView) -> tuple[DeletedView, ...]:
    """The views of a list that the person may restore, the latest first."""
    may_restore = SavedView.owner_id == context.person.user_id
    if context.person.is_superuser:
        may_restore = sa.or_(may_restore, SavedView.role_id.is_not(None))
    rows = context.session.execute(
        sa.select(SavedView.id, SavedView.name, SavedView.deleted_at)
        .where(
            SavedView.identity == view.identity, SavedView.deleted_at > _prune_before(), may_restore
        )
        .order_by(SavedView.deleted_at.desc(), SavedView.id.desc())
        .limit(MOST_DELETED)
    )
    return tuple(DeletedView(view_id, name, at) for view_id, name, at in rows if at is not None)


def load_view(context: Context, view: RecordView, text: str) -> SavedView:
    """The saved view, deleted or not, whose id is ``text``.

    Raises:
        HTTPException: 404 if no view has that id, or the person may not see it.
    """
    found = None
    number = parse_whole_number(text, most=LARGEST_INTEGER)
    if number is not None:
        found = context.session.scalar(
            sa.select(SavedView)
            .where(SavedView.id == number, SavedView.identity == view.identity)
            .execution_options(populate_existing=True)
        )
    if found is None or not may_see(context.person, found):
        raise HTTPException(404, _(VIEW_GONE))
    return found


def load_view_for_change(context: Context, view: RecordView, text: str) -> SavedView:
    """``load_view``, with its owner's views locked until the transaction ends.

    Raises:
        HTTPException: 404 as ``load_view``; 403 if the person may not change it.
    """
    saved = load_view(context, view, text)
    if saved.owner_id is not None:
        lock_person(context.session, saved.owner_id)
        saved = load_view(context, view, text)
    if not may_change(context.person, saved.owner_id, saved.role_id):
        raise HTTPException(
            403, _("“{name}” belongs to somebody else. Copy it to change it.", name=saved.name)
        )
    return saved


def create_view(
    context: Context, view: RecordView, name: str, query: str, share: str
) -> tuple[SavedView, tuple[str, ...]]:
    """Save ``query`` under ``name``, shared with the role of id ``share`` ("" for nobody).

    Returns the view, and sentences about what of the query was left out.

    Raises:
        InvalidValue: at ``name``, ``query`` or ``share``.
    """
    lock_person(context.session, context.person.user_id)
    prune(context.session)
    query, problems = read_query(context, view, query)
    saved = SavedView(
        identity=view.identity, name=name, query=query, owner_id=context.person.user_id
    )
    saved.role_id = _shared_role(context, share)
    names = _names(context, view.identity, context.person.user_id)
    _require_room(names, view)
    _require_free_name(names, saved.name)
    context.session.add(saved)
    context.session.flush()
    return saved, problems


def change_view(
    context: Context,
    view: RecordView,
    saved: SavedView,
    *,
    name: str | None = None,
    query: str | None = None,
    share: str | None = None,
) -> tuple[str, ...]:
    """Change a view from ``load_view_for_change``; None leaves a value as it is.

    Returns sentences about what of the query was left out.

    Raises:
        InvalidValue: at ``name``, ``query`` or ``share``.
    """
    problems: tuple[str, ...] = ()
    if name is not None:
        before, saved.name = saved.name, name
        if saved.name != before:
            _require_free_name(_names(context, view.identity, saved.owner_id), saved.name)
    if share is not None:
        saved.role_id = _shared_role(context, share, saved)
    if query is not None:
        saved.query, problems = read_query(context, view, query)
    context.session.flush()
    return problems


def delete_view(context: Context, saved: SavedView) -> None:
    """Delete a view. It can be restored for ``KEPT_DAYS``."""
    if saved.deleted_at is None:
        saved.deleted_at, saved.live = datetime.now(UTC), None
    context.session.flush()
    prune(context.session)


def restore_view(context: Context, view: RecordView, saved: SavedView) -> None:
    """Restore a deleted view, as “Name (2)” where its owner has another of its name by now.

    Raises:
        InvalidValue: its owner has ``MOST_OWN`` views of this list.
    """
    if saved.deleted_at is None:
        return
    names = _names(context, view.identity, saved.owner_id)
    if saved.owner_id is not None:
        _require_room(names, view)
    saved.name = free_name(names, saved.name)
    saved.deleted_at, saved.live = None, True
    context.session.flush()


def copy_view(context: Context, view: RecordView, saved: SavedView) -> SavedView:
    """Copy a view for the person who asks. The copy is shared with nobody.

    Raises:
        InvalidValue: the person has ``MOST_OWN`` views of this list.
    """
    lock_person(context.session, context.person.user_id)
    names = _names(context, view.identity, context.person.user_id)
    _require_room(names, view)
    copy = SavedView(
        identity=view.identity,
        name=free_name(names, saved.name),
        query=saved.query,
        owner_id=context.person.user_id,
    )
    context.session.add(copy)
    context.session.flush()
    return copy


def prune(session: RecordSession) -> None:
    """Remove some of the views that were deleted more than ``KEPT_DAYS`` ago, and of the private
    views of accounts that are gone."""
    is_unneeded = sa.or_(
        SavedView.deleted_at <= _prune_before(),
        sa.and_(SavedView.owner_id.is_(None), SavedView.role_id.is_(None)),
    )
    delete_some(session, saved_views.c.id, is_unneeded, PRUNED_AT_ONCE)


def free_name(taken: Sequence[str], name: str) -> str:
    """``name`` where it is not ``taken``, else with the first free number: "Low stock (2)"."""
    free, number = name, 2
    while free in taken:
        suffix = f" ({number})"
        free, number = name[: LONGEST_NAME - len(suffix)].rstrip() + suffix, number + 1
    return free


def _prune_before() -> datetime:
    return datetime.now(UTC) - timedelta(days=KEPT_DAYS)


def _names(context: Context, identity: str, owner_id: int | None) -> list[str]:
    """The names of an owner's views of a list; none if the account is gone, since only an
    owner's names are unique."""
    if owner_id is None:
        return []
    with context.session.no_autoflush:
        return list(
            context.session.scalars(
                sa.select(SavedView.name).where(
                    SavedView.owner_id == owner_id,
                    SavedView.identity == identity,
                    SavedView.deleted_at.is_(None),
                )
            )
        )


def _require_free_name(names: Sequence[str], name: str) -> None:
    if name in names:
        raise InvalidValue(
            "name",
            _("This list already has a view named “{name}”. Choose another name.", name=name),
        )


def _require_room(names: Sequence[str], view: RecordView) -> None:
    if len(names) >= MOST_OWN:
        raise InvalidValue(
            "name",
            _(
                "You can save at most {count} views of {records}. Delete one first.",
                count=number(MOST_OWN),
                records=view.label_plural,
            ),
        )


def _shared_role(context: Context, share: str, saved: SavedView | None = None) -> int | None:
    """The role's id that the form's field ``share`` names; None for "". The role that a view is
    shared with already may stay, whether the person has it or not."""
    if share == "":
        if saved is not None and saved.owner_id is None:
            raise InvalidValue("share", _("Its owner's account was deleted. Choose a role."))
        return None
    offered = {str(role_id): role_id for role_id, _name in roles_to_share_with(context)}
    if saved is not None and saved.role_id is not None:
        offered[str(saved.role_id)] = saved.role_id
    if share not in offered:
        raise InvalidValue("share", _("Choose one of your own roles."))
    return offered[share]
