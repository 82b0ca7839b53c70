"""Putting a form on a record: everything that can be wrong, told at its field."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Form

from backoffice.admin.changes.check import check_changes
from backoffice.admin.forms.build import OUR_FIELDS, posted_name
from backoffice.admin.forms.choices import find_record
from backoffice.admin.forms.fields import USE_DEFAULT, Delta, LinksField, RelationField
from backoffice.admin.records.values import find_each, put_values
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db import Violation, read_violation
from backoffice.models import InvalidValue

log = logging.getLogger(__name__)


@dataclass
class Refusal:
    """Why a form was not saved: sentences at fields, sentences for the whole, the HTTP status."""

    fields: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    status: int = 422

    def __bool__(self) -> bool:
        return bool(self.fields or self.problems)


def read_form(
    context: Context, view: RecordView, form: Form, locked: Mapping[str, str]
) -> tuple[dict[str, Any], Refusal]:
    """The form's cleaned values by field name, and what is wrong with it. A new record's field that
    was left blank, and whose column has a default, has no value.

    Relations are looked up: a record that is gone since the form was opened is told at its field.
    ``locked``: fields that the form does not have for this person, with the reasons.
    """
    refusal = Refusal()
    names = {one.name for one in form._fields.values()}
    known = names | {f"{name}_find" for name in names} | {f"choice_{name}" for name in names}
    known |= OUR_FIELDS | set(map(posted_name, locked))
    refused: dict[str, list[str]] = {}
    for name, reason in locked.items():
        if posted_name(name) in context.form:
            refused.setdefault(reason, []).append(view.field_label(name))
    for reason, labels in refused.items():
        refusal.problems.append(f"{', '.join(labels)}: {reason}")
    for name in dict.fromkeys(context.form.keys()):
        if name not in known:
            shown = "".join(c for c in name[:40] if c.isprintable())
            refusal.problems.append(f"This form has no field named “{shown}”.")
    for name, one in form._fields.items():
        given = context.form.getlist(one.name)
        if len(given) > 1 and getattr(one, "kind", "") not in ("boolean", "checks"):
            refusal.fields[name] = "This field was sent more than once."
        elif any(not isinstance(value, str) for value in given):
            refusal.fields[name] = "Enter text: a file is not expected here."
    form.validate()
    values: dict[str, Any] = {}
    for name, one in form._fields.items():
        if one.errors:
            refusal.fields.setdefault(name, str(one.errors[0]))
        elif isinstance(one, RelationField) and isinstance(one.data, str):
            target = view.related_view(name)
            values[name] = find_record(context, target, one.data)
            if values[name] is None:
                refusal.fields.setdefault(
                    name, f"This {target.label} does not exist (any more). Choose another."
                )
        elif isinstance(one, LinksField):
            target = view.related_view(name)
            found = find_each(context, target, one.chosen)
            values[name] = list(found.values())
            if len(found) < len(one.chosen):
                refusal.fields.setdefault(
                    name,
                    f"One of these {target.label_plural} does not exist (any more). Choose again.",
                )
        elif one.data is not USE_DEFAULT:
            values[name] = one.data
    return values, refusal


def save(
    context: Context, view: RecordView, record: Any, values: dict[str, Any], *, created: bool
) -> Refusal:
    """Put ``values`` on ``record`` and flush; the commit comes at the edge.

    Returns what was refused, with the session rolled back; an empty refusal if nothing was.
    """
    try:
        resolve_deltas(view, record, values, created=created)
        put_values(context, view, record, values)
        view.apply(context, record, values, created)
        if created:
            context.session.add(record)
        context.session.flush()
        view.saved(context, record, values, created)
        check_changes(context)
        return Refusal()
    except InvalidValue as error:
        refusal = _at(view, error.field, error.message)
    except IntegrityError as error:
        refusal = refuse_violation(view, error, values)
    except DataError:
        log.warning("the database refused a value that the form let through", exc_info=True)
        refusal = Refusal(problems=["The database does not take one of these values. Check them."])
    except StaleDataError:
        refusal = Refusal(
            problems=[f"Somebody else changed this {view.label} at the same moment. Save again."],
            status=409,
        )
    context.session.rollback()
    return refusal


def resolve_deltas(view: RecordView, record: Any, values: dict[str, Any], *, created: bool) -> None:
    """Turn signed counts into numbers, by the record as it is locked now.

    Raises:
        InvalidValue: a new record has nothing to count on, or more is taken than is there.
    """
    for name, value in values.items():
        if not isinstance(value, Delta):
            continue
        if created:
            raise InvalidValue(name, "Enter a number without a sign: nothing is there yet.")
        there = getattr(record, name) or 0
        if there + value.amount < 0:
            raise InvalidValue(
                name, f"Only {there:,} are left: {-value.amount:,} cannot be taken away."
            )
        try:
            kind_of(view.mapper.columns[name]).check(there + value.amount, "")
        except ValueError as error:
            raise InvalidValue(name, str(error)) from None
        values[name] = there + value.amount


def refuse_violation(view: RecordView, error: IntegrityError, values: dict[str, Any]) -> Refusal:
    """A constraint's refusal, as a sentence at the field that it is about."""
    table = view.mapper.local_table
    assert isinstance(table, Table)
    violation = read_violation(error, table)
    names = [name for name in _field_names(view, violation) if name in values]
    if violation.kind == "unique" and names:
        labels = " and ".join(view.label_for(name).lower() for name in names)
        article = "An" if view.label[:1] in "aeiou" else "A"
        sentence = f"{article} {view.label} with this {labels} exists already. Choose another."
        return _at(view, names[0], sentence)
    if violation.kind == "foreign_key":
        relations = [name for name in values if name in view.mapper.relationships]
        names = names or relations
        if names:
            label = view.label_for(names[0]).lower()
            return _at(view, names[0], f"This {label} does not exist (any more). Choose another.")
    if violation.kind == "not_null" and names:
        return _at(view, names[0], "This field is required.")
    if violation.kind == "check" and names:
        return _at(view, names[0], "This value is not allowed here.")
    log.warning("a constraint without a field refused a write: %s", violation.constraint)
    return Refusal(problems=["The database refused these values together. Check them."])


def _field_names(view: RecordView, violation: Violation) -> list[str]:
    """The form's fields that a violated constraint is about."""
    names = []
    for key in violation.columns:
        column = view.mapper.local_table.columns.get(key)
        if column is None:
            continue
        relations = [
            name
            for name, relation in view.mapper.relationships.items()
            if column in relation.local_columns and not relation.uselist
        ]
        names.append(relations[0] if relations else view.mapper.get_property_by_column(column).key)
    return names


def _at(view: RecordView, name: str, message: str) -> Refusal:
    """At the field, or above the form if it has no such field."""
    if name in view.get_form_columns() or name in view.form_extra_fields:
        return Refusal(fields={name: message})
    return Refusal(problems=[f"{view.label_for(name)}: {message}"])
