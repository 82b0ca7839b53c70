"""The CSRF token that every form and fetch carries, so that no other site can send one.

The token is a digest of the browser's own token. It becomes invalid with that one, at sign-in and
sign-out, and the sign-in form has one too, since every browser has a token.

Each page has the digest under a mask of its own: 32 random bytes, and the digest XORed with them.
The length of a compressed page says whether two texts on it are alike. With one digest on every
page, an attacker could guess it bit by bit: they put chosen texts on pages and watch the lengths go
by (BREACH).
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
    """The field ``csrf_token`` of a page for the browser with ``browser_token``.

    It differs each time: make one for a page, and use it in all of the page's forms.
    """
    mask = secrets.token_bytes(DIGEST_BYTES)
    masked = _xor(mask, _digest(settings, browser_token))
    return urlsafe_b64encode(mask + masked).rstrip(b"=").decode()


def csrf_token_fits(settings: Settings, browser_token: str, given: str) -> bool:
    """Whether ``given`` is the browser's token, under any mask. It takes the same time for all."""
    return hmac.compare_digest(_digest(settings, browser_token), _unmasked(given))


def _digest(settings: Settings, browser_token: str) -> bytes:
    return bytes.fromhex(keyed_digest(settings, "csrf", browser_token))


def _unmasked(given: str) -> bytes:
    """The digest in the token ``given``; empty if it is not a token."""
    try:
        if len(given) == 2 * DIGEST_BYTES:  # from a page of a release that had no masks
            return bytes.fromhex(given)
        decoded = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        return b""
    if len(decoded) != 2 * DIGEST_BYTES:
        return b""
    return _xor(decoded[:DIGEST_BYTES], decoded[DIGEST_BYTES:])


def _xor(first: bytes, second: bytes) -> bytes:
    bits = int.from_bytes(first, "big") ^ int.from_bytes(second, "big")
    return bits.to_bytes(DIGEST_BYTES, "big")
