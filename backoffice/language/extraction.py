"""The texts to translate: those that the code, the templates and the scripts mark."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_file

PACKAGE = Path(__file__).resolve().parent.parent

KEYWORDS: dict[str, Any] = {
    "_": None,
    "_html": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
"""What marks a text, and which of its arguments are texts."""

_METHODS = {".py": "python", ".html": "jinja2", ".js": "javascript"}
_TEMPLATE_OPTIONS = {"trimmed": "true", "encoding": "utf-8"}
_BYTECODE = "__pycache__"


def extract_texts(*folders: Path, names: Iterable[str] = ()) -> Catalog:
    """A catalogue of all texts to translate in the code, templates and scripts of the folders, each
    with the lines where it is found.

    ``folders``: none for the back office's own package. ``names``: further texts, such as the names
    of views, which are no marked texts.
    """
    catalogue = Catalog(project="backoffice", fuzzy=False)
    for folder in folders or (PACKAGE,):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _METHODS and _BYTECODE not in path.parts:
                place = path.relative_to(folder.parent).as_posix()
                for line, message, context in texts_of(path):
                    catalogue.add(message, locations=[(place, line)], context=context)
    for name in names:
        if name and name not in catalogue:
            catalogue.add(name)
    return catalogue


def texts_of(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    """The texts that a file marks: each with its line and its context. One with a plural is a
    tuple."""
    method = _METHODS[path.suffix]
    options = _TEMPLATE_OPTIONS if method == "jinja2" else {}
    found = extract_from_file(method, path, KEYWORDS, (), options)
    for line, message, _comments, context in found:
        yield line, message, context
