"""Replaying the history: what it last knew of a record, change by change.

An undo is a change like any other. A record that a load made begins with unknown fields; so does
one whose first changes were pruned, or that is older than the history.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from backoffice.history.encoding import Values
from backoffice.history.loads import Load


class ChangeLike(Protocol):
    """What is needed of a change: a ``Change``, or a row of its columns."""

    @property
    def changeset_id(self) -> Any: ...
    @property
    def label(self) -> Any: ...
    @property
    def operation(self) -> Any: ...
    @property
    def before(self) -> Any: ...
    @property
    def after(self) -> Any: ...


@dataclass(slots=True)
class KnownRecord:
    """What the history knows of a record at one moment.

    ``there``: whether it exists. ``values``: its fields, encoded, as far as they are known; ``by``:
    the changeset that each of them is known from. ``whole``: whether it was seen to be created, so
    that a field it does not know is one that the record did not have then. ``label`` and
    ``changeset_id``: what it was called, and the last act that touched it.
    """

    there: bool
    changeset_id: int
    label: str = ""
    values: Values = field(default_factory=dict)
    by: dict[str, int] = field(default_factory=dict)
    whole: bool = False


def after_load(load: Load) -> KnownRecord:
    """What is known of a record that a load made: it is there."""
    return KnownRecord(there=True, changeset_id=load.changeset_id)


def after_change(known: KnownRecord | None, change: ChangeLike) -> KnownRecord:
    """What is known after a change; ``known``: before it, None if nothing was."""
    number = change.changeset_id
    if change.operation == "delete":
        return KnownRecord(there=False, changeset_id=number, label=change.label)
    values: Values = change.after or {}
    if change.operation == "create":
        by = dict.fromkeys(values, number)
        return KnownRecord(True, number, change.label, dict(values), by, whole=True)
    if known is None or not known.there:
        known = KnownRecord(there=True, changeset_id=number)
    known.changeset_id, known.label = number, change.label
    known.values.update(values)
    for name in values:
        known.by[name] = number
    return known


def surprises(known: KnownRecord | None, change: ChangeLike) -> Iterator[tuple[str, Any]]:
    """The fields that a change found otherwise than they were known, with what it found.

    Somebody had written them past the history.
    """
    if known is None or not known.there:
        return
    for name, value in (change.before or {}).items():
        if name in known.values and known.values[name] != value:
            yield name, value
