"""Browsers that signed in to an account before (OWASP: "device cookies").

The device cookie holds a random id and then, for each account, a digest of the e-mail address
followed by one of the password hash. ``auth.password.throttle`` counts such a browser by itself.
"""

import secrets

from backoffice.auth.digests import keyed_digest
from backoffice.config import Settings

ACCOUNTS_PER_DEVICE = 5


def knows_account(settings: Settings, device: str, email: str, password_hash: str | None) -> bool:
    """Whether the browser signed in to the account with ``email`` by its present password.

    ``device``: what its device cookie holds, "" for none. ``password_hash``: the account's.
    """
    mark = _account_mark(settings, email) + _password_mark(settings, email, password_hash)
    return bool(device) and mark in device.split(".")[1:]


def device_cookie(settings: Settings, device: str, email: str, password_hash: str) -> str:
    """What the device cookie holds after a sign-in to ``email``; ``device`` is what it held before.

    The latest account comes first, and only a few are remembered.
    """
    own_id, *known = device.split(".") if device else [secrets.token_urlsafe(16)]
    account = _account_mark(settings, email)
    mark = account + _password_mark(settings, email, password_hash)
    latest = [mark, *(other for other in known if not other.startswith(account))]
    return ".".join([own_id, *latest[:ACCOUNTS_PER_DEVICE]])


def device_id(device: str) -> str:
    """The random id in a device cookie."""
    return device.partition(".")[0]


def normalised_email(email: str) -> str:
    """An e-mail address as typed, so that one account has one digest."""
    return email.strip().lower()[:320]


def _account_mark(settings: Settings, email: str) -> str:
    return keyed_digest(settings, "device-account", normalised_email(email))[:16]


def _password_mark(settings: Settings, email: str, password_hash: str | None) -> str:
    text = f"{normalised_email(email)}\0{password_hash or ''}"
    return keyed_digest(settings, "device-password", text)[:16]
