"""Sample values, with which the doctor tries lists."""

from typing import Any

from backoffice.admin.records.keys import key_for
from backoffice.admin.view import RecordView
from backoffice.columns import Kind

SAMPLE_WORD = "doctor"
"""A word to search for, long enough for a trigram index."""


def sample_value(kind: Kind) -> Any:
    """A value of a kind; None if the kind has no example."""
    texts = [text for text, _label in kind.choices] or [kind.example or "m"]
    try:
        return kind.parse(texts[len(texts) // 2])
    except ValueError:
        return None


def sample_key(view: RecordView) -> str:
    """A key that a record of the view could have, as text; "" if its columns have no examples."""
    key = key_for(view)
    parts = [sample_value(kind) for kind in key.kinds]
    return "" if None in parts else key.encode(key.value(parts))
