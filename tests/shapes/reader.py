"""A browser that reads what it is shown: forms with all their fields, and what no page may show."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from httpx2 import Response

from tests.cast import Browser, text_of

RAW = (
    "Traceback",
    "sqlalche.me",
    "psycopg",
    "pymysql",
    "sqlite3.",
    "IntegrityError",
    "OperationalError",
    "DataError",
    "ProgrammingError",
    "StatementError",
    "constraint failed",
    "violates ",
    "duplicate key",
    "Duplicate entry",
    "[SQL:",
    "object at 0x",
)
"""What comes from a database or from Python, and is for nobody to read."""


class Reader:
    """A signed-in browser, whose every answer is a page for people."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def get(self, path: str, status: int = 200) -> Response:
        """Open a page that answers with ``status``."""
        return self._read(self.browser.get(path), status, path)

    def post(self, path: str, data: Mapping[str, Any], status: int = 303) -> Response:
        """Send what a form holds; ``status``: as above."""
        return self._read(self.browser.post(path, data), status, f"POST {path}")

    def form(self, path: str, action: str = "") -> "Form":
        """The form of a page, as it is when the page has just been opened; ``action``: what its
        address holds, if it is not the one by which a record is written."""
        return form_of(self.get(path), path, action)

    def send(self, form: "Form", status: int = 303) -> Response:
        """Press a form's first button."""
        return self.post(form.action, form.data, status)

    def _read(self, response: Response, status: int, what: str) -> Response:
        assert response.status_code < 500, f"{what}: {response.status_code}"
        for words in RAW:
            assert words not in response.text, f"{what} says {words!r}"
        if response.status_code != status:
            shown = text_of(response).partition("Sign out")[2][:3000]
            raise AssertionError(f"{what}: {response.status_code}, {shown}")
        return response


@dataclass
class Control:
    """One ``input``, ``select`` or ``textarea``. ``options``: a select's values, in order, each
    with whether it is chosen; a box to tick has its one value."""

    name: str
    type: str
    value: str = ""
    is_on: bool = True
    options: dict[str, bool] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    is_lookup: bool = False

    @property
    def values(self) -> list[str]:
        """What a browser sends of it."""
        if self.type in ("checkbox", "radio"):
            return [self.value] if self.is_on else []
        if self.type == "select":
            chosen = [value for value, is_on in self.options.items() if is_on]
            return chosen or list(self.options)[:1]
        if self.type == "multiple":
            return [value for value, is_on in self.options.items() if is_on]
        if self.type == "textarea":
            return [re.sub(r"\r\n|\r|\n", "\r\n", self.value)]
        return [re.sub(r"[\r\n]", "", self.value)]  # a line has no breaks


@dataclass
class Form:
    """A form as a browser has it: what it sends is ``data``."""

    action: str
    controls: list[Control] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(control.name for control in self.controls))

    @property
    def data(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for control in self.controls:
            if values := control.values:
                found.setdefault(control.name, []).extend(values)
        found.pop("csrf_token", None)
        return found

    def fill(self, name: str, *texts: str) -> None:
        """Type ``texts``, or choose them: one, but where several can be ticked. None: leave it
        blank, untick it, choose nothing."""
        controls = [control for control in self.controls if control.name == name]
        assert controls, f"no field {name!r} among {self.names}"
        first = controls[0]
        if first.type in ("checkbox", "radio"):
            for control in controls:
                control.is_on = control.value in texts
            missing = set(texts) - {control.value for control in controls}
            assert not missing, f"{name} has no box for {missing}"
        elif first.type in ("select", "multiple"):
            for text in texts or ("",) * (first.type == "select"):
                # What a lookup found is put into it by a script.
                assert text in first.options or first.is_lookup, (name, text, first.options)
            first.options = {**first.options, **dict.fromkeys(texts, True)}
            first.options = {value: value in (texts or ("",)) for value in first.options}
        else:
            first.value = texts[0] if texts else ""


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.open: Control | None = None
        self.option: str | None = None
        self.lookups = 0

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""))
            self.forms.append(self.form)
        if "data-lookup" in given:
            self.lookups += 1
        if self.form is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "option" and self.open is not None:
            self.option = given.get("value", "")
            self.open.options[self.option] = "selected" in given
        elif not name:
            return
        elif tag == "textarea":
            self.open = Control(name, "textarea")
            self.form.controls.append(self.open)
        elif tag == "select":
            kind = "multiple" if "multiple" in given else "select"
            self.open = Control(name, kind, is_lookup=bool(self.lookups))
            self.form.controls.append(self.open)
        elif tag == "input" and given.get("type") not in ("submit", "button", "file", "image"):
            type_ = given.get("type", "text")
            self.form.controls.append(
                Control(name, type_, given.get("value", ""), "checked" in given)
            )

    def handle_data(self, data: str) -> None:
        if self.open is None:
            return
        if self.open.type == "textarea":
            self.open.value += data
        elif self.option is not None:
            self.open.labels[self.option] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "option":
            self.option = None
        elif tag in ("textarea", "select"):
            if tag == "textarea" and self.open is not None:
                # A browser takes the first line break in a textarea for the page's own.
                self.open.value = re.sub(r"\A(\r\n|\n)", "", self.open.value)
            self.open = None
            self.lookups = 0


def form_of(response: Response, path: str, action: str = "") -> Form:
    """The form by which a record is written, in a page; ``action``: what its address holds."""
    reading = _Reading()
    main = re.search(r"(?s)<main.*</main>", response.text)
    assert main, f"no main part on {path}"
    reading.feed(main[0])
    wanted = (action,) if action else ("/create", "/edit/")
    written = [
        form
        for form in reading.forms
        if "csrf_token" in form.names and any(part in form.action for part in wanted)
        if set(form.names) - {"csrf_token", "next"}  # not the button of a notice
    ]
    assert written, f"no form on {path}: {[form.action for form in reading.forms]}"
    return written[0]


def rows_of(page: Response) -> list[str]:
    """The keys of the records on a list's page, by their links."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = body.split("<tr>")[1:]
    found = []
    for row in rows:
        href = re.search(r'href="[^"]*/(?:details|edit)/([^"?]+)["?]', row)
        assert href, f"no link in {row}"
        found.append(unquote(html.unescape(href[1])))
    return found
