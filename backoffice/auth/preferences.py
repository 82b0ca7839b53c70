"""How a person likes the screens: read along with their sign-in, written by themselves alone.

Preferences are no records: nothing of them is in the history, and writing them makes no changeset
(decision 0008). They are kept as one JSON object a person:

    {"lists": {"item": {"columns": ["name", "price"], "density": "cosy", "view": 7}}}

Whatever cannot be read there counts as not said, so that no page fails on a preference.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import sqlalchemy as sa

from backoffice.history import RecordSession
from backoffice.models import User, UserPreferences

if TYPE_CHECKING:
    from backoffice.auth.sessions import SignedIn

Density = Literal["compact", "cosy"]

LARGEST = 8 * 1024
"""Characters of one person's preferences; past it, the lists arranged longest ago are forgotten.

The statement that reads them repeats them in each of its rows, one for each grant."""

user_preferences = cast(sa.Table, UserPreferences.__table__)
users = cast(sa.Table, User.__table__)


@dataclass(frozen=True, slots=True)
class ListPreferences:
    """How a person likes one list.

    ``columns``: those shown, in order, as they were chosen (one may be gone since); None for the
    list's own. ``filters_open``: whether the filters stand beside the rows. ``view``: the id of
    the saved view that the plain list shows; None for none.
    """

    columns: tuple[str, ...] | None = None
    density: Density = "compact"
    filters_open: bool = True
    view: int | None = None

    @classmethod
    def of(cls, signed_in: "SignedIn", identity: str) -> "ListPreferences":
        """The person's preferences for the list ``identity``. No I/O, never raises."""
        said = _said_of(signed_in.preferences, identity)
        columns, view = said.get("columns"), said.get("view")
        names = [one for one in columns if isinstance(one, str)] if type(columns) is list else []
        return cls(
            columns=tuple(dict.fromkeys(names)) or None,
            density="cosy" if said.get("density") == "cosy" else "compact",
            filters_open=said.get("filters") != "closed",
            view=view if type(view) is int else None,
        )


def parse(text: str | None) -> Mapping[str, Any]:
    """What ``user_preferences.data`` says; empty for None and for what is no JSON object."""
    try:
        said = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def save_list_preferences(
    session: RecordSession, user_id: int, identity: str, **changes: Any
) -> None:
    """Change some of what a person prefers for one list; the rest stays as it is.

    ``changes``: ``columns`` (a list of names), ``density``, ``filters`` ("open", "closed"),
    ``view`` (an id), as they are kept; None takes one back. Waits for whoever else changes the
    same person's preferences, so that two tabs do not undo each other.
    """
    if not lock_person(session, user_id):
        return  # the account went meanwhile, and its preferences with it
    found = session.scalar(
        # Reads what is committed by now, also where the transaction began before the lock.
        sa.select(user_preferences.c.data)
        .where(user_preferences.c.user_id == user_id)
        .with_for_update()
    )
    whole = dict(parse(found))
    lists = whole.get("lists")
    lists = dict(lists) if isinstance(lists, dict) else {}
    said = {**_said_of(whole, identity), **changes}
    lists.pop(identity, None)
    if said := {name: value for name, value in said.items() if value is not None}:
        lists[identity] = said  # behind the others: the newest goes last
    text = _written(whole | {"lists": lists})
    while len(text) > LARGEST and len(lists) > 1:
        del lists[next(iter(lists))]
        text = _written(whole | {"lists": lists})
    if found is None:
        session.execute(sa.insert(user_preferences).values(user_id=user_id, data=text))
    elif text != found:
        session.execute(
            sa.update(user_preferences)
            .where(user_preferences.c.user_id == user_id)
            .values(data=text)
        )


def lock_person(session: RecordSession, user_id: int) -> bool:
    """Let nobody else write this person's preferences and views until the unit of work ends.

    Returns whether there is such a person (any more).
    """
    return (
        session.scalar(
            sa.select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True)
        )
        is not None
    )


def _said_of(whole: Mapping[str, Any], identity: str) -> Mapping[str, Any]:
    lists = whole.get("lists")
    said = lists.get(identity) if isinstance(lists, dict) else None
    return said if isinstance(said, dict) else {}


def _written(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, separators=(",", ":"))
