"""Saved views on a list: those that a person sees, as tabs, and the form that saves another one.

A view is a list's address under a name: its search, filters, sort and columns. Its tab leads to
that address with ``view=ID`` behind it, so that the list can tell whether it still shows what the
view says; ``view=all`` is the list without any.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.column_settings import COLUMNS, columns_to_keep, read_columns
from backoffice.admin.lists.filters import Asker, filters_of
from backoffice.admin.lists.sorting import read_sort, write_sort
from backoffice.admin.pages.list import ViewSaving, ViewTab
from backoffice.admin.pages.parts import Option
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.auth.signed_in import SignedIn
from backoffice.db.queries.prepared import PreparedSelect
from backoffice.models import InvalidValue, Role, SavedView, User, user_roles
from backoffice.models.saved_view import LONGEST_QUERY

VIEW = "view"
"""The parameter of a list's address that names its saved view, by number."""

ALL = "all"
GONE = "That saved view is gone, or is no longer shared with you."
MOST_SHOWN = 50
MOST_PAIRS = 200
PASSING = (VIEW, "page", "next", "count", "asof", "find", "csrf_token")
"""Parameters that are no part of a view: where in the list one stands, and whence one came."""

views = cast(sa.Table, SavedView.__table__)
users = cast(sa.Table, User.__table__)
roles = cast(sa.Table, Role.__table__)


@dataclass(frozen=True, slots=True)
class NamedView:
    """A saved view as one person sees it.

    ``query``: the list's query string, without "?". ``mine``: whether it is the person's own, else
    ``owner`` is its owner's name ("" where the account is gone). ``role_id`` and ``role``: whom it
    is shared with; None and "" where with nobody. ``left_out``: the filters and fields that it goes
    by and the person may not use; ``query`` says nothing of them.
    """

    id: int
    name: str
    query: str
    mine: bool
    owner: str
    role_id: int | None
    role: str
    left_out: tuple[str, ...] = ()

    @property
    def sharing(self) -> str:
        """Whose it is and who sees it: "By Ada Tester, shared with Editor"."""
        if self.mine:
            return f"Yours, shared with {self.role}" if self.role else "Only you see it"
        by = f"By {self.owner}, s" if self.owner else "S"
        return f"{by}hared with {self.role}"


NAMED = (
    sa.select(
        views.c.id,
        views.c.name,
        views.c.query,
        views.c.owner_id,
        views.c.role_id,
        users.c.first_name,
        users.c.last_name,
        roles.c.name.label("role"),
    )
    .outerjoin_from(views, users, users.c.id == views.c.owner_id)
    .outerjoin(roles, roles.c.id == views.c.role_id)
    .where(views.c.identity == sa.bindparam("identity"), views.c.deleted_at.is_(None))
)
_MINE = views.c.owner_id == sa.bindparam("person")
_OF_MY_ROLES = views.c.role_id.in_(
    sa.select(user_roles.c.role_id).where(user_roles.c.user_id == sa.bindparam("person"))
)
_SEEN = PreparedSelect(
    NAMED.where(sa.or_(_MINE, _OF_MY_ROLES))
    # One's own go before the limit, whatever others share.
    .order_by(sa.case((_MINE, 0), else_=1), views.c.name, views.c.id)
    .limit(MOST_SHOWN),
)


def find_views(context: Context, view: RecordView) -> tuple[NamedView, ...]:
    """The saved views of a list that the person sees: their own, by name, then those shared with a
    role that they have, each without what they may not see. One statement.

    A superuser sees no others here; the page of saved views shows them all that are shared.
    """
    values = {"identity": view.identity, "person": context.person.user_id}
    rows = _SEEN.run(context.session.connection(), values)
    found = [as_seen(context, view, named(row, context.person)) for row in rows]
    return tuple(sorted(found, key=lambda one: (not one.mine, one.name.casefold(), one.id)))


def named(row: Any, signed_in: SignedIn) -> NamedView:
    """A row of ``NAMED`` as the person sees it."""
    return NamedView(
        id=row.id,
        name=row.name,
        query=row.query,
        mine=row.owner_id == signed_in.user_id,
        owner="" if row.first_name is None else f"{row.first_name} {row.last_name}",
        role_id=row.role_id,
        role=row.role or "",
    )


def as_seen(context: Context, view: RecordView, one: NamedView) -> NamedView:
    """A saved view without the filters, choices and sorts that its reader may not use: the keys in
    them are of records that they may not list."""
    hidden = context.hidden(view)
    choices = {name: each for name, each in filters_of(view).items() if each.is_personal}
    if not (hidden or choices):
        return one
    asker = Asker(datetime.now(UTC), context)
    names = {
        parameter: name
        for name, each in filters_of(view).items()
        if name in hidden
        for parameter in each.parameters
    }
    left_out: dict[str, None] = {}
    kept: list[tuple[str, str]] = []
    for parameter, value in parse_qsl(one.query):
        if parameter in names:
            left_out[names[parameter]] = None
        elif parameter in choices and not choices[parameter].offers(value, asker):
            left_out[parameter] = None
        elif parameter == "sort" and not hidden.isdisjoint(sorts := dict(read_sort(value))):
            left_out.update(dict.fromkeys(name for name in sorts if name in hidden))
            if others := [(name, down) for name, down in sorts.items() if name not in hidden]:
                kept.append((parameter, write_sort(others)))
        else:
            kept.append((parameter, value))
    return replace(one, query=urlencode(kept), left_out=tuple(left_out)) if left_out else one


def labels_left_out(view: RecordView, one: NamedView) -> list[str]:
    """What ``left_out`` of a view is called."""
    labels = (
        filters_of(view)[name].label if name in filters_of(view) else view.label_for(name)
        for name in one.left_out
    )
    return list(dict.fromkeys(labels))


def default_view(preferences: ListPreferences, found: Sequence[NamedView]) -> NamedView | None:
    """The view that the plain list shows; None where none is, or it is gone."""
    return next((one for one in found if one.id == preferences.view), None)


def current_view(found: Sequence[NamedView], word: str) -> NamedView | None:
    """The view that the address's ``VIEW`` names; None for none, "all" and one that is ``GONE``."""
    return next((one for one in found if str(one.id) == word), None)


# What a view says ---------------------------------------------------------------------


def said(view: RecordView, pairs: Sequence[tuple[str, str]]) -> str:
    """An address's pairs as a view keeps them: without what is passing, "" for the plain list."""
    kept = [pair for pair in pairs if pair[0] not in (*PASSING, COLUMNS)]
    named_columns = [value for name, value in pairs if name == COLUMNS]
    if named_columns:
        columns, _problems = read_columns(view, named_columns[-1].split(","))
        if (text := columns_to_keep(view, columns)) is not None:
            kept.append((COLUMNS, text))
    return urlencode(kept)


def read_query(context: Context, view: RecordView, text: str) -> tuple[str, tuple[str, ...]]:
    """A query string as a view keeps it, and what of it could not be read, in sentences.

    Raises:
        InvalidValue: it is too long.
    """
    too_long = InvalidValue("query", "The search and filters are too long to be saved.")
    text = text.encode("utf-8", "replace").decode().removeprefix("?")
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_PAIRS)
    except ValueError:
        raise too_long from None
    pairs = [pair for pair in pairs if pair[0] not in PASSING]
    query = read_address(view, pairs, context)
    kept = said(view, query.pairs())
    if len(kept) > LONGEST_QUERY:
        raise too_long
    return kept, query.messages


def differs(one: str, other: str) -> bool:
    """Whether two query strings say something else: what is ticked in another order is the same."""
    return sorted(parse_qsl(one)) != sorted(parse_qsl(other))


def view_href(context: Context, view: RecordView, one: NamedView) -> str:
    """Where the list shows what a view says."""
    return _href(context, view, one.query, str(one.id))


def _href(context: Context, view: RecordView, query: str, word: str) -> str:
    return f"{context.site.href(view.identity, 'list')}?{query}{'&' if query else ''}{VIEW}={word}"


# On the list --------------------------------------------------------------------------


def tabs_of(
    context: Context,
    view: RecordView,
    found: Sequence[NamedView],
    pairs: Sequence[tuple[str, str]],
    current: NamedView | None,
) -> tuple[ViewTab, ...]:
    """The saved views as tabs, after one for the whole list; none where there are no views.

    ``pairs``: what the list's address says now.
    """
    if not found:
        return ()
    now = said(view, pairs)
    everything = ViewTab("All", _href(context, view, "", ALL), current=current is None)
    return (
        everything,
        *(
            ViewTab(
                one.name,
                view_href(context, view, one),
                current=one is current,
                changed=one is current and differs(one.query, now),
                hint=one.sharing,
            )
            for one in found
        ),
    )


def saving_of(
    context: Context,
    view: RecordView,
    pairs: Sequence[tuple[str, str]],
    shown: Sequence[str],
    current: NamedView | None,
) -> ViewSaving:
    """The form that saves what the list shows now.

    ``pairs``: what its address says; ``shown``: its columns, which a view keeps where they are not
    the list's own, whether the address named them or the person's own arrangement did.
    """
    others = [pair for pair in pairs if pair[0] != COLUMNS]
    query = said(view, [*others, (COLUMNS, ",".join(shown))])
    changed = current is not None and differs(current.query, said(view, pairs))
    mine = current if current is not None and current.mine and changed else None
    return ViewSaving(
        action=context.site.href(view.identity, "views"),
        query=query,
        roles=tuple(Option(str(key), name) for key, name in context.person.roles),
        update_action=context.site.href(view.identity, "views", mine.id) if mine else None,
        update_name=mine.name if mine else "",
        manage_href=context.site.href(view.identity, "views"),
    )
