"""The token that every form and fetch carries, so that no other site can send one.

It is a digest of the browser's own token: valid as long as that is, gone with it at sign-in and
sign-out, and there for the sign-in form too, since every browser has a token.

A page that is compressed says by its length whether two texts on it are alike. The same digest on
every page could so be guessed bit by bit, by somebody who has texts of their choice put on pages
and sees their lengths go by (BREACH). So each page has it under a mask of its own: 32 random bytes,
and the digest combined with them bit by bit. That is another text each time, and any of them fits.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from backoffice.auth.digests import keyed_digest
from backoffice.config import Settings

FIELD = "csrf_token"
HEADER = "x-csrf-token"

DIGEST_BYTES = 32


def csrf_token(settings: Settings, browser_token: str) -> str:
    """What the field ``csrf_token`` holds on a page of the browser with ``browser_token``.

    A different text each time: make one for a page, and use it in all of the page's forms.
    """
    mask = secrets.token_bytes(DIGEST_BYTES)
    masked = _combined(mask, _digest(settings, browser_token))
    return urlsafe_b64encode(mask + masked).rstrip(b"=").decode()


def csrf_token_fits(settings: Settings, browser_token: str, given: str) -> bool:
    """Whether ``given`` is that token, under whatever mask. As fast wherever they differ."""
    return hmac.compare_digest(_digest(settings, browser_token), _unmasked(given))


def _digest(settings: Settings, browser_token: str) -> bytes:
    return bytes.fromhex(keyed_digest(settings, "csrf", browser_token))


def _unmasked(given: str) -> bytes:
    """The digest that ``given`` stands for; empty where it can be none."""
    try:
        if len(given) == 2 * DIGEST_BYTES:  # a page that a release before masks has made
            return bytes.fromhex(given)
        both = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        return b""
    if len(both) != 2 * DIGEST_BYTES:
        return b""
    return _combined(both[:DIGEST_BYTES], both[DIGEST_BYTES:])


def _combined(one: bytes, other: bytes) -> bytes:
    bits = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return bits.to_bytes(DIGEST_BYTES, "big")
