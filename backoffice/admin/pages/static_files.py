"""Static files: read and compressed at the start, with the digest of their content in the address.

They are 600 KB in twenty files, so memory holds them, plain and in gzip. A request reads no disk,
compresses nothing, and cannot name a file beside them. Decision 7 says why.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
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
"""The types by ending. Python's ``mimetypes`` depends on the machine, and a browser that must not
sniff runs no script of a wrong type."""

CACHE_FOR_A_YEAR = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
"""A browser caches the file, and asks before each use whether it changed; a 304 says no."""


class Variant:
    """A file's bytes, plain or in gzip, and the headers that describe them."""

    def __init__(
        self,
        body: bytes,
        digest: str,
        media_type: str,
        encoding: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.body = body
        # Each variant has a tag of its own, so that no cache joins parts of both.
        self.etag = f'"{digest}{"-" if encoding else ""}{encoding}"'
        self.headers = {
            **(headers or {}),
            "content-type": media_type,
            "etag": self.etag,
            "vary": "Accept-Encoding",
            # The files are too small for range requests.
            "accept-ranges": "none",
        }
        if encoding:
            self.headers["content-encoding"] = encoding


class File:
    """A file in memory. ``digest``: of its content, for its address. ``headers``: further ones of
    the response."""

    def __init__(
        self, content: bytes, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.digest = hashlib.sha256(content).hexdigest()[:12]
        self.plain = self.compressed = Variant(content, self.digest, media_type, headers=headers)
        compressed = gzipped(content, 9)
        # Images that are compressed already would only grow.
        if len(content) >= LEAST_BYTES and len(compressed) < 0.9 * len(content):
            self.compressed = Variant(compressed, self.digest, media_type, "gzip", headers)

    @classmethod
    def read(cls, path: Path) -> "File":
        """The file at ``path``."""
        return cls(path.read_bytes(), MEDIA_TYPES[path.suffix])


class StaticFiles:
    """An ASGI application that serves files.

    ``address``: the path where it is mounted. ``files``: the files by name, or a function that
    makes them when they are first needed.
    """

    def __init__(
        self, address: str, files: Mapping[str, File] | Callable[[], Mapping[str, File]]
    ) -> None:
        self.address = address
        self._given = files

    @cached_property
    def files(self) -> Mapping[str, File]:
        return dict(self._given() if callable(self._given) else self._given)

    @cached_property
    def _hrefs(self) -> Mapping[str, str]:
        return {name: f"{self.address}/{name}?v={file.digest}" for name, file in self.files.items()}

    def href(self, name: str) -> str:
        """The address of a file. It changes with the content, so that browsers can cache the file.

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
        request_headers = Headers(scope=scope)
        accepted = ",".join(request_headers.getlist("accept-encoding"))
        variant = file.compressed if accepts_gzip(accepted) else file.plain
        headers = variant.headers | {"cache-control": _cache_control(scope, file)}
        if _has_variant(",".join(request_headers.getlist("if-none-match")), variant.etag):
            # RFC 9110, section 15.4.5: the headers by which a cache updates its copy.
            names = ("etag", "vary", "cache-control")
            return Response(status_code=304, headers={name: headers[name] for name in names})
        if scope["method"] == "HEAD":
            return Response(headers=headers | {"content-length": str(len(variant.body))})
        return Response(variant.body, headers=headers)


class StaticFolder(StaticFiles):
    """The files of a folder.

    ``names``: the files to serve, relative to the folder; None for all of them.

    Raises:
        OSError: a file cannot be read.
        KeyError: ``MEDIA_TYPES`` does not know a file's ending.
    """

    def __init__(self, folder: Path, address: str, names: Iterable[str] | None = None) -> None:
        if names is None:
            found = (path for path in sorted(folder.rglob("*")) if path.is_file())
            names = [path.relative_to(folder).as_posix() for path in found]
        super().__init__(address, {name: File.read(folder / name) for name in names})


def _cache_control(scope: Scope, file: File) -> str:
    """Browsers cache a file for a year only under the address with its digest.

    During a deployment, an old process gets requests for the new release's files. It answers with
    its own, which no browser may cache under the new address.
    """
    has_digest = scope["query_string"] == f"v={file.digest}".encode()
    return CACHE_FOR_A_YEAR if has_digest else REVALIDATE


def _has_variant(if_none_match: str, etag: str) -> bool:
    """Whether the client has this variant. A proxy may have marked the tag as weak (``W/``)."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)
