"""Which changes a person may read, where a view has a condition for its records (``visible``).

A change is read by people who may see its record. A deleted record is judged by the values that it
had last, in the place of its columns. What cannot be judged is not shown.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Table, case, exists, false, select
from sqlalchemy.sql import visitors

from backoffice.admin.records.seen import is_seen
from backoffice.admin.view import Context, RecordView
from backoffice.history.audited import all_columns_of, history_name, key_fields, parts_of
from backoffice.history.encoding import is_secret, sql_decode
from backoffice.history.undo.changed_records import is_record
from backoffice.models import Audited
from backoffice.models.tables import changes


def views_with_conditions(context: Context) -> list[RecordView]:
    """The views of records with a history of which the person may see only some."""

    def find() -> list[RecordView]:
        return [
            view
            for view in context.site.record_views
            if issubclass(view.model, Audited) and not context.sees_all(view)
        ]

    return context.once("views with conditions", find)


def is_record_visible(context: Context, view: RecordView) -> ColumnElement[bool]:
    """The condition that the person may see the record of a row of ``changes``, which is about a
    record of ``view``. It uses the table ``changes`` of the statement around it."""
    dialect, mapper = context.session.dialect, view.mapper
    this_record = is_record(dialect, mapper, changes)
    own = select(sa.literal(1)).select_from(view.model)
    is_there = own.where(this_record).correlate(changes).exists()
    is_seen = own.where(this_record, context.visible(view)).correlate(changes).exists()
    return case((is_there, is_seen), else_=_was_visible(context, view))


def _was_visible(context: Context, view: RecordView) -> ColumnElement[bool]:
    """The condition that the person might have seen a deleted record, as it was last."""
    deletion, later = changes.alias("deletion"), changes.alias("later")
    judged = _with_values(context, view, deletion.c.before)
    if judged is None:
        return false()
    of_record = (
        deletion.c.model == history_name(view.mapper),
        deletion.c.record_id == changes.c.record_id,
        deletion.c.operation == "delete",
    )
    is_last = ~exists().where(
        later.c.model == deletion.c.model,
        later.c.record_id == deletion.c.record_id,
        later.c.operation == "delete",
        later.c.id > deletion.c.id,
    ).correlate(deletion)
    found = select(sa.literal(1)).select_from(deletion).where(*of_record, is_last, judged)
    return found.correlate(changes).exists()


def _with_values(context: Context, view: RecordView, values: Any) -> ColumnElement[bool] | None:
    """``visible`` with a change's ``values`` in place of the columns of the record; None if it asks
    for something that the history does not have."""
    tables = {table for table in view.mapper.tables if isinstance(table, Table)}
    keys = {table.key for table in tables}
    names = {
        (column.table.key, column.key): (name, column)
        for name, column in all_columns_of(view.mapper).items()
    }
    for part in parts_of(view.mapper):  # a derived class's table has the key once more
        for column, name in zip(part.key.columns, key_fields(view.mapper), strict=True):
            names[(column.table.key, column.key)] = (name, column)
    unknown = []

    def replace(element: Any, **_options: Any) -> Any:
        table = getattr(element, "table", None)
        if not isinstance(element, sa.Column) or not isinstance(table, Table):
            return None
        if table.key not in keys:
            return None
        name, column = names.get((table.key, element.key), ("", None))
        if column is None or is_secret(column):
            unknown.append(element)
            return sa.null()
        return sql_decode(context.session.dialect, column, values, name)

    visible = context.visible(view)
    judged: Any = visitors.replacement_traverse(visible, {}, replace)
    reads_others = any(_selects_only(part, keys) for part in visitors.iterate(visible)) or any(
        isinstance(part, Table) and part.key in keys for part in visitors.iterate(judged)
    )
    return None if unknown or reads_others else judged


def _selects_only(part: Any, keys: set[str]) -> bool:
    """Whether a part of a condition is a SELECT from these tables alone. Such a one reads all their
    rows, while one from other tables as well is about the row that is judged."""
    if not isinstance(part, sa.Select):
        return False
    froms = part.get_final_froms()
    return bool(froms) and all(isinstance(one, Table) and one.key in keys for one in froms)


def may_see_history(context: Context, view: RecordView, record_id: str) -> bool:
    """Whether the person may see the history of a record, which may be deleted. No statement if
    they may see every record; one for a record that exists, else two."""
    if is_seen(context, view, record_id):
        return True
    statement = (
        select(changes.c.id)
        .where(
            changes.c.model == history_name(view.mapper),
            changes.c.record_id == record_id,
            is_record_visible(context, view),
        )
        .limit(1)
    )
    return context.session.scalar(statement) is not None
