"""Who makes a change, from where and why: what its changeset says."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditContext:
    """What a changeset says about its origin.

    ``source``: "web", "cli", "import", "undo", "script" or "load". ``actor_id``: the user who
    makes the change; None for a program, which ``actor`` then names. ``undoes_id``: the changeset
    that is undone; None if none is.
    """

    source: str = "script"
    actor_id: int | None = None
    actor: str = ""
    reason: str = ""
    request_id: str = ""
    address: str = ""
    undoes_id: int | None = None


UNKNOWN = AuditContext()
"""The context of a program that sets none."""

_current: ContextVar[AuditContext] = ContextVar("audit_context", default=UNKNOWN)


def current_audit_context() -> AuditContext:
    """The audit context of this thread or task; by default that of a script without a name."""
    return _current.get()


@contextmanager
def audit_context(context: AuditContext) -> Iterator[None]:
    """Give every changeset that is recorded inside the block this context.

    with audit_context(AuditContext(source="cli", actor="nightly import", reason="price list")):
        ...
    """
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
