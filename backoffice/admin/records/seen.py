"""Which records the person may see, where the view has a condition for that (``visible``).

A record that was read without the condition, such as one that a visible record refers to, is looked
up before its label is printed. Lists look up all of a page at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from backoffice.admin.records.keys import (
    has_key_in,
    key_attributes,
    key_from_row,
    key_text,
    parse_key,
    write_key,
)
from backoffice.admin.view import Context, RecordView

KEYS_PER_STATEMENT = 500


def note_seen(context: Context, view: RecordView, records: Iterable[Any]) -> None:
    """Remember that the person may see these records: they were read under the condition."""
    if not context.sees_all(view):
        seen_keys(context, view).update((key_text(record), True) for record in records)


def seen_keys(context: Context, view: RecordView) -> dict[str, bool]:
    """Whether the person may see each record that was looked up so far, by its key as text."""
    found: dict[str, bool] = context.once(("seen", view), dict)
    return found


def is_seen(context: Context, view: RecordView, key: str) -> bool:
    """Whether the person may see the record with that key (as text). No statement if they may see
    every record, or if it was looked up before; else one."""
    if context.sees_all(view):
        return True
    look_up(context, view, [key])
    return seen_keys(context, view)[key]


def look_up(context: Context, view: RecordView, keys: Iterable[str]) -> None:
    """Find out which of the records with these keys (as text) the person may see; one statement for
    each ``KEYS_PER_STATEMENT``, none if they may see every record."""
    if context.sees_all(view):
        return
    known = seen_keys(context, view)
    unknown = [key for key in dict.fromkeys(keys) if key not in known]
    for texts in _batches(unknown):
        parsed = [key for text in texts if (key := parse_key(view, text)) is not None]
        statement = select(*key_attributes(view)).where(
            has_key_in(view, parsed), context.visible(view)
        )
        rows = context.session.execute(statement).all() if parsed else ()
        known.update(dict.fromkeys(texts, False))
        known.update({write_key(view, key_from_row(view, row)): True for row in rows})


def is_record_seen(context: Context, record: Any) -> bool:
    """``is_seen`` for a loaded record of any view, or of none."""
    view = context.site.nearest_view(type(record))
    return view is None or is_seen(context, view, key_text(record))


def look_up_records(context: Context, records: Iterable[Any]) -> None:
    """``look_up`` for loaded records, of which some may be None, before their labels are printed:
    one statement for each view that has a condition."""
    keys: dict[RecordView, list[str]] = {}
    for record in records:
        view = context.site.nearest_view(type(record)) if record is not None else None
        if view is not None and not context.sees_all(view):
            keys.setdefault(view, []).append(key_text(record))
    for view, texts in keys.items():
        look_up(context, view, texts)


def _batches(keys: Sequence[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while batch := list(islice(remaining, KEYS_PER_STATEMENT)):
        yield batch
