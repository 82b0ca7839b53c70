"""What a person prefers on the screens. The sign-in check reads it; only they write it.

Preferences are no records: the history holds none of them, and writing them makes no changeset
(decision 0008). Each person has one JSON object:

    {"lists": {"item": {"columns": ["name", "price"], "density": "cosy", "view": 7,
                        "widths": {"price": 14}}},
     "language": "de"}

What cannot be read counts as missing, so no page fails on a preference.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import sqlalchemy as sa

from backoffice.history import RecordSession
from backoffice.models.tables import user_preferences, users

Density = Literal["compact", "cosy"]

LARGEST = 8 * 1024
"""Characters of one person's preferences. Past it, the lists that were changed longest ago go.

The sign-in check reads them again in each of its rows, one for each grant."""


@dataclass(frozen=True, slots=True)
class ListPreferences:
    """What a person prefers for one list.

    ``columns``: the names of those shown, in order (one may be gone since); None for the list's
    own. ``filters_open``: whether the filters are shown beside the rows. ``view``: the id of the
    saved view that the plain list opens; None for none. ``widths``: the person's own widths, in
    steps, by the columns' names.
    """

    columns: tuple[str, ...] | None = None
    density: Density = "compact"
    filters_open: bool = True
    view: int | None = None
    widths: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, preferences: Mapping[str, Any], identity: str) -> Self:
        """The preferences for the list ``identity``. No I/O, never raises.

        ``preferences``: all of a person's (``SignedIn.preferences``).
        """
        stored = _list_of(preferences, identity)
        columns, view = stored.get("columns"), stored.get("view")
        names = [name for name in columns if isinstance(name, str)] if type(columns) is list else []
        return cls(
            columns=tuple(dict.fromkeys(names)) or None,
            density="cosy" if stored.get("density") == "cosy" else "compact",
            filters_open=stored.get("filters") != "closed",
            view=view if type(view) is int else None,
            widths=_widths_of(stored),
        )


def preferred_language_of(preferences: Mapping[str, Any]) -> str:
    """The code of the language that a person chose; "" to follow their browser."""
    code = preferences.get("language")
    return code if isinstance(code, str) else ""


def parse_preferences(text: str | None) -> Mapping[str, Any]:
    """A person's preferences from ``user_preferences.data``; empty for None and for other JSON."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def save_list_preferences(
    session: RecordSession, user_id: int, identity: str, **changes: Any
) -> None:
    """Change some of a person's preferences for one list; the others stay as they are.

    ``changes``: ``columns`` (a list of names), ``density``, ``filters`` ("open", "closed"),
    ``view`` (an id), ``widths``, as they are stored; None removes one. Of ``widths`` too, only
    those that are given change. It locks the person's preferences, so two tabs do not undo each
    other's changes.
    """

    def changed(preferences: dict[str, Any]) -> Mapping[str, Any]:
        lists = preferences.get("lists")
        lists = dict(lists) if isinstance(lists, dict) else {}
        stored = {**_list_of(preferences, identity), **changes}
        if changes.get("widths"):
            widths = _widths_of(_list_of(preferences, identity)) | changes["widths"]
            stored["widths"] = {name: width for name, width in widths.items() if width} or None
        lists.pop(identity, None)
        if stored := {name: value for name, value in stored.items() if value is not None}:
            lists[identity] = stored  # at the end: the oldest is first
        preferences["lists"] = lists
        while len(_to_json(preferences)) > LARGEST and len(lists) > 1:
            del lists[next(iter(lists))]
        return preferences

    _change_preferences(session, user_id, changed)


def save_language(session: RecordSession, user_id: int, code: str) -> None:
    """Remember the language that a person chose; "" to follow their browser."""

    def changed(preferences: dict[str, Any]) -> Mapping[str, Any]:
        preferences.pop("language", None)
        return preferences | ({"language": code} if code else {})

    _change_preferences(session, user_id, changed)


def _change_preferences(
    session: RecordSession,
    user_id: int,
    change: Callable[[dict[str, Any]], Mapping[str, Any]],
) -> None:
    """Lock a person's preferences, and store what ``change`` makes of them."""
    if not lock_person(session, user_id):
        return  # somebody deleted the account, and its preferences with it
    before = session.scalar(
        # Reads what is committed by now, even if the transaction began before the lock.
        sa.select(user_preferences.c.data)
        .where(user_preferences.c.user_id == user_id)
        .with_for_update()
    )
    after = _to_json(change(dict(parse_preferences(before))))
    if before is None:
        session.execute(sa.insert(user_preferences).values(user_id=user_id, data=after))
    elif after != before:
        session.execute(
            sa.update(user_preferences)
            .where(user_preferences.c.user_id == user_id)
            .values(data=after)
        )


def lock_person(session: RecordSession, user_id: int) -> bool:
    """Lock this person's preferences and saved views until the unit of work ends.

    Returns False if there is no such person any more.
    """
    return (
        session.scalar(
            sa.select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True)
        )
        is not None
    )


def _list_of(preferences: Mapping[str, Any], identity: str) -> Mapping[str, Any]:
    lists = preferences.get("lists")
    stored = lists.get(identity) if isinstance(lists, dict) else None
    return stored if isinstance(stored, dict) else {}


def _widths_of(stored: Mapping[str, Any]) -> dict[str, int]:
    widths = stored.get("widths")
    if not isinstance(widths, dict):
        return {}
    return {name: width for name, width in widths.items() if type(width) is int and width > 0}


def _to_json(preferences: Mapping[str, Any]) -> str:
    return json.dumps(preferences, separators=(",", ":"))
