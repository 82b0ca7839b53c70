"""Passwords: Argon2id, in bounded memory, and the same work whoever is asked about.

Everything here takes tens of milliseconds of CPU by design: call it in a worker thread.
"""

import re
import threading
import unicodedata

from passlib.hash import argon2

from backoffice.models import InvalidValue

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
"""OWASP's parameters for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
About 20 ms on a small server. Raise them, and each hash is made anew at its owner's next sign-in.
"""

AT_ONCE = 4
"""Hashes computed at once in a process, so that a burst of sign-ins takes 76 MiB and no more."""

SHORTEST = 8
LONGEST = 1024

COMMONEST = frozenset(
    (
        "password", "password1", "password12", "password123", "passw0rd", "p@ssw0rd",
        "p@ssword", "12345678", "123456789", "1234567890", "87654321", "11111111", "00000000",
        "88888888", "12341234", "123123123", "qwertyui", "qwertyuiop", "qwerty12", "qwerty123",
        "1q2w3e4r", "1qaz2wsx", "asdfghjk", "asdfghjkl", "zxcvbnm1", "abcd1234", "abc12345",
        "iloveyou", "sunshine", "princess", "football", "baseball", "superman", "trustno1",
        "letmein1", "welcome1", "changeme", "admin123", "administrator", "backoffice",
    )
)  # fmt: skip
"""What anybody tries first. A tiny list on purpose: the throttle answers the long ones."""

_HASHER = argon2.using(  # type: ignore[no-untyped-call]  # passlib has few annotations
    type="ID", memory_cost=MEMORY_KIB, time_cost=PASSES, parallelism=LANES
)
_PARAMETERS = re.compile(r"\$argon2id\$v=(\d+)\$m=(\d+),t=(\d+),p=(\d+)\$")
_VERSION = 19

# Of a password nobody has: what an unknown user's password is compared with.
_DUMMY_HASH = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}"
    "$0xqDcI5xjhGitFaq9T5nTA$dbejNGRlmM0tSgQrr695e2MDFRAY2zs6vmF6oSRXlLE"
)

_at_once = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """The Argon2id hash of ``password``, as ``users.password_hash`` keeps it."""
    with _at_once:
        return str(_HASHER.hash(_secret(password)))


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Whether ``password`` is the one that ``stored_hash`` was made of.

    ``stored_hash`` is None for a user that does not exist. Then, and for a hash that no password
    can match, the same work is done as for a real one and the answer is False: the time it takes
    tells nobody whose e-mail address has an account.
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
    """Whether ``stored_hash`` was made with less than today's parameters.

    A stronger one is left alone: another program may have had its reasons.
    """
    match = _PARAMETERS.match(stored_hash)
    if match is None:
        return True
    version, memory, passes, _lanes = map(int, match.groups())
    return version < _VERSION or memory < MEMORY_KIB or passes < PASSES


def check_password_policy(password: str, *, email: str = "") -> None:
    """Refuse a password that would be guessed, or that could not be typed again.

    ``email``: the user's, which must not be the password either.

    Raises:
        InvalidValue: with field ``password`` and a sentence that says what to do.
    """
    if len(password) < SHORTEST:
        raise InvalidValue("password", f"Use at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise InvalidValue("password", f"Use at most {LONGEST:,} characters.")
    if "\x00" in password:
        raise InvalidValue("password", "Remove the NUL character.")
    folded = password.strip().casefold()
    if folded in COMMONEST or len(set(folded)) == 1:
        raise InvalidValue("password", "Choose another: this is one of the first that are tried.")
    address = email.strip().casefold()
    if address and folded in (address, address.partition("@")[0]):
        raise InvalidValue("password", "Choose one that is not your e-mail address.")


def _secret(password: str) -> bytes:
    # NFC, because one keyboard sends é as one character and another as two.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _verify(password: str, stored_hash: str) -> bool:
    """The one place where a hash is computed to compare; tests count its calls."""
    return bool(_HASHER.verify(_secret(password), stored_hash))
