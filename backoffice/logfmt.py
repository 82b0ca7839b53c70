"""Log lines as ``key=value`` pairs. Unusual values are quoted, so nobody can forge a line."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%,+*\[\]-]+")


def logfmt(**fields: object) -> str:
    """``fields`` as ``key=value`` pairs in ASCII; those that are None are left out.

    An underscore at the end of a name is dropped, so that ``from_`` can be logged as ``from``.
    """
    return " ".join(
        f"{name.rstrip('_')}={_value(value)}" for name, value in fields.items() if value is not None
    )


def _value(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
