"""Who is acting, from where and why: what every changeset written meanwhile will say."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """What a changeset says about the act behind it.

    ``source``: "web", "cli", "import", "undo", "script" or "load". ``actor_id`` is None where no
    user acts; ``actor`` is then a name for whatever does. ``undoes_id``: the changeset taken back.
    """

    source: str = "script"
    actor_id: int | None = None
    actor: str = ""
    reason: str = ""
    request_id: str = ""
    address: str = ""
    undoes_id: int | None = None


class UnrecordedWrite(RuntimeError):
    """A statement would have written an audited table past the history."""


NOBODY = Act()
_current: ContextVar[Act] = ContextVar("act", default=NOBODY)


def current_act() -> Act:
    """The act that is going on; a nameless script's if nobody said."""
    return _current.get()


@contextmanager
def acting(act: Act) -> Iterator[None]:
    """Everything written inside is ``act``'s.

    with acting(Act(source="cli", actor="nightly import", reason="price list 2026-11")):
        ...
    """
    token = _current.set(act)
    try:
        yield
    finally:
        _current.reset(token)
