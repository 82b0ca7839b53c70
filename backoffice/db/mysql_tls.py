"""TLS to MariaDB and MySQL, from the parameters of a database URL."""

from typing import Any

from sqlalchemy.engine import URL

from backoffice.config import SettingsError

MODE_NAMES = frozenset(("ssl", "ssl_mode", "ssl-mode", "sslmode"))
"""Parameters that name a mode of TLS. PyMySQL knows none of them, and would fail."""

AUTHORITIES = frozenset(("ssl_ca", "ssl_capath"))
KEYS = frozenset(("ssl_cert", "ssl_key", "ssl_cipher"))
OTHERS = frozenset(
    f"ssl_{name}"
    for name in ("check_hostname", "disabled", "key_password", "verify_cert", "verify_identity")
)
"""Parameters that SQLAlchemy or PyMySQL read. One of the first two sets requires TLS; one of
AUTHORITIES also checks the server's certificate."""

MODES = {
    "disabled": ("disabled", "disable", "false", "0", "no", "off"),
    "preferred": ("preferred", "prefer"),
    "required": ("required", "require", "true", "1", "yes", "on"),
    "verify_ca": ("verify_ca",),
    "verify_identity": ("verify_identity", "verify_full"),
}
"""The modes of MySQL's client (``--ssl-mode``), each with the values that people write for it."""


def extract_tls(url: URL) -> tuple[URL, dict[str, Any]]:
    """``url`` without its TLS mode, and the arguments of ``pymysql.connect`` for that mode.

    Raises:
        SettingsError: a value is unknown; the sentence says what to write.
    """
    modes = {_mode(name, value) for name, value in url.query.items() if name.startswith("ssl")}
    modes.discard(None)
    if len(modes) > 1:
        raise SettingsError(f"DATABASE_URL asks for TLS twice: {_WRITE}")
    url = url.difference_update_query(MODE_NAMES)
    given = url.query.keys()
    match modes.pop() if modes else "preferred":
        case "disabled":
            return url, {"ssl_disabled": True}
        case "required" if not given & (AUTHORITIES | KEYS):
            # Not an empty dict, which PyMySQL takes for no TLS.
            return url, {"ssl": {"verify_mode": "none"}}
        case "verify_ca" | "verify_identity" as mode:
            if not given & AUTHORITIES:
                raise SettingsError(f"DATABASE_URL names no certificate to check against: {_WRITE}")
            checks_name = "true" if mode == "verify_identity" else "false"
            return url.update_query_dict({"ssl_check_hostname": checks_name}), {}
    return url, {}  # "preferred" is what PyMySQL does by itself


_WRITE = (
    "write ?ssl_ca=/path/to/ca.pem to encrypt and to check the server's certificate, or "
    "?ssl_mode=REQUIRED to only encrypt."
)


def _mode(name: str, value: str | tuple[str, ...]) -> str | None:
    """The mode that one parameter names; None for the other parameters."""
    if name in AUTHORITIES | KEYS | OTHERS:
        return None
    word = str(value).lower().replace("-", "_")
    for mode, words in MODES.items():
        if name in MODE_NAMES and word in words:
            return mode
    raise SettingsError(f"DATABASE_URL asks for TLS with an unknown {name}={value}: {_WRITE}")
