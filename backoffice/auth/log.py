"""What happens at the door, written to the log ``backoffice.auth`` in logfmt.

One line is one event, whatever somebody typed or their browser calls itself: every value that is
not plain is quoted, so that no line can be forged.
"""

import json
import logging
import re

LOGGER = logging.getLogger("backoffice.auth")

LONGEST_BROWSER = 255

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%,+*\[\]-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def logfmt(**fields: object) -> str:
    """``fields`` as ``key=value`` pairs in ASCII; those that are None are left out."""
    return " ".join(
        f"{name.rstrip('_')}={_value(value)}" for name, value in fields.items() if value is not None
    )


def clean_browser(user_agent: str | None) -> str:
    """A browser's own description without control characters, at most 255 long."""
    return _CONTROL.sub(" ", user_agent or "").strip()[:LONGEST_BROWSER]


def record(event: str, level: int = logging.INFO, **fields: object) -> None:
    """Log ``event`` (a word such as ``sign-in``) with ``fields``."""
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, "%s", logfmt(event=event, **fields))


def _value(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
