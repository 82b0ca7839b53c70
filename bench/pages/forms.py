"""A page as a browser sees it: its links, and its forms with the values that they would send."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser


class NotThere(Exception):
    """A page has no such link or form; the text says which."""


@dataclass
class Form:
    """A form and the values that it would send. ``buttons``: name and value of the named ones."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, values: dict[str, str | list[str]]) -> list[tuple[str, str]]:
        """Its fields with ``values`` instead of its own: one, several, or an empty list for none.
        A field that it does not have is sent as well."""
        kept = [pair for pair in self.fields if pair[0] not in values]
        for name, value in values.items():
            kept += [(name, text) for text in ([value] if isinstance(value, str) else value)]
        return kept


class PageReader(HTMLParser):
    """Parses a page once."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.radios: list[str] = []
        self._form: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._elsewhere: list[tuple[str, tuple[str, str]]] = []
        self._area: tuple[str, str] | None = None
        self._select: tuple[str, bool] | None = None
        self._options: list[tuple[str, bool]] = []
        self._owner = ""
        self.feed(page)
        for owner, pair in self._elsewhere:
            if owner in self._by_id:
                self._by_id[owner].fields.append(pair)

    def form(self, action: str, *, holding: str = "") -> Form:
        """The first form that has ``action`` in its address, and the field ``holding``.

        Raises:
            NotThere: there is none.
        """
        for form in self.forms:
            names = {name for name, _value in [*form.fields, *form.buttons]}
            if action in form.action and (not holding or holding in names):
                return form
        raise NotThere(f"no form that leads to {action} and has {holding or 'any field'}")

    def link(self, *, rel: str = "", part: str = "") -> str:
        """The first link with that relation, or with ``part`` in its address.

        Raises:
            NotThere: there is none.
        """
        for address, relation in self.links:
            if (not rel or rel in relation.split()) and part in address:
                return address
        raise NotThere(f"no link {rel} {part}")

    def addresses(self, beginning: str) -> list[str]:
        """The addresses of its links that begin with a text, each once, in order."""
        found = (address for address, _relation in self.links)
        return list(dict.fromkeys(one for one in found if one.startswith(beginning)))

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("a", "link") and "href" in given:
            self.links.append((given["href"], given.get("rel", "")))
        elif tag == "form":
            self._form = Form(given.get("method", "get"), given.get("action", ""))
            self.forms.append(self._form)
            if "id" in given:
                self._by_id[given["id"]] = self._form
        elif tag == "option" and self._select is not None:
            self._options.append((given.get("value", ""), "selected" in given))
        elif given.get("name") and "disabled" not in given:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        self._owner = given.get("form", "")
        if kind == "radio" and name not in self.radios:
            self.radios.append(name)
        if tag == "textarea":
            self._area = (name, "")
        elif tag == "select":
            self._select, self._options = (name, "multiple" in given), []
        elif tag == "button" and self._form is not None:
            self._form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in given):
            self._add(name, given.get("value", "on" if kind == "checkbox" else ""))

    def _add(self, name: str, value: str) -> None:
        if self._owner:
            self._elsewhere.append((self._owner, (name, value)))
        elif self._form is not None:
            self._form.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area = (self._area[0], self._area[1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            name, text = self._area
            # A browser ignores a line break at the beginning.
            self._add(name, text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None
        elif tag == "select" and self._select is not None:
            name, several = self._select
            chosen = [value for value, is_chosen in self._options if is_chosen]
            if not chosen and not several:
                chosen = [value for value, _is_chosen in self._options[:1]]
            for value in chosen:
                self._add(name, value)
            self._select = None
