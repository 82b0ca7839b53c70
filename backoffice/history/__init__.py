"""The one session factory and unit of work."""

from backoffice.history.unit import RecordSession, session_maker, unit_of_work

__all__ = ["RecordSession", "session_maker", "unit_of_work"]
