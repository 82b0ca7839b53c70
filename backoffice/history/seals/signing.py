"""Signatures of seals and anchors, with a key that is not in the database.

Somebody who can rewrite the database can make all seals again, but cannot sign them. A signature is
HMAC-SHA256 with a key derived from HISTORY_KEY, or from SECRET_KEY if that is not set. Old keys are
in HISTORY_OLD_KEYS; what they signed stays valid.
"""

import hashlib
import hmac
from collections.abc import Sequence

from backoffice.config import Settings
from backoffice.history.seals.digests import canonical
from backoffice.models import HistoryAnchor, Seal

PURPOSE = b"backoffice history key"
"""The signing key is derived for this purpose, so that its signatures fit nothing else."""


SEAL = "backoffice signed seal 1"


ANCHOR = "backoffice signed anchor 1"
"""The first part of a signed message."""


class HistoryKeys:
    """The key that signs, and all keys that verify.

    ``present``: the current key, as in the settings. ``old``: former keys, in any order.
    """

    def __init__(self, present: str, old: Sequence[str] = ()) -> None:
        self._present = _derived(present)
        self._all = (self._present, *map(_derived, old))

    def sign_seal(self, seal: Seal) -> None:
        """Set a seal's signature. Its hash must be set."""
        seal.signature = _signature(self._present, *_seal_message(seal.hash))

    def sign_anchor(self, anchor: HistoryAnchor) -> None:
        """Set an anchor's signature. All of its other columns must be set."""
        anchor.signature = _signature(self._present, *_anchor_message(anchor))

    def fit_seal(self, hash_: str, signature: str | None) -> bool:
        """Whether one of the keys signed the seal with this hash."""
        return self._fit(signature, *_seal_message(hash_))

    def fit_anchor(self, anchor: HistoryAnchor) -> bool:
        """Whether one of the keys signed the anchor."""
        return self._fit(anchor.signature, *_anchor_message(anchor))

    def _fit(self, signature: str | None, *message: object) -> bool:
        if signature is None:
            return False
        given = signature.encode("utf-8", "surrogatepass")
        return any(
            hmac.compare_digest(_signature(key, *message).encode(), given) for key in self._all
        )


def history_keys(settings: Settings) -> HistoryKeys:
    """The keys in the settings."""
    return HistoryKeys(settings.history_signing_key, settings.history_former_keys)


def _derived(text: str) -> bytes:
    return hmac.digest(text.encode("utf-8", "surrogatepass"), PURPOSE, "sha256")


def _signature(key: bytes, *message: object) -> str:
    return hmac.digest(key, canonical(*message), hashlib.sha256).hex()


def _seal_message(hash_: str) -> tuple[object, ...]:
    # The hash covers all of the seal, and the seals before it.
    return SEAL, hash_


def _anchor_message(anchor: HistoryAnchor) -> tuple[object, ...]:
    at = anchor.at.isoformat(timespec="microseconds")
    return ANCHOR, at, anchor.up_to, anchor.seal_id, anchor.hash, anchor.previous
