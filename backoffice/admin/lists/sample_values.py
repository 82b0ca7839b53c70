"""Values to try a list with, where nobody gave any."""

from typing import Any

from backoffice.admin.records.keys import key_for
from backoffice.admin.view import RecordView
from backoffice.columns import Kind

WORD = "doctor"
"""What is searched for; any word does that is long enough for an index."""


def some_value(kind: Kind) -> Any:
    """Some value of a kind; None if nobody can tell one."""
    texts = [text for text, _label in kind.choices] or [kind.example or "m"]
    try:
        return kind.parse(texts[len(texts) // 2])
    except ValueError:
        return None


def some_key(view: RecordView) -> str:
    """What might be the key of one of the view's records, as text; "" if nobody can tell one."""
    key = key_for(view)
    parts = [some_value(kind) for kind in key.kinds]
    return "" if None in parts else key.encode(key.value(parts))
