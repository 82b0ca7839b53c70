"""Every write in the product, kept: who changed what, and how to take it back.

``unit_of_work`` is the only way to write. What its session changes is recorded by itself;
``update_where`` and ``delete_where`` write many rows without loading them, and record them too.
"""

from backoffice.history.act import Act, UnrecordedWrite, acting, current_act
from backoffice.history.load import load
from backoffice.history.setwise import delete_where, update_where
from backoffice.history.unit import (
    UNRECORDED,
    RecordSession,
    session_maker,
    unit_of_work,
)

__all__ = [
    "UNRECORDED",
    "Act",
    "RecordSession",
    "UnrecordedWrite",
    "acting",
    "current_act",
    "delete_where",
    "load",
    "session_maker",
    "unit_of_work",
    "update_where",
]
