"""The URL that ``next`` carries: the page to return to after signing in or saving."""

import posixpath
import re
from urllib.parse import unquote

SIGN_IN_PATH = "/admin/login"
SIGN_OUT_PATH = "/admin/logout"
START = "/admin/"

LONGEST = 2000
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")


def safe_return_url(path: str) -> str:
    """``path`` if it is a page of this site to return to, else ``START``.

    ``path``: a path and query, as in "/admin/item/list?search=bolt". A browser could read
    "//evil", "/\\evil" or "/<tab>/evil" as the address of another site: these are refused. So are
    the pages to sign in and out.
    """
    if not path.startswith("/") or len(path) > LONGEST or _UNSAFE_IN_PATH.search(path):
        return START
    plain = unquote(re.split(r"[?#]", path, maxsplit=1)[0])
    if path.startswith("//") or posixpath.normpath(plain).startswith("//"):
        return START
    if posixpath.normpath(plain) in (SIGN_IN_PATH, SIGN_OUT_PATH):
        return START
    return path
