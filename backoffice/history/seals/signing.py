"""Signatures over the history, by a key that is not in the database.

Who can rewrite the database can make every seal anew, but not sign it. HMAC-SHA256 under
HISTORY_KEY, or SECRET_KEY where that is not set. Keys that were used before, and verify what they
signed, are in HISTORY_OLD_KEYS.
"""

import hashlib
import hmac
from collections.abc import Sequence

from backoffice.config import Settings
from backoffice.history.seals.digests import canonical
from backoffice.models import HistoryAnchor, Seal

PURPOSE = b"backoffice history key"
"""What the signing key is derived for, so that a signature serves nothing else."""


SEAL = "backoffice signed seal 1"


ANCHOR = "backoffice signed anchor 1"
"""The first thing that each signature covers."""


class HistoryKeys:
    """The key that signs, and all that verify.

    ``present``: as the settings have it. ``old``: those it followed, in any order.
    """

    def __init__(self, present: str, old: Sequence[str] = ()) -> None:
        self._present = _derived(present)
        self._all = (self._present, *map(_derived, old))

    def sign_seal(self, seal: Seal) -> None:
        """Set a seal's signature; its hash must be there."""
        seal.signature = _signature(self._present, *_seal_message(seal.hash))

    def sign_anchor(self, anchor: HistoryAnchor) -> None:
        """Set an anchor's signature; all else of it must be there."""
        anchor.signature = _signature(self._present, *_anchor_message(anchor))

    def fit_seal(self, hash_: str, signature: str | None) -> bool:
        """Whether one of the keys signed the seal with that hash."""
        return self._fit(signature, *_seal_message(hash_))

    def fit_anchor(self, anchor: HistoryAnchor) -> bool:
        """Whether one of the keys signed the anchor."""
        return self._fit(anchor.signature, *_anchor_message(anchor))

    def _fit(self, signature: str | None, *said: object) -> bool:
        if signature is None:
            return False
        given = signature.encode("utf-8", "surrogatepass")
        return any(hmac.compare_digest(_signature(key, *said).encode(), given) for key in self._all)


def history_keys(settings: Settings) -> HistoryKeys:
    """The keys that the settings name."""
    return HistoryKeys(settings.history_signing_key, settings.history_former_keys)


def _derived(text: str) -> bytes:
    return hmac.digest(text.encode("utf-8", "surrogatepass"), PURPOSE, "sha256")


def _signature(key: bytes, *said: object) -> str:
    return hmac.digest(key, canonical(*said), hashlib.sha256).hex()


def _seal_message(hash_: str) -> tuple[object, ...]:
    # The hash is made of all else, the seal before included.
    return SEAL, hash_


def _anchor_message(anchor: HistoryAnchor) -> tuple[object, ...]:
    moment = anchor.at.isoformat(timespec="microseconds")
    return ANCHOR, moment, anchor.up_to, anchor.seal_id, anchor.hash, anchor.previous
