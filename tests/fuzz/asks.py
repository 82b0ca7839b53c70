"""Requests that nobody in their right mind would make, and many that are nearly right."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from backoffice.admin.lists.address import PARAMETERS
from backoffice.admin.lists.cursor import Cursor, cursor_signer
from backoffice.admin.view import Registry
from tests.cast import PASSWORD

Pairs = tuple[tuple[str, str], ...]
Token = Literal["field", "header", "wrong", "none"]
MOSTLY: tuple[Token, ...] = ("field",) * 10
TOKENS: tuple[Token, ...] = (*MOSTLY, "header", "wrong", "none")
ELSEWHERE: tuple[Token, ...] = ("header", "header", "none")

IDENTITIES = ("item", "category", "user")

NASTY = (
    "", " ", "\0", "a\0b", "\ud800", "x\udc80", "\ufeff", "\ufffe", "\r\nSet-Cookie: a=b",
    "\x1b[1m", "%", "_", "%%%", "\\", "'", '"', "' OR 1=1 --", "<script>alert(1)</script>",
    "{{ 7 * 7 }}", "%s %d {0}", "../../etc/passwd", "\u202eright to left", "שלום", "٣٤",
    "²", "Ω µ ±", "😀" * 60, "İ" * 60, "ß" * 60, "x" * 256, "x" * 5_000, "a b " * 60, "x " * 30,
    "0", "-1", "-0", "01", "1_000", "1,000", "1,2", "1e5", "1e999999", "0x10", "NaN", "-Infinity",
    "1.005", "1.", ".5", "9" * 20, "9" * 400, "2147483647", "2147483648", "-2147483649",
    "9223372036854775808", "9999999999.99", "10000000000", "2026-02-30", "2026-03-31T25:00",
    "0001-01-01", "9999-12-31", "true", "yes", "no", "on", "null", "None", "last", "asc", "desc",
    "name", "price", "password_hash", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
    "/admin/item/list?search=x", '["/admin/item/create", [["name", "\\ud800"]]]',
    '["/admin/", [[1, null]]]', "[]", "{}", "[" * 600,
)  # fmt: skip

VIEW_ACTS = ("change", "delete", "delete", "restore", "copy", "default", "no-default", "x")

RECORDS = 20
"""Records of each kind that stay, numbered from 1; as many after them may be deleted."""

# Mapped, so that beside other strategies it is one among them, not many.
junk = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from(NASTY),
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
).map(str)
rarely = st.sampled_from([False] * 5 + [True])
staying = st.integers(1, RECORDS).map(str)
going = st.integers(RECORDS + 1, 2 * RECORDS).map(str)
keys = rarely.flatmap(lambda odd: junk if odd else staying)
identities = rarely.flatmap(lambda odd: junk if odd else st.sampled_from(IDENTITIES))

# Valid forms, by what they are about; "" is replaced by a record's key.
VALID: Mapping[str, Mapping[str, str]] = {
    "item": {
        "name": "M4 × 20",
        "description": "Hex bolt",
        "price": "0.25",
        "quantity": "12",
        "category": "",
    },
    "category": {"name": "Fixings"},
    "user": {
        "first_name": "Grace",
        "last_name": "Hopper",
        "email": "grace@example.com",
        "is_active": "y",
        "password": PASSWORD,
        "password_again": PASSWORD,
    },
    "delete": {"pks": ""},
    "action": {"pks": "", "level": "5", "do": "preview"},
    "views": {"name": "Dear bolts", "query": "search=bolt&columns=name"},
    "arrange": {"columns": "price", "density": "cosy", "place_price": "3", "next": "/admin/"},
    "": {"username": "grace@example.com", "password": "wrong", "next": "/admin/", "resume": "[]"},
}
OURS = (
    "version", "next", "save", "find", "category_find", "pks", "theme", "csrf_token", "q",
    "columns", "reset", "filters", "default", "do", "once", "from", "level", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """A request. ``typed``: the form's pairs, None if no form is sent.

    ``token``: where the CSRF token is sent; the test puts it in. ``by_nobody``: made in a
    browser in which nobody is signed in.
    """

    method: str
    path: str
    headers: tuple[tuple[str, bytes], ...] = ()
    typed: Pairs | None = None
    multipart: bool = False
    body: bytes = b""
    content_type: str = ""
    token: Token = "field"
    by_nobody: bool = False

    def encoded(self, token: str) -> tuple[bytes, dict[str, bytes]]:
        """The body and the headers, with ``token`` where it belongs."""
        headers = dict(self.headers)
        if self.method == "POST":
            headers |= {"Origin": b"http://127.0.0.1:8000", "Sec-Fetch-Site": b"same-origin"}
        given = {"field": token, "wrong": "x" + token}.get(self.token)
        if self.token == "header":
            headers["X-CSRF-Token"] = token.encode()
        if self.content_type:
            headers["Content-Type"] = self.content_type.encode("utf-8", "replace")
        if self.typed is None:
            return self.body, headers
        pairs = ((("csrf_token", given),) if given else ()) + self.typed
        if self.multipart:
            headers.setdefault("Content-Type", b"multipart/form-data; boundary=limit")
            return b"".join(map(_part, pairs)) + b"--limit--\r\n", headers
        headers.setdefault("Content-Type", b"application/x-www-form-urlencoded")
        return _urlencoded(pairs).encode(), headers

    def arrived(self) -> dict[str, str]:
        """Each plain name's value as a server reads it, where the name was sent once."""
        pairs = [(self._read(name), self._read(value)) for name, value in self.typed or ()]
        names = [name for name, _value in pairs]
        return {
            name: value
            for name, value in pairs
            if names.count(name) == 1 and re.fullmatch(r"\w+", name, re.ASCII)
        }

    def _read(self, text: str) -> str:
        sent = text.encode("utf-8", "surrogatepass")
        try:
            return sent.decode()
        except UnicodeDecodeError:  # as Starlette does for each of the two
            return sent.decode("latin-1") if self.multipart else sent.decode("utf-8", "replace")


@dataclass(frozen=True)
class Place:
    """A route: a method and the pieces of its path, such as ``/admin/{identity}/list``."""

    method: str
    path: str
    names: tuple[str, ...] = field(default=())


def places(app: Starlette) -> list[Place]:
    """Every route of the application, each method apart."""
    return sorted(set(_walk(app.routes, "")), key=lambda place: (place.path, place.method))


def _walk(routes: Sequence[BaseRoute], prefix: str) -> Iterator[Place]:
    for route in routes:
        if isinstance(route, Mount) and route.routes:
            yield from _walk(route.routes, prefix + route.path)
        elif isinstance(route, Mount):
            yield Place("GET", f"{prefix}{route.path}/{{file}}", ("file",))
        elif isinstance(route, Route):
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", prefix + route.path)
            names = tuple(re.findall(r"\{(\w+)\}", path))
            for method in (route.methods or set()) - {"HEAD"}:
                yield Place(method, path, names)


def asks(app: Starlette) -> st.SearchStrategy[Ask]:
    """Requests to every route of ``app``."""
    site: Registry = app.state.site
    signer = cursor_signer(site.settings.signing_key)
    cursors = st.sampled_from([signer.write(cursor) for cursor in CURSORS])
    known = [place for place in places(app) for _turn in range(_weight(place))]
    made = st.sampled_from(known).flatmap(lambda place: _ask(place, cursors))
    return st.builds(lambda ask, by_nobody: replace(ask, by_nobody=by_nobody), made, rarely)


def _weight(place: Place) -> int:
    """How often a route is asked: mostly where records are, and most of all lists and forms, which
    read the most of what is sent."""
    if "identity" not in place.names:
        return 1
    if place.path.endswith("/list"):
        return 40
    if place.path.endswith("/counts"):
        return 10
    is_form = place.method == "POST" and place.path.endswith(("/create", "/edit/{pk}"))
    return 20 if is_form else 4


CURSORS = (
    Cursor("", (3,)),
    Cursor("name:asc", ("Item 0003", 3), backward=True),
    Cursor("category:desc", ("Bolts", 3)),
    Cursor("price:asc", ("1.50", 3)),
    Cursor("quantity:desc", (7, 3), backward=True),
    Cursor("email:asc", ("ada@example.com", 1)),
    Cursor("created_at:desc", ("2026-01-01T00:00:00.000000Z", 1)),
)
"""Places that somebody may have got from a list, and may use in another."""


PIECES = {
    "identity": identities,
    "pk": keys,
    "field": st.sampled_from(["category"] * 6 + ["name", "items", "\0"]),
    "of": identities,
    "page": st.one_of(st.sampled_from(["low-stock", "stock"]), junk),
    "name": st.one_of(st.sampled_from(["restock"] * 4 + ["discontinue"] * 2), junk),
    "file": st.one_of(st.sampled_from(["list.css", "css/tabler.min.css", ""]), junk),
}


@st.composite
def _ask(draw: st.DrawFn, place: Place, cursors: st.SearchStrategy[str]) -> Ask:
    pieces = {name: draw(PIECES[name]) for name in place.names}
    identity = pieces.get("identity", "")
    if place.method == "POST" and identity == "user" and re.fullmatch("0*1", pieces.get("pk", "")):
        pieces["pk"] = "2"  # not her own record: she is to stay who she is
    path = re.sub(r"\{(\w+)\}", lambda match: _quoted(pieces[match[1]]), place.path)
    query = draw(_query(cursors)) if place.method == "GET" or draw(rarely) else ""
    if place.method == "GET" and re.search("/(delete|action)(?:/|$)", place.path):
        query += ("&" if query else "?") + _urlencoded([("pks", draw(keys))])
    headers = draw(_headers) if draw(rarely) else ()
    ask = Ask(place.method, path + query, headers)
    if place.method != "POST":
        return ask
    if draw(rarely):
        content_type, body = draw(_bodies)
        token = draw(st.sampled_from(ELSEWHERE))
        return Ask("POST", ask.path, headers, None, False, body, content_type, token)
    about = re.search("/(delete|action|views|arrange)(?:/|$)", place.path)
    typed = draw(_form(about[1] if about else identity))
    if "/views/" in place.path:
        typed += (("do", draw(st.sampled_from(VIEW_ACTS))),)
    token = draw(st.sampled_from(TOKENS))
    multipart = draw(st.booleans())
    return Ask("POST", ask.path, headers, typed, multipart, token=token)


BROKEN_ESCAPES = ("%", "%zz", "%ED%A0%80", "=%FF%FE", "&&=&", "search=%00")


@st.composite
def _query(draw: st.DrawFn, cursors: st.SearchStrategy[str]) -> str:
    names = st.one_of(
        st.just("search"),
        st.sampled_from([*PARAMETERS, *OURS, "category", "is_active", "is_superuser", "name"]),
        junk,
    )
    pairs = draw(st.lists(st.tuples(names, st.one_of(junk, keys, cursors)), max_size=4))
    raw = draw(st.sampled_from([""] * 8 + list(BROKEN_ESCAPES)))
    text = "&".join(part for part in (_urlencoded(pairs), raw) if part)
    return f"?{text}" if text else ""


@st.composite
def _form(draw: st.DrawFn, identity: str) -> Pairs:
    """A form that would do, with a few things wrong."""
    valid = dict(VALID.get(identity, VALID["category"]))
    new = draw(st.sampled_from(["", *"abcdefghijklmnopqrstuvwxyz"]))  # some are taken by then
    valid = {
        name: new + value
        if name in ("name", "email")
        else value or draw(going if name == "pks" else staying)
        for name, value in valid.items()
    }
    pairs = list(valid.items())
    for _turn in range(draw(st.sampled_from([0, 1, 1, 2]))):
        # A multipart header of some thousand bytes is a broken body, which keeps nothing.
        name = draw(st.one_of(st.sampled_from([*valid, *OURS]), junk))[:200]
        act = draw(st.sampled_from(["replace", "replace", "add", "drop"]))
        if act != "add":
            pairs = [pair for pair in pairs if pair[0] != name]
        if act != "drop":
            pairs.append((name, draw(st.one_of(junk, keys))))
    return tuple(pairs)


ACCEPTED = (b"", b"*/*", b"application/json", b"text/html;q=x", b"\xff\xfe", b",;")
HOSTS = (*([b"127.0.0.1:8000"] * 9), b"evil.example", b"[::1", b"\xff")
OTHER_HEADERS = (
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID", "Referer", "User-Agent",
    "Accept-Language", "If-None-Match", "Range", "X-Requested-With", "Sec-Fetch-Mode",
)  # fmt: skip

_headers: st.SearchStrategy[tuple[tuple[str, bytes], ...]] = st.lists(
    st.one_of(
        st.tuples(st.just("Accept"), st.sampled_from(ACCEPTED)),
        st.tuples(st.just("Host"), st.sampled_from(HOSTS)),
        st.tuples(
            st.sampled_from(OTHER_HEADERS),
            st.one_of(
                st.binary(max_size=20).map(lambda value: _clean(value)),
                st.sampled_from([b"navigate", b"cors", b"1.2.3.4, ::", b"bytes=5-1"]),
            ),
        ),
    ),
    max_size=2,
).map(tuple)

CONTENT_TYPES = (
    "application/json",
    "text/plain",
    "application/octet-stream",
    "x",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=limit",
    "multipart/form-data; boundary=limit; charset=utf-7",
    "multipart/form-data; boundary=limit; charset=unicode_escape",
    "multipart/form-data; boundary=limit; charset=nonsense",
)
FIELD = b'--limit\r\nContent-Disposition: form-data; name="name"'
END = b"\r\n--limit--\r\n"
BODIES = (
    b'{"name": "x"}',
    b"name=x&price=%",
    b"&" * 5000,
    b"--limit\r\n\r\nx" + END,
    b"--limit\r\nContent-Disposition: form-data\r\n\r\nx" + END,
    FIELD + b"\r\n\r\nx",
    # Halves of surrogate pairs, which only these charsets can write.
    FIELD + b"\r\n\r\n+2AA- \\ud800" + END,
    FIELD + b'; filename="\\ud800"\r\nContent-Type: text/plain\r\n\r\n\0\xff' + END,
)

_bodies: st.SearchStrategy[tuple[str, bytes]] = st.tuples(
    st.sampled_from(CONTENT_TYPES), st.one_of(st.binary(max_size=60), st.sampled_from(BODIES))
)


def _clean(value: bytes) -> bytes:
    """A header's value without what no server would have taken off the wire."""
    return value.translate(None, bytes(range(32)) + b"\x7f").strip()


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="/")


def _urlencoded(pairs: Sequence[tuple[str, str]]) -> str:
    def quoted(text: str) -> str:
        return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")

    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)


def _part(pair: tuple[str, str]) -> bytes:
    """A multipart part as browsers write it: quotes and line breaks in names escaped."""
    name, value = (text.encode("utf-8", "surrogatepass") for text in pair)
    for character in (b"\r", b"\n", b'"'):
        name = name.replace(character, quote_from_bytes(character, safe="").encode())
    return b'--limit\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name, value)
