"""Replaying a record's history, change by change, to its last known values.

An undo is a change like any other. The fields of a record are unknown at first if a load inserted
it, if its first changes were pruned, or if it is older than the history.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from backoffice.history.encoding import Values
from backoffice.history.loads import Load


class ChangeLike(Protocol):
    """A ``Change``, or a row with its columns."""

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
    """What the history says of a record after some of its changes.

    ``exists``: whether it is not deleted. ``values``: its known fields, encoded; ``changeset_ids``:
    the changeset that wrote each of them. ``is_complete``: whether the history has its creation, so
    that a field without a value is younger than the record. ``changeset_id``, ``label``: the last
    changeset that wrote the record, and its label then.
    """

    exists: bool
    changeset_id: int
    label: str = ""
    values: Values = field(default_factory=dict)
    changeset_ids: dict[str, int] = field(default_factory=dict)
    is_complete: bool = False


def after_load(load: Load) -> KnownRecord:
    """What is known after a load inserted a record: it exists."""
    return KnownRecord(exists=True, changeset_id=load.changeset_id)


def after_change(known: KnownRecord | None, change: ChangeLike) -> KnownRecord:
    """What is known after a change. ``known``: what was known before it; None for nothing."""
    changeset_id = change.changeset_id
    if change.operation == "delete":
        return KnownRecord(exists=False, changeset_id=changeset_id, label=change.label)
    values: Values = change.after or {}
    if change.operation == "create":
        ids = dict.fromkeys(values, changeset_id)
        return KnownRecord(True, changeset_id, change.label, dict(values), ids, is_complete=True)
    if known is None or not known.exists:
        known = KnownRecord(exists=True, changeset_id=changeset_id)
    known.changeset_id, known.label = changeset_id, change.label
    known.values.update(values)
    for name in values:
        known.changeset_ids[name] = changeset_id
    return known


def unrecorded_values(known: KnownRecord | None, change: ChangeLike) -> Iterator[tuple[str, Any]]:
    """The fields that had other values before a change than the known ones, with those values.

    They were written without a record in the history.
    """
    if known is None or not known.exists:
        return
    for name, value in (change.before or {}).items():
        if name in known.values and known.values[name] != value:
            yield name, value
