"""One description of each kind of column, for forms, lists, filters, cursors, keys and history.

A new kind is one file here; ``register`` takes a company's own type.

    kind = kind_of(Item.__table__.c.price)
    kind.parse("1,234.50")            # Decimal("1234.50")
    kind.encode(Decimal("1234.5"))    # "1234.50", as the history stores it
"""

from backoffice.columns import (  # noqa: F401 - each registers the types that it is for
    array,
    binary,
    boolean,
    date,
    datetime,
    decimal,
    duration,
    enumeration,
    float,  # noqa: A004 - named for what it describes
    integer,
    json,
    network,
    other,
    text,
    time,
    uuid,
)
from backoffice.columns.keys import LONGEST_KEY, Key
from backoffice.columns.kind import Kind
from backoffice.columns.registry import kind_of, kind_of_type, register

__all__ = ["LONGEST_KEY", "Key", "Kind", "kind_of", "kind_of_type", "register"]
