"""Every write of the product is recorded: who changed what, from where and why.

``unit_of_work`` is the only way to write. Its session records what it changes; ``update_where`` and
``delete_where`` write many rows without loading them, and record them too.

========================  ==========================================================
``history.recording``     recording what a session and bulk statements write
``history.undo``          undoing a changeset, as a new one
``history.seals``         the signed hash chain over the history, and pruning
``history.comparison``    comparing the records with what the history says of them
========================  ==========================================================
"""

from backoffice.history.context import AuditContext, audit_context, current_audit_context
from backoffice.history.loads import load
from backoffice.history.recording.bulk import delete_where, update_where
from backoffice.history.session import UNRECORDED, RecordSession, UnrecordedWrite
from backoffice.history.unit_of_work import session_maker, unit_of_work

__all__ = [
    "UNRECORDED",
    "AuditContext",
    "RecordSession",
    "UnrecordedWrite",
    "audit_context",
    "current_audit_context",
    "delete_where",
    "load",
    "session_maker",
    "unit_of_work",
    "update_where",
]
