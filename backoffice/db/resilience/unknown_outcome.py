"""A connection that is lost during COMMIT: nobody knows whether anything was saved."""

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from backoffice.db.resilience.deadlines import was_missed

_COMMITTING = "backoffice_committing"


class OutcomeUnknown(OperationalError):
    """The connection was lost during COMMIT. The database may have committed or not."""


def raise_outcome_unknown(engine: Engine) -> None:
    """Have ``engine`` raise OutcomeUnknown where a commit loses its connection."""

    @event.listens_for(engine, "commit")
    def _begins(connection: Connection) -> None:
        connection.info[_COMMITTING] = True

    @event.listens_for(engine, "begin")
    @event.listens_for(engine, "rollback")
    def _ends(connection: Connection) -> None:
        if not connection.invalidated:  # otherwise its info is gone as well
            connection.info.pop(_COMMITTING, None)

    @event.listens_for(engine, "handle_error", retval=True)
    def _translate(context: ExceptionContext) -> BaseException | None:
        error, connection = context.sqlalchemy_exception, context.connection
        # A commit has no statement; between it and the next begin nothing else fails like this.
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
