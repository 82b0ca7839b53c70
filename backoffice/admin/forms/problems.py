"""All mistakes in a form's values, found at once, so that people can fix them in one go.

A column's kind has checked each value when the form was read. Here the model's validators, the
view's rules and the constraints of the database have their say, each about every field.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from backoffice.admin.forms.fields import Delta
from backoffice.admin.forms.refusals import Refusal, refuse_field, taken_message
from backoffice.admin.records.keys import has_key_in, key_of
from backoffice.admin.records.values import write_values
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.language import _, number
from backoffice.models import InvalidValue


def write_all(
    context: Context, view: RecordView, record: Any, values: dict[str, Any], *, created: bool
) -> Refusal:
    """Write ``values`` to ``record``, each one that its model takes, without a flush.

    Returns what is wrong with the others. If something is, the session has to be rolled back.
    """
    refusal = Refusal()
    with context.session.no_autoflush:
        for name in list(values):
            try:
                resolve_delta(view, record, values, name, created=created)
                write_values(context, view, record, {name: values[name]})
            except InvalidValue as error:
                refusal.add(refuse_field(view, error.field, error.message))
        for wrong in view.check_values(context, record, values, created):
            refusal.add(refuse_field(view, wrong.field, wrong.message))
    return refusal


def add_taken(
    context: Context,
    view: RecordView,
    record: Any,
    values: Mapping[str, Any],
    refusal: Refusal,
    *,
    created: bool,
) -> None:
    """Add to a refusal the values that another record has and that are unique.

    A form without any other mistake needs no such question: the database refuses it. ``values``:
    what was written to ``record``. One statement for each unique column.
    """
    for names in _unique_names(view):
        if not all(name in values and name not in refusal.fields for name in names):
            continue
        if not context.hidden(view).isdisjoint(names):
            continue  # a sentence at one field would tell of the hidden one
        if not created and all(not sa.inspect(record).attrs[name].history.added for name in names):
            continue
        wanted = [getattr(record, name) for name in names]
        if None in wanted:
            continue
        same = [
            getattr(view.model, name) == value for name, value in zip(names, wanted, strict=True)
        ]
        if not created:  # a name that differs in case alone may equal the record's own
            same.append(sa.not_(has_key_in(view, [key_of(record)])))
        statement = sa.select(sa.literal(1)).select_from(view.model).where(*same).limit(1)
        with context.session.no_autoflush:
            if context.session.execute(statement).first() is not None:
                refusal.add(refuse_field(view, names[0], taken_message(view, names)))


def _unique_names(view: RecordView) -> Iterator[list[str]]:
    """The attributes of each unique constraint and index of a view's table, without the key's."""
    table = view.mapper.local_table
    if not isinstance(table, sa.Table):
        return
    indexes = [index for index in table.indexes if index.unique and not index.dialect_kwargs]
    constraints = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    column_lists = [[*one.columns] for one in constraints] + [[*one.columns] for one in indexes]
    for columns in column_lists:
        known = [column for column in columns if column in view.mapper.columns.values()]
        if columns and len(known) == len(columns):
            yield [view.mapper.get_property_by_column(column).key for column in columns]


def resolve_delta(
    view: RecordView, record: Any, values: dict[str, Any], name: str, *, created: bool
) -> None:
    """Replace a signed count in ``values`` by the record's count plus the signed one.

    The record is locked, so no other request changes the count before this one is committed.

    Raises:
        InvalidValue: the record is new and has no count, or the result is not allowed.
    """
    value = values[name]
    if not isinstance(value, Delta):
        return
    if created:
        raise InvalidValue(
            name, _("Enter a number without a sign: there is nothing to add to yet.")
        )
    stored = getattr(record, name) or 0
    total = stored + value.amount
    if total < 0:
        raise InvalidValue(
            name,
            _(
                "Only {stored} left: you can't take {amount} away.",
                stored=number(stored),
                amount=number(-value.amount),
            ),
        )
    try:
        kind_of(view.mapper.columns[name]).check(total, "")
    except ValueError as error:
        raise InvalidValue(name, str(error)) from None
    values[name] = total
