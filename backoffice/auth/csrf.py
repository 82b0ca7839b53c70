"""The token that every form and fetch carries, so that no other site can send one.

It is a digest of the browser's own token: valid as long as that is, gone with it at sign-in and
sign-out, and there for the sign-in form too, since every browser has a token.
"""

import hmac

from backoffice.auth.digests import keyed_digest
from backoffice.config import Settings

FIELD = "csrf_token"
HEADER = "x-csrf-token"


def csrf_token(settings: Settings, browser_token: str) -> str:
    """What the field ``csrf_token`` holds on pages of the browser with ``browser_token``."""
    return keyed_digest(settings, "csrf", browser_token)


def csrf_token_fits(settings: Settings, browser_token: str, given: str) -> bool:
    """Whether ``given`` is that token. Takes the same time wherever they differ."""
    expected = csrf_token(settings, browser_token)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))
