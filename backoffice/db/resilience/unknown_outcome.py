"""A connection that is lost during COMMIT leaves open whether anything was saved."""

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from backoffice.db.resilience.deadlines import was_missed

_COMMITTING = "backoffice_committing"


class OutcomeUnknown(OperationalError):
    """The database was told to commit, and did not say that it has: perhaps it has."""


def tell_doubtful_commits(engine: Engine) -> None:
    """Raise OutcomeUnknown where a commit loses its connection; anything else is as it was."""

    @event.listens_for(engine, "commit")
    def _begins(connection: Connection) -> None:
        connection.info[_COMMITTING] = True

    @event.listens_for(engine, "begin")
    @event.listens_for(engine, "rollback")
    def _is_over(connection: Connection) -> None:
        if not connection.invalidated:  # else its info is gone with it
            connection.info.pop(_COMMITTING, None)

    @event.listens_for(engine, "handle_error", retval=True)
    def _name_it(context: ExceptionContext) -> BaseException | None:
        error, connection = context.sqlalchemy_exception, context.connection
        # A commit has no statement, and between one and the next begin nothing else fails so.
        if (
            not isinstance(error, DBAPIError)
            or connection is None
            or context.statement is not None
            or not (context.is_disconnect or was_missed(context.original_exception))
            or not connection.info.pop(_COMMITTING, False)
        ):
            return None
        return OutcomeUnknown(
            None,
            None,
            context.original_exception,
            hide_parameters=error.hide_parameters,
            connection_invalidated=True,
        )
