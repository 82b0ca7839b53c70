"""Keyed digests: a database or a cookie shows them without giving away what they stand for."""

import hashlib
import hmac

from backoffice.config import Settings


def keyed_digest(settings: Settings, purpose: str, text: str) -> str:
    """HMAC-SHA256 of ``text`` under the signing key: 64 hexadecimal digits.

    ``purpose`` keeps digests apart that are made for different ends, so that one never serves as
    another.
    """
    message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.digest(settings.signing_key.encode(), message, "sha256").hex()


def token_digest(token: str) -> str:
    """SHA-256 of a random token: 64 hexadecimal digits.

    Without a key, for a token has 256 random bits and cannot be guessed from its digest.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
