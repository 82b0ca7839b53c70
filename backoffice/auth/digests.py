"""Digests that a database or a cookie can hold without giving away the text."""

import hashlib
import hmac

from backoffice.config import Settings


def keyed_digest(settings: Settings, purpose: str, text: str) -> str:
    """HMAC-SHA256 of ``text`` under the signing key: 64 hexadecimal digits.

    ``purpose``: a name for what the digest is for, so that none can be used for another purpose.
    """
    message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.digest(settings.signing_key.encode(), message, "sha256").hex()


def token_digest(token: str) -> str:
    """SHA-256 of a random token: 64 hexadecimal digits.

    It needs no key: a token has 256 random bits and cannot be guessed from its digest.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
