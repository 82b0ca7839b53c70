"""What a seal of each form is made of: the columns that its digests cover, pinned by name.

A digest must be made of the same values for ever, so a column added to ``changesets`` or
``changes`` enters none of the forms here. It needs a new one: another name, another number in
``seals.form``. Seals of the older forms are then read as they were made.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SealFormat:
    """One way to seal.

    ``name``: the first thing in each hash, so that no seal passes for one of another form.
    ``changeset`` and ``change``: the columns that a digest covers, in its order.
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
    form.number: form
    for form in (
        SealFormat(1, "backoffice seal 1", _CHANGESET, _CHANGE),
        SealFormat(2, "backoffice seal 2", (*_CHANGESET, "loaded_keys"), _CHANGE),
    )
}


CURRENT = FORMATS[max(FORMATS)]
"""The form of new seals."""
