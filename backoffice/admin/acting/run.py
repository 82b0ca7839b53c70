"""Running an action: its function, the rules that its writes must keep, and its answer."""

import inspect
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from backoffice.admin.actions import Action
from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.describe import may_undo, readable_parts
from backoffice.admin.forms.refusals import REFUSED_VALUE, Refusal, refuse_violation
from backoffice.admin.view import Context, RecordView
from backoffice.auth.return_url import START, safe_return_url
from backoffice.db import read_violation
from backoffice.history.audited import history_name
from backoffice.history.undo.changeset import fields_updated
from backoffice.language import N_, _
from backoffice.models import InvalidValue

log = logging.getLogger(__name__)

UNKNOWN_REFERENCE = N_(
    "This would leave a record without another one that it needs. Check them, then try again."
)


def run_action(
    context: Context, view: RecordView, action: Action, records: Sequence[Any], form: Any | None
) -> tuple[Any, Refusal]:
    """Call the action's function on records that are locked, and flush what it wrote.

    Returns what the function returned, and why nothing was written. After a refusal the session
    must be rolled back. The request commits later, at its edge.
    """
    context.act_as(reason=action.label)  # the history stores no translation
    try:
        result = getattr(view, action.method)(context, list(records), form)
        context.session.flush()
        if not action.own_permission:
            _check_fields(context, view)
        check_changes(context)
        return result, Refusal()
    except InvalidValue as error:
        return None, refuse_value(view, form, error)
    except IntegrityError as error:
        return None, _refuse_violation(context, view, form, error)
    except DataError:
        log.warning("the database refused a value that an action wrote", exc_info=True)
        return None, Refusal(problems=[_(REFUSED_VALUE)])
    except StaleDataError:
        problem = _(
            "Somebody changed one of these {labels} at the same moment. Try again.",
            labels=view.label_plural,
        )
        return None, Refusal(problems=[problem], status=409)


def _check_fields(context: Context, view: RecordView) -> None:
    """An action that borrows the permission of another writes no field that the person may not
    change. One statement, and only for people with such fields.

    Raises:
        InvalidValue: it wrote one.
    """
    number, fixed = context.session.changeset, context.fields(view).fixed
    if number is None or not fixed:
        return
    if names := fields_updated(context.session, number, history_name(view.mapper)) & fixed:
        name = view.field_label(min(names))
        raise InvalidValue(
            "",
            _("This would change {field}, which you don't have permission to change.", field=name),
        )


def refuse_value(view: RecordView, form: Any | None, error: InvalidValue) -> Refusal:
    """The refusal for an invalid value: at the form's field of that name, or above the form."""
    if form is not None and error.field in form:
        return Refusal(fields={error.field: error.message})
    known = error.field in view.mapper.attrs
    problem = error.message
    if known:
        problem = _("{field}: {message}", field=view.label_for(error.field), message=problem)
    return Refusal(problems=[problem])


def _refuse_violation(
    context: Context, view: RecordView, form: Any | None, error: IntegrityError
) -> Refusal:
    """The sentence of the record's form, at the action's field of that name or above its form."""
    table = view.mapper.local_table
    assert isinstance(table, Table)
    violation = read_violation(error, table)
    names = [*view.mapper.columns.keys()]
    if violation.columns:
        names += view.mapper.relationships.keys()
    elif violation.kind == "foreign_key":  # which one is not known: SQLite names none
        return Refusal(problems=[_(UNKNOWN_REFERENCE)])
    refusal = refuse_violation(context, view, error, dict.fromkeys(names))
    for name, message in list(refusal.fields.items()):
        if form is None or name not in form:
            del refusal.fields[name]
            problem = _("{field}: {message}", field=view.label_for(name), message=message)
            refusal.problems.append(problem)
    return refusal


def respond(context: Context, view: RecordView, action: Action, result: Any, back: str) -> Response:
    """The answer to what an action's function returned. ``back``: where the person came from.

    Raises:
        TypeError: it returned something that no action may.
    """
    if isinstance(result, str) and result.strip():
        _notify(context, result)
        return context.redirect(back)
    if isinstance(result, RedirectResponse):
        href = result.headers["location"]
        if safe_return_url(href) == href or href == START:
            _notify_changes(context, action)
            return context.redirect(href)
        raise TypeError(
            f"{_where(view, action)} leads to {href!r}, which is not a page of this site"
        )
    if isinstance(result, Response) and _is_file(result):
        _notify_changes(context, action)
        return result
    if inspect.iscoroutine(result):
        result.close()
    raise TypeError(
        f"{_where(view, action)} returned {result!r}: return a sentence, a Response with "
        "Content-Disposition: attachment and its whole content, or a RedirectResponse to a page of "
        "this site"
    )


def _where(view: RecordView, action: Action) -> str:
    return f"{type(view).__name__}.{action.method}"


def _is_file(response: Response) -> bool:
    """Whether a response is a file to keep. One that streams would read from the session after it
    was closed."""
    disposition = response.headers.get("content-disposition", "")
    is_whole = not isinstance(response, StreamingResponse) or isinstance(response, FileResponse)
    return disposition.startswith("attachment") and response.status_code == 200 and is_whole


def _notify_changes(context: Context, action: Action) -> None:
    """A notice for an action that says nothing itself, if it changed something."""
    if context.session.changeset is not None:
        _notify(context, _("“{action}” is done.", action=_(action.label)))


def _notify(context: Context, text: str) -> None:
    number = context.session.changeset
    offers_undo = False
    if number is not None:
        offers_undo = may_undo(context, readable_parts(context, [number]).get(number, []))
    context.browser.notify(
        "success",
        text,
        button="undo" if offers_undo else "",
        href=context.site.href("changeset", "undo", number) if offers_undo else "",
    )
