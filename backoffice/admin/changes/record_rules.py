"""The views' rules about single records (``visible`` and ``may``), asked of changes.

A write is checked twice: before it, with the records as they are stored, and after it, before the
commit, with what the changeset wrote. So the rules hold for forms, moves, actions and undos alike.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from sqlalchemy import Select, and_, false, func, literal, not_, select

from backoffice.admin.changes.visible_changes import views_with_conditions
from backoffice.admin.field_access import columns_read_by, fields_by_attribute
from backoffice.admin.records.locks import has_locks, reason_of, why_not_a_selection
from backoffice.admin.view import Context, RecordView
from backoffice.history.audited import history_name
from backoffice.history.queries import Summary
from backoffice.history.undo.changed_records import is_record
from backoffice.history.undo.plan import NEEDS
from backoffice.language import _
from backoffice.models import Audited, InvalidValue
from backoffice.models.tables import changes

MOST_ASKED = 200
"""Records that are loaded to ask ``may`` for each, where the view has no ``may_condition``."""


class OutOfSight(InvalidValue):
    """A change after which the person could not see the record any more."""


def views_with_locks(context: Context) -> list[RecordView]:
    """The views of records with a history that have a rule of their own for single records."""
    return [
        view
        for view in context.site.record_views
        if has_locks(view) and issubclass(view.model, Audited)
    ]


# Before ---------------------------------------------------------------------------------


def refusal_of_undo(context: Context, changeset_id: int, summaries: list[Summary]) -> str:
    """Why the person may not undo what a changeset did to records with a rule, as a sentence; ""
    if they may. One statement for each kind of record with a rule.

    Deleted records are judged when they are restored (``check_written``).
    """
    undone = [summary for summary in summaries if summary.operation != "delete"]
    for view, summary in product(views_with_locks(context), undone):
        if history_name(view.mapper) != summary.model:
            continue
        action = NEEDS[summary.operation]
        of_changeset = and_(
            changes.c.changeset_id == changeset_id, changes.c.operation == summary.operation
        )
        if reason := _refusal_of_changes(context, view, action, of_changeset):
            return reason
    return ""


def _refusal_of_changes(context: Context, view: RecordView, action: str, of_changeset: Any) -> str:
    """Why the person may not do ``action`` on the records of some changes, as they are now."""
    allowed = view.may_condition(context, action)
    is_changed = and_(
        changes.c.model == history_name(view.mapper),
        of_changeset,
        is_record(context.session.dialect, view.mapper, changes),
    )
    records: Select[Any] = select(view.model).where(select(changes.c.id).where(is_changed).exists())
    if allowed is not None:
        refused = records.where(not_(func.coalesce(allowed, false()))).limit(1)
        record = context.session.scalars(refused).unique().first()
        return "" if record is None else reason_of(context, view, action, record)
    asked = context.session.scalars(records.limit(MOST_ASKED + 1)).unique().all()
    if len(asked) > MOST_ASKED:
        return why_not_a_selection(view, action)
    reasons = (context.refusal(action, view, record) for record in asked)
    return next(filter(None, reasons), "")


# After ----------------------------------------------------------------------------------


def check_written(context: Context) -> None:
    """Check what this unit of work wrote by the rules about single records. One statement for each
    view that has one, none for the others.

    Raises:
        OutOfSight: the person could not see a record any more.
        InvalidValue: they may not create one like this.
    """
    changeset_id = context.session.changeset
    if changeset_id is None:
        return
    for view in views_with_conditions(context):
        _check_visible(context, view, changeset_id)
    for view in views_with_locks(context):
        created = and_(changes.c.changeset_id == changeset_id, changes.c.operation == "create")
        if reason := _refusal_of_changes(context, view, "create", created):
            raise InvalidValue("", reason)


def _check_visible(context: Context, view: RecordView, changeset_id: int) -> None:
    this_record = is_record(context.session.dialect, view.mapper, changes)
    record = select(literal(1)).select_from(view.model).where(this_record)
    statement = (
        select(changes.c.after)
        .where(
            changes.c.changeset_id == changeset_id,
            changes.c.model == history_name(view.mapper),
            changes.c.operation != "delete",
            record.correlate(changes).exists(),
            not_(record.where(context.visible(view)).correlate(changes).exists()),
        )
        .limit(1)
    )
    row = context.session.execute(statement).first()
    if row is None:
        return
    name = next(_fields_in_condition(context, view, row[0] or {}), "")
    text = _("You don't have permission to see {labels} like this.", labels=view.label_plural)
    if name:
        text = _(
            "You don't have permission to see {labels} like this. Choose another value for "
            "{field}.",
            labels=view.label_plural,
            field=view.field_label(name),
        )
    raise OutOfSight(name, text)


def _fields_in_condition(context: Context, view: RecordView, written: Any) -> Iterator[str]:
    """The written fields that the condition for what the person may see reads, by the names that
    the form has for them."""
    fields = fields_by_attribute(view)
    for column in columns_read_by(context.visible(view)):
        for name, own in view.mapper.columns.items():
            if own is column and name in written and name in fields:
                yield fields[name]
