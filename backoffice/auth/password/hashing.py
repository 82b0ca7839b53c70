"""Password hashes: Argon2id in bounded memory, with the same work for every account.

Each function takes tens of milliseconds of CPU by design: call it in a worker thread.
"""

import re
import threading
import unicodedata

from passlib.hash import argon2

from backoffice.auth.password.policy import LONGEST

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
"""OWASP's parameters for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
About 20 ms on a small server. After raising them, each password is hashed again at its owner's next
sign-in.
"""

AT_ONCE = 4
"""Hashes computed at once in a process, so that a burst of sign-ins takes 76 MiB and no more."""

_HASHER = argon2.using(type="ID", memory_cost=MEMORY_KIB, time_cost=PASSES, parallelism=LANES)
_PARAMETERS = re.compile(r"\$argon2id\$v=(\d+)\$m=(\d+),t=(\d+),p=(\d+)\$")
_VERSION = 19

# Of a password that nobody has: an unknown user's password is compared with it.
_DUMMY_HASH = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}"
    "$0xqDcI5xjhGitFaq9T5nTA$dbejNGRlmM0tSgQrr695e2MDFRAY2zs6vmF6oSRXlLE"
)

_at_once = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """The Argon2id hash of ``password``, for ``users.password_hash``."""
    with _at_once:
        return str(_HASHER.hash(_secret(password)))


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Whether ``stored_hash`` is the hash of ``password``.

    ``stored_hash``: None for a user that does not exist. That case, and a hash that no password can
    match, take as long as a real one, so nobody learns from the time which addresses have accounts.
    """
    if len(password) > LONGEST:  # no such password was ever accepted
        password, stored_hash = password[:LONGEST], None
    with _at_once:
        if stored_hash is not None and _PARAMETERS.match(stored_hash):
            try:
                return _verify(password, stored_hash)
            except (ValueError, TypeError):  # malformed behind its prefix
                pass
        _verify(password, _DUMMY_HASH)
        return False


def needs_rehash(stored_hash: str) -> bool:
    """Whether ``stored_hash`` is weaker than today's parameters.

    A stronger one is left alone: another program may have its reasons.
    """
    match = _PARAMETERS.match(stored_hash)
    if match is None:
        return True
    version, memory, passes, _lanes = map(int, match.groups())
    return version < _VERSION or memory < MEMORY_KIB or passes < PASSES


def _secret(password: str) -> bytes:
    # NFC, because one keyboard sends é as one character and another as two.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _verify(password: str, stored_hash: str) -> bool:
    """Every comparison computes its hash here; tests count the calls."""
    return bool(_HASHER.verify(_secret(password), stored_hash))
