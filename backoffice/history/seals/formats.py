"""Formats of seals: which columns a digest covers, listed by name.

A digest must be made of the same columns for ever. So a column that is added to ``changesets`` or
``changes`` enters no format that exists. It needs a new one, with another name and another number
in ``seals.form``. Seals of older formats are verified with their own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SealFormat:
    """One format.

    ``number``: the value of ``seals.form``. ``name``: the first part of each hash, so that a seal
    fits no other format. ``changeset`` and ``change``: the columns that a digest covers, in order.
    """

    number: int
    name: str
    changeset: tuple[str, ...]
    change: tuple[str, ...]


_CHANGESET = (
    "at",
    "actor_id",
    "actor",
    "source",
    "reason",
    "request_id",
    "address",
    "undoes_id",
    "loaded",
    "transaction",
)


_CHANGE = ("id", "model", "record_id", "label", "operation", "before", "after")


FORMATS = {
    format_.number: format_
    for format_ in (
        SealFormat(1, "backoffice seal 1", _CHANGESET, _CHANGE),
        SealFormat(2, "backoffice seal 2", (*_CHANGESET, "loaded_keys"), _CHANGE),
    )
}


CURRENT = FORMATS[max(FORMATS)]
"""The format of new seals."""
