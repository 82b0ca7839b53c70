"""The records that a request names for an action, and which of them it may act on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.admin.actions import Action
from backoffice.admin.records.keys import (
    join_keys,
    key_text,
    parse_key,
    split_keys,
    write_key,
)
from backoffice.admin.records.load import load_records
from backoffice.admin.view import Context, RecordView
from backoffice.language import _, number


@dataclass(frozen=True)
class ChosenKeys:
    """The keys in ``pks``. ``unreadable``: how many no record can have. ``problem``: why no action
    is possible with them, as a sentence; "" if one is."""

    keys: tuple[Any, ...] = ()
    unreadable: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Chosen:
    """Chosen records, in the order of their keys.

    ``refused``: those that the person may not act on, each with the reason. ``missing``: how many
    do not exist (any more), or are not visible to the person.
    """

    records: list[Any] = field(default_factory=list)
    refused: list[tuple[Any, str]] = field(default_factory=list)
    missing: int = 0

    @property
    def pks(self) -> str:
        """The keys of ``records`` as the value of one parameter."""
        return join_keys(key_text(record) for record in self.records)


def read_keys(context: Context, view: RecordView, action: Action) -> ChosenKeys:
    """The keys in ``pks``, which is repeated or separated by commas."""
    in_form = context.posted and "pks" in context.form
    parameters = context.form if in_form else context.request.query_params
    texts = split_keys(value for value in parameters.getlist("pks") if isinstance(value, str))
    if not texts:
        return ChosenKeys(
            problem=_(
                "No {labels} selected. Select some in the list, then press “{action}”.",
                labels=view.label_plural,
                action=_(action.label),
            )
        )
    if len(texts) > action.most:
        return ChosenKeys(
            problem=_(
                "“{action}” takes at most {records} at once. You selected {count}.",
                action=_(action.label),
                records=view.counted(action.most),
                count=number(len(texts)),
            )
        )
    parsed = [parse_key(view, text) for text in texts]
    keys = tuple(dict.fromkeys(key for key in parsed if key is not None))
    return ChosenKeys(keys, parsed.count(None))


def purpose_of(view: RecordView, action: Action, keys: Sequence[Any]) -> str:
    """What a one-time key for these records allows."""
    texts = sorted(write_key(view, key) for key in keys)
    return f"action:{view.identity}:{action.name}:{join_keys(texts)}"


def load_chosen(
    context: Context, view: RecordView, action: Action, chosen: ChosenKeys, *, lock: bool
) -> Chosen:
    """The records with these keys; one statement. ``lock``: whether to lock them for update.

    The view's ``may`` is asked about each; the permission itself was checked before.
    """
    found = load_records(context, view, chosen.keys, for_update=lock) if chosen.keys else []
    records, refused = [], []
    for record in found:
        reason = context.refusal(action.permission, view, record)
        if reason:
            refused.append((record, reason))
        else:
            records.append(record)
    missing = chosen.unreadable + len(chosen.keys) - len(found)
    return Chosen(records, refused, missing)
