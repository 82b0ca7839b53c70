"""Every text of every screen can be translated: in the language for tests, none is English.

The pages are fetched in English first: a text that is kept in the language of the first request
would be found, too. What records say is written in digits here, so that every letter is a text of
ours.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette

from backoffice.admin.view import RecordView
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.views import VIEWS
from tests.cast import Browser, text_of
from tests.views.doors import DOORS, Opened
from tests.views.samples import Sample, add, sample

LETTERS = re.compile(r"[^\W\d_]{2,}")
SEEN = ("title", "aria-label", "placeholder", "alt", "label")
"""Attributes that people read or hear."""

DATA = re.compile(
    r"[\w.+-]+@[\w.-]+"  # e-mail addresses
    r"|/admin/[\w/?=&%.-]*"
    r"|\b[0-9a-f]{24}\b"  # numbers of requests
    r"|\b(?:UTC|EUR|Back office|Manager|Editor|Viewer|testclient)\b"
    r"|\(?(?:[jk], )?Alt\+[A-Z]\)?|English|Deutsch \(Schweiz\)"
    r"|\b(?:Ada|Tester|AT|Mine)\b|[A-Z][\w -]* × \d+"  # what people typed
    r"|The roles that the back office comes with"  # the reason that a migration gave
    r"|\b(?:is|who|name|kind):\w*"  # the search language
)
"""What no language changes."""


class Texts(HTMLParser):
    """Finds the letters of a page that are in no translated text, each with where they are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self._open: list[str] = []
        self._depth = 0
        """How many translated texts are open: a sentence may have elements in it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "meta", "link", "br", "col", "img", "hr"):
            self._open.append(tag)
        for name, value in attrs:
            if name in SEEN and value:
                self._look(f"{tag} {name}", value, self._outside(value, 0)[0])

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "textarea", "code", "kbd"} & set(self._open):
            rest, self._depth = self._outside(data, self._depth)
            self._look(" ".join(self._open[-2:]), " ".join(data.split()), rest)

    def _look(self, where: str, text: str, rest: str) -> None:
        if LETTERS.search(DATA.sub(" ", rest)):
            self.found.add((where, text))

    @staticmethod
    def _outside(text: str, depth: int) -> tuple[str, int]:
        """What is outside of translated texts, and how many are open at the end."""
        rest = []
        for character in text:
            depth += (character == "⟦") - (character == "⟧")
            rest.append(character if depth == 0 and character != "⟧" else " ")
        return "".join(rest), depth


def english_on(page: str) -> set[tuple[str, str]]:
    """The texts of a page that are not translated, each with where it is."""
    reader = Texts()
    reader.feed(page)
    return reader.found


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(languages=("en", "qps-ploc"))


def in_digits(made: Sample) -> dict[str, str]:
    """What is typed for a record, without letters where they are the record's own."""
    return {
        name: re.sub(r"[^\W\d_]+", "7", value) if " × " in value else value
        for name, value in made.typed.items()
    }


@pytest.mark.parametrize("view_class", VIEWS, ids=lambda view: view.identity)
def test_every_text_of_every_screen_is_translated(
    view_class: type[RecordView], app: Starlette, ada: Browser, database: Database
) -> None:
    view = next(view for view in app.state.site.record_views if isinstance(view, view_class))
    key = "1"
    typed: dict[str, str] = {}
    if view.can_create:
        made = sample(ada, view, database)
        typed = in_digits(made)
        made = Sample(**{**made.__dict__, "typed": typed})
        key = str(add(ada, view, database, made))
    door = Opened(ada, view, database, key, typed, "name", ("7",))
    found: dict[tuple[str, str], str] = {}
    for language in ("en", "qps-ploc"):
        ada.client.headers["Accept-Language"] = language
        for open_all in DOORS.values():
            for path, response in open_all(door):
                if language == "qps-ploc" and response.headers.get("content-type", "").startswith(
                    "text/html"
                ):
                    for text in english_on(response.text):
                        found.setdefault(text, path)
    assert not found, "\n".join(
        f"{text!r} in {where}, {path}" for (where, text), path in sorted(found.items())
    )


def test_an_error_page_says_what_happened_in_the_language_of_the_request(ada: Browser) -> None:
    ada.client.headers["Accept-Language"] = "qps-ploc"
    told = text_of(ada.get("/admin/item/details/999"))
    assert "Ít máý hávé bééñ délétéd" in told
