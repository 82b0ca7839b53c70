"""A browser that walks through a running back office, and stores every answer."""

import gzip
import http.client
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

from bench.client import HOST
from bench.pages.forms import Form, PageReader
from bench.pages.masking import masked, masked_form, masked_headers, static_digests

PATIENCE = 60
"""Seconds that an answer may take."""

BROWSER = "Mozilla/5.0 (bench)"
Values = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Page:
    """An answer, and how a browser reads it."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    @cached_property
    def read(self) -> PageReader:
        return PageReader(self.body)

    @property
    def location(self) -> str:
        """The address that it redirects to; "" if none."""
        return next((value for name, value in self.headers if name.lower() == "location"), "")


class Stopped(Exception):
    """The walk was stopped in the middle."""


@dataclass
class Record:
    """A folder of answers: a file for each, numbered within its chapter.

    ``statics``: the static files that the pages name, each with its digest. ``stopped``: whether
    the next answer is to raise ``Stopped``.
    """

    folder: Path
    chapter: str = ""
    number: int = 0
    stopped: bool = False
    statics: dict[str, str] = field(default_factory=dict)

    def begin(self, chapter: str) -> None:
        self.chapter, self.number = chapter, 0

    def write(self, title: str, lines: Iterable[str]) -> None:
        """Write one more file of the chapter. ``title`` is its first line and gives it its name."""
        if self.stopped:
            raise Stopped
        self.number += 1
        words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80]
        name = f"{self.chapter}-{self.number:03}-{words}.txt"
        (self.folder / name).write_text("\n".join([title, *lines, ""]), "utf-8")

    def add(self, title: str, page: Page) -> None:
        self.statics |= static_digests(page.body)
        headers = masked_headers(page.headers)
        self.write(title, [str(page.status), *headers, "", masked(page.body)])


@dataclass
class Visitor:
    """A browser: keeps cookies, follows no redirect by itself, and sends a form's own token."""

    name: str
    port: int
    record: Record
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str, **headers: str) -> Page:
        """Open a page."""
        title = f"{self.name} GET {masked(path)}" + _told(headers)
        return self._ask("GET", path, None, headers, title)

    def post(self, path: str, values: Values | None = None, **headers: str) -> Page:
        """Send a form that is on no page, with the token of the last page."""
        form = Form("post", path, [("csrf_token", self.token)])
        return self.send(form, values, **headers)

    def send(self, form: Form, values: Values | None = None, **headers: str) -> Page:
        """Send a form with ``values`` instead of its own."""
        fields = form.filled(dict(values or {}))
        if form.method == "get":
            return self.get(f"{form.action}?{urlencode(fields)}")
        title = f"{self.name} POST {masked(form.action)} {masked_form(fields)}" + _told(headers)
        return self._ask("POST", form.action, fields, headers, title)

    def follow(self, page: Page) -> Page:
        """Follow an answer's redirect, as a browser does; without one, returns the answer."""
        return self.get(page.location) if page.location else page

    def sign_in(self, email: str, password: str) -> Page:
        """Sign in with the form, and open the next page."""
        form = self.get("/admin/login").read.form("/admin/login", holding="username")
        return self.follow(self.send(form, {"username": email, "password": password}))

    def _ask(
        self,
        method: str,
        path: str,
        fields: list[tuple[str, str]] | None,
        headers: Mapping[str, str],
        title: str,
    ) -> Page:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            body = None if fields is None else urlencode(fields).encode("utf-8", "surrogatepass")
            connection.request(
                method, path, body, self._headers(body is not None) | _named(headers)
            )
            answer = connection.getresponse()
            content = answer.read()
            if answer.getheader("content-encoding") == "gzip":
                content = gzip.decompress(content)
            text = content.decode("utf-8", "replace")
            page = Page(answer.status, answer.getheaders(), text)
        finally:
            connection.close()
        for name, value in page.headers:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        if found := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self.token = found[1]
        self.record.add(title, page)
        return page

    def _headers(self, is_form: bool) -> dict[str, str]:
        headers = {
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
            "User-Agent": BROWSER,
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "navigate",
        }
        if is_form:
            headers["Origin"] = f"http://{HOST}:{self.port}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if kept := "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value):
            headers["Cookie"] = kept
        return headers


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """Keyword arguments as headers: ``sec_fetch_site`` is Sec-Fetch-Site."""
    return {name.replace("_", "-").title(): value for name, value in headers.items()}


def _told(headers: Mapping[str, str]) -> str:
    return "".join(f" {name}: {value}" for name, value in _named(headers).items())
