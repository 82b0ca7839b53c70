"""The records that a request names for deletion, and what deleting them does to others."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException

from backoffice.admin.records.cascade import CascadeEffect, cascade_effects
from backoffice.admin.records.keys import key_of, key_text, parse_key, split_keys
from backoffice.admin.view import Context, RecordView
from backoffice.language import _

MOST_AT_ONCE = 500
"""Records that one request deletes, beside those of the cascade."""


@dataclass(frozen=True)
class Deletion:
    """Records to delete.

    ``missing``: how many of the chosen records do not exist (any more). ``effects``: what the
    deletion does to other records.
    """

    view: RecordView
    records: list[Any]
    missing: int
    effects: list[CascadeEffect]

    @property
    def cascade(self) -> list[CascadeEffect]:
        """The effects on records that are deleted as well."""
        return [effect for effect in self.effects if effect.effect == "deleted"]

    @property
    def cascade_number(self) -> int:
        """How many records are deleted as well."""
        return sum(effect.number for effect in self.cascade)

    @property
    def is_single(self) -> bool:
        return len(self.records) == 1

    @property
    def label(self) -> str:
        """What the records are called inside a sentence: "item" or "items"."""
        return self.view.label_of(len(self.records))

    @property
    def obstructed(self) -> list[Any] | None:
        """The records that cannot be deleted because of others; None if these are not known."""
        keys: set[str] = set()
        for effect in self.effects:
            if effect.against is None:
                return None
            keys |= effect.against
        return [record for record in self.records if key_text(record) in keys]

    @property
    def seen_token(self) -> str:
        """What the page shows, as a short text. Where it differs on POST, something changed."""
        counts = [
            f"{effect.effect}:{effect.table}:{effect.label}:{effect.count}"
            for effect in self.effects
        ]
        return ";".join([str(len(self.records)), *counts])


def chosen_keys(context: Context, view: RecordView) -> tuple[list[Any], int]:
    """The keys in ``pks``, which is repeated or separated by commas; and how many are unreadable.

    Raises:
        HTTPException: 400, there is none, or there are more than ``MOST_AT_ONCE``.
    """
    in_form = context.posted and "pks" in context.form
    parameters = context.form if in_form else context.request.query_params
    texts = split_keys(value for value in parameters.getlist("pks") if isinstance(value, str))
    if not texts:
        raise HTTPException(
            400,
            _(
                "No {labels} selected. Select some in the list, then delete them.",
                labels=view.label_plural,
            ),
        )
    if len(texts) > MOST_AT_ONCE:
        raise HTTPException(
            400, _("Delete at most {records} at once.", records=view.counted(MOST_AT_ONCE))
        )
    parsed = [parse_key(view, text) for text in dict.fromkeys(texts)]
    keys = list(dict.fromkeys(key for key in parsed if key is not None))
    return keys, parsed.count(None)


def plan_deletion(
    context: Context, view: RecordView, records: list[Any], missing: int = 0
) -> Deletion:
    """What deleting these records does; a statement for each kind of record and reference."""
    effects = cascade_effects(context, view, [key_of(record) for record in records])
    return Deletion(view, records, missing, effects)
