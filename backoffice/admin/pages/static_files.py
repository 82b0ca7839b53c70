"""Static files: read and compressed once, when the process starts, and known by their content.

Ours and the one of Tabler are 600 KB in twenty files, so they are held in memory, as they are and
in gzip: a request reads no disk, packs nothing, and can name nothing that lies beside them. See
decision 7.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backoffice.admin.pages.gzip_files import LEAST_BYTES, accepts_gzip, gzipped

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Written down, for what Python guesses depends on the machine, and a browser told not to sniff
runs no script of the wrong type."""

KEPT_FOR_A_YEAR = "public, max-age=31536000, immutable"
ASKED_FOR_EACH_TIME = "no-cache"
"""A browser keeps it, and asks before each use whether it still holds: a 304 says yes."""


class Variant:
    """One way a file goes over the wire: its bytes and the headers that say what they are."""

    def __init__(self, body: bytes, digest: str, media_type: str, encoding: str = "") -> None:
        self.body = body
        # Other bytes, other tag: a cache must not put one variant's end to the other's beginning.
        self.etag = f'"{digest}{"-" if encoding else ""}{encoding}"'
        self.headers = {
            "content-type": media_type,
            "etag": self.etag,
            "vary": "Accept-Encoding",
            # A part of a compressed file is of no use, and these are too small to be resumed.
            "accept-ranges": "none",
        }
        if encoding:
            self.headers["content-encoding"] = encoding


class File:
    """A file in memory. ``digest``: of its content, in its address."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        media_type = MEDIA_TYPES[path.suffix]
        self.digest = hashlib.sha256(content).hexdigest()[:12]
        self.plain = self.packed = Variant(content, self.digest, media_type)
        packed = gzipped(content, 9)
        # A picture that is compressed already only grows.
        if len(content) >= LEAST_BYTES and len(packed) < 0.9 * len(content):
            self.packed = Variant(packed, self.digest, media_type, "gzip")


class StaticFolder:
    """An ASGI application that serves the files of a folder.

    ``folder``: where they lie. ``address``: the path that the application is mounted at.
    ``names``: those to serve, relative to the folder; None for all of them.

    Raises:
        OSError: one of them cannot be read.
        KeyError: a file has an ending that ``MEDIA_TYPES`` does not know.
    """

    def __init__(self, folder: Path, address: str, names: Iterable[str] | None = None) -> None:
        self.address = address
        if names is None:
            found = (path for path in sorted(folder.rglob("*")) if path.is_file())
            names = [path.relative_to(folder).as_posix() for path in found]
        self.files = {name: File(folder / name) for name in names}
        self._hrefs = {
            name: f"{address}/{name}?v={file.digest}" for name, file in self.files.items()
        }

    def href(self, name: str) -> str:
        """The address of a file, changing with its content so that it may be kept.

        Raises:
            KeyError: there is no such file.
        """
        return self._hrefs[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        file = self.files.get(scope["path"].removeprefix(self.address + "/"))
        if file is None:
            raise HTTPException(404)
        asked = Headers(scope=scope)
        wanted = ",".join(asked.getlist("accept-encoding"))
        variant = file.packed if accepts_gzip(wanted) else file.plain
        headers = variant.headers | {"cache-control": _caching(scope, file)}
        if _holds(",".join(asked.getlist("if-none-match")), variant.etag):
            # Of the headers those that a cache renews what it holds by.
            kept = ("etag", "vary", "cache-control")
            return Response(status_code=304, headers={name: headers[name] for name in kept})
        if scope["method"] == "HEAD":
            return Response(headers=headers | {"content-length": str(len(variant.body))})
        return Response(variant.body, headers=headers)


def _caching(scope: Scope, file: File) -> str:
    """For a year only under its own digest.

    While a release rolls out, the old process is asked for the new one's files. It answers with
    its own, and no browser may keep those under the new address.
    """
    own = scope["query_string"] == f"v={file.digest}".encode()
    return KEPT_FOR_A_YEAR if own else ASKED_FOR_EACH_TIME


def _holds(if_none_match: str, etag: str) -> bool:
    """Whether the client has this variant. A proxy may have marked the tag as weak (``W/``)."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)
