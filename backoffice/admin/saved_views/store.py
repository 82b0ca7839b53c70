"""Keeping saved views: making, changing, deleting and restoring them, and who may.

Its owner changes a view; one that is shared a superuser may too. All that writes a person's views
waits for one another (``lock_person``), so that names stay unique without a failed statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from starlette.exceptions import HTTPException

from backoffice.admin.saved_views.tabs import NAMED, NamedView, as_seen, named, read_query, views
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import lock_person
from backoffice.auth.signed_in import SignedIn
from backoffice.history import RecordSession
from backoffice.models import InvalidValue, Role, SavedView
from backoffice.models.saved_view import LONGEST_NAME

MOST_OWN = 30
"""Views of one list that a person may keep."""

KEPT_DAYS = 30
"""Days for which a deleted view can be restored."""

MOST_LISTED = 200
PRUNED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DeletedView:
    """A view that can be restored."""

    id: int
    name: str
    deleted_at: datetime


def may_change(signed_in: SignedIn, saved: SavedView) -> bool:
    """Whether the person may rename, share, change, delete and restore a view."""
    return saved.owner_id == signed_in.user_id or (
        signed_in.is_superuser and saved.role_id is not None
    )


def is_tab(signed_in: SignedIn, saved: SavedView) -> bool:
    """Whether a view stands above the person's list, as ``find_views`` finds it."""
    return saved.owner_id == signed_in.user_id or saved.role_id in {
        key for key, _name in signed_in.roles
    }


def may_see(signed_in: SignedIn, saved: SavedView) -> bool:
    """Whether the person may open a view. Nobody ever sees another's that is not shared."""
    return may_change(signed_in, saved) or is_tab(signed_in, saved)


def roles_to_share_with(context: Context) -> tuple[tuple[int, str], ...]:
    """The roles that the person may share a view with: their own; a superuser any."""
    if not context.person.is_superuser:
        return context.person.roles
    rows = context.session.execute(sa.select(Role.id, Role.name).order_by(Role.name))
    return tuple((key, name) for key, name in rows)


def others_shared(
    context: Context, view: RecordView, seen: Sequence[NamedView]
) -> tuple[NamedView, ...]:
    """What others share of a list, for a superuser: also with roles they do not have themselves.

    ``seen``: what they see anyway.
    """
    if not context.person.is_superuser:
        return tuple(one for one in seen if not one.mine)
    statement = (
        NAMED.where(
            views.c.role_id.is_not(None),
            sa.func.coalesce(views.c.owner_id, 0) != context.person.user_id,
        )
        .order_by(views.c.name, views.c.id)
        .limit(MOST_LISTED)
    )
    rows = context.session.execute(statement, {"identity": view.identity})
    found = [as_seen(context, view, named(row, context.person)) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


def deleted_views(context: Context, view: RecordView) -> tuple[DeletedView, ...]:
    """The views of a list that the person may restore, the last one deleted first."""
    may = SavedView.owner_id == context.person.user_id
    if context.person.is_superuser:
        may = sa.or_(may, SavedView.role_id.is_not(None))
    rows = context.session.execute(
        sa.select(SavedView.id, SavedView.name, SavedView.deleted_at)
        .where(SavedView.identity == view.identity, SavedView.deleted_at > _oldest(), may)
        .order_by(SavedView.deleted_at.desc(), SavedView.id.desc())
        .limit(MOST_LISTED)
    )
    return tuple(DeletedView(key, name, at) for key, name, at in rows if at is not None)


def find_saved(context: Context, view: RecordView, key: str) -> SavedView:
    """The view of that key as it is.

    Raises:
        HTTPException: 404 where the person sees none of that key.
    """
    found = None
    if key.isascii() and key.isdecimal() and len(key) < 10:
        found = context.session.scalar(
            sa.select(SavedView)
            .where(SavedView.id == int(key), SavedView.identity == view.identity)
            .execution_options(populate_existing=True)
        )
    if found is None or not may_see(context.person, found):
        raise HTTPException(404, "This saved view is gone, or is no longer shared with you.")
    return found


def find_to_change(context: Context, view: RecordView, key: str) -> SavedView:
    """``find_saved`` of a view that the person is about to change; nobody else does meanwhile.

    Raises:
        HTTPException: 404 as there; 403 where it is somebody else's.
    """
    saved = find_saved(context, view, key)
    if saved.owner_id is not None:
        lock_person(context.session, saved.owner_id)
        saved = find_saved(context, view, key)
    if not may_change(context.person, saved):
        raise HTTPException(
            403, f"“{saved.name}” is not yours: copy it, then change the copy as you like."
        )
    return saved


def create_view(
    context: Context, view: RecordView, name: str, query: str, share: str
) -> tuple[SavedView, tuple[str, ...]]:
    """Save ``query`` under ``name``, shared with the role of key ``share`` ("" for nobody).

    Returns the view, and what of the query was left out, in sentences.

    Raises:
        InvalidValue: of ``name``, ``query`` or ``share``.
    """
    lock_person(context.session, context.person.user_id)
    prune(context.session)
    kept, problems = read_query(context, view, query)
    saved = SavedView(
        identity=view.identity, name=name, query=kept, owner_id=context.person.user_id
    )
    saved.role_id = _role_of(context, share)
    names = _names_of(context, view.identity, context.person.user_id)
    _require_room(names, view)
    _require_free(names, saved.name)
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
    """Change what is given of a view from ``find_to_change``; None leaves it.

    Returns what of the query was left out, in sentences.

    Raises:
        InvalidValue: of ``name``, ``query`` or ``share``.
    """
    problems: tuple[str, ...] = ()
    if name is not None:
        before, saved.name = saved.name, name
        if saved.name != before:
            _require_free(_names_of(context, view.identity, saved.owner_id), saved.name)
    if share is not None:
        saved.role_id = _role_of(context, share, saved)
    if query is not None:
        saved.query, problems = read_query(context, view, query)
    context.session.flush()
    return problems


def delete_view(context: Context, saved: SavedView) -> None:
    """Take a view away; it can be restored for ``KEPT_DAYS``."""
    if saved.deleted_at is None:
        saved.deleted_at, saved.live = datetime.now(UTC), None
    context.session.flush()
    prune(context.session)


def restore_view(context: Context, view: RecordView, saved: SavedView) -> None:
    """Bring a deleted view back, as “Name (2)” where its owner has used its name again.

    Raises:
        InvalidValue: its owner has as many views as there may be.
    """
    if saved.deleted_at is None:
        return
    names = _names_of(context, view.identity, saved.owner_id)
    if saved.owner_id is not None:
        _require_room(names, view)
    saved.name = free_name(names, saved.name)
    saved.deleted_at, saved.live = None, True
    context.session.flush()


def copy_view(context: Context, view: RecordView, saved: SavedView) -> SavedView:
    """A view of one's own that says the same and is shared with nobody.

    Raises:
        InvalidValue: the person has as many views as there may be.
    """
    lock_person(context.session, context.person.user_id)
    names = _names_of(context, view.identity, context.person.user_id)
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
    """Forget what was deleted long ago, and what belongs to nobody: the private views of accounts
    that are gone."""
    keys = session.scalars(
        sa.select(SavedView.id)
        .where(
            sa.or_(
                SavedView.deleted_at <= _oldest(),
                sa.and_(SavedView.owner_id.is_(None), SavedView.role_id.is_(None)),
            )
        )
        .order_by(SavedView.id)
        .limit(PRUNED_AT_ONCE)
    ).all()
    if keys:
        session.execute(sa.delete(views).where(views.c.id.in_(keys)))


def free_name(taken: Sequence[str], name: str) -> str:
    """``name``, or with the first number behind it that nobody uses: "Low stock (2)"."""
    free, number = name, 2
    while free in taken:
        end = f" ({number})"
        free, number = name[: LONGEST_NAME - len(end)].rstrip() + end, number + 1
    return free


def _oldest() -> datetime:
    return datetime.now(UTC) - timedelta(days=KEPT_DAYS)


def _names_of(context: Context, identity: str, owner_id: int | None) -> list[str]:
    """The names of an owner's views of a list; nobody's views need no names of their own."""
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


def _require_free(names: Sequence[str], name: str) -> None:
    if name in names:
        raise InvalidValue("name", f"There is a view “{name}” of this list. Choose another name.")


def _require_room(names: Sequence[str], view: RecordView) -> None:
    if len(names) >= MOST_OWN:
        raise InvalidValue(
            "name",
            f"There are {MOST_OWN} views of {view.label_plural}, as many as there may be. "
            "Delete one first.",
        )


def _role_of(context: Context, share: str, saved: SavedView | None = None) -> int | None:
    """The role's id of the field ``share``; whatever a view is shared with already may stay."""
    if share == "":
        if saved is not None and saved.owner_id is None:
            raise InvalidValue("share", "Its owner's account is gone: choose who is to see it.")
        return None
    offered = {str(key): key for key, _name in roles_to_share_with(context)}
    if saved is not None and saved.role_id is not None:
        offered[str(saved.role_id)] = saved.role_id
    if share not in offered:
        raise InvalidValue("share", "Choose a role that you have yourself.")
    return offered[share]
