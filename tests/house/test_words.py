"""docs/words.md says which words to use. Nothing that people read says the others."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from backoffice.config import CHECKOUT
from tests.house.words import Text, guides, python_texts, script_texts, template_texts

PAGE = (CHECKOUT / "docs" / "words.md").read_text("utf-8")

ALLOWED: dict[str, tuple[str, ...]] = {
    # What the doctor found out about an extension, as a code that nobody reads.
    "backoffice/db/queries/indexes.py": ("may not",),
    "backoffice/cli/doctor_report.py": ("may not",),
    # Names of classes and of variables.
    "backoffice/admin/pages/table_html.py": ("tick",),
    "backoffice/static/list.js": ("ticked",),
    # "May or may not be saved" is about what happened, not about a permission.
    "backoffice/admin/errors.py": ("may not",),
}
"""By a path's beginning: the words that it may say all the same, with the reason."""


def avoided(heading: str) -> list[str]:
    """The words in the last column of the table with that heading."""
    table = PAGE.partition(heading)[2].partition("\n\n")[0]
    rows = [line.rstrip("| ").rpartition("|")[2] for line in table.splitlines()[1:]]
    return [word for row in rows for word in re.findall("“([^”]+)”", row)]


EVERYWHERE = avoided("| Name | What it is | Not |") + avoided("| Write | Not |")
ON_SCREENS = avoided("| Name | What it is | Not on a screen |")


def said(words: Iterable[str], texts: Iterable[Text]) -> Iterator[str]:
    for word in words:
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
        for text in texts:
            allowed = chain(
                *(some for path, some in ALLOWED.items() if text.place.startswith(path))
            )
            if pattern.search(text.words) and word not in allowed:
                yield f"{text.place}: “{word}”"


def test_the_page_has_words_to_avoid() -> None:
    assert "whoever" in EVERYWHERE
    assert "may not" in EVERYWHERE
    assert "changeset" in ON_SCREENS


def test_the_guides_are_all_read() -> None:
    read = {text.place.partition(":")[0] for text in guides()}
    assert {"README.md", "docs/operators/editing.md", "docs/deploying/on-call.md"} <= read
    assert not any(place.startswith("docs/decisions/") for place in read)


def test_the_guides_say_none_of_them() -> None:
    assert list(said(EVERYWHERE, list(guides()))) == []


def test_messages_and_commands_say_none_of_them() -> None:
    assert list(said(EVERYWHERE, list(python_texts()))) == []


def test_screens_say_none_of_them_and_no_developers_words() -> None:
    shown = [*template_texts(), *script_texts()]
    assert list(said([*EVERYWHERE, *ON_SCREENS], shown)) == []
