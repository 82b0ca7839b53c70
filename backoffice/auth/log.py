"""The log ``backoffice.auth``: sign-ins, refusals, changed passwords; one line for each event."""

import logging
import re

from backoffice.logfmt import logfmt

LOGGER = logging.getLogger("backoffice.auth")

LONGEST_BROWSER = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def record(event: str, level: int = logging.INFO, **fields: object) -> None:
    """Log ``event`` (a word such as ``sign-in``) with ``fields``."""
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, "%s", logfmt(event=event, **fields))


def clean_browser(user_agent: str | None) -> str:
    """What a browser calls itself, without control characters, at most 255 characters."""
    return _CONTROL.sub(" ", user_agent or "").strip()[:LONGEST_BROWSER]
