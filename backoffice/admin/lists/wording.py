"""What records are called, in SQL and in sentences."""

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import func

from backoffice.admin.lists.attributes import may_be_null
from backoffice.columns import kind_of

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins in ``HireDate`` and in ``URLPath``."""


def attribute_words(name: str) -> str:
    """An attribute's name as a person would write it: "Category" for ``category_id``, "Hire date"
    for ``HireDate``, "Customer ID" for ``customerID``."""
    words = _HUMP.sub(" ", name.removesuffix("_id").replace("_", " "))
    if name != name.lower():
        words = " ".join(word if word.isupper() else word.lower() for word in words.split())
    return words[:1].upper() + words[1:]


def label_texts(view: "RecordView") -> list[Any]:
    """The parts of what a view's records are called, as text to look for words in."""
    dialect = view.site.database.dialect
    return [kind_of(part).sql_words(dialect, part) for part in view.label_attributes]


def label_words(view: "RecordView") -> Any:
    """What a view's records are called, as one text in SQL."""
    texts = [
        func.coalesce(text, "") if may_be_null(part) else text
        for part, text in zip(view.label_attributes, label_texts(view), strict=True)
    ]
    label, *further = texts
    for text in further:
        label = label.concat(" ").concat(text)
    return label


def found_text(target: "RecordView", number: int, more: bool) -> str:
    """How a search for records of ``target`` went: so many, and whether there are more."""
    if more:
        return f"The first {number} {target.nouns}: type more to narrow the search."
    if number == 0:
        return f"No {target.nouns} match: try other words."
    return f"{number} {target.noun if number == 1 else target.nouns} found."
