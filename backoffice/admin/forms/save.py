"""Reading a posted form and saving it on its record. Every problem is a sentence at a field, or
above the form."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from backoffice.admin.changes.check import check_changes
from backoffice.admin.forms.build import OUR_FIELDS, posted_name
from backoffice.admin.forms.choices import find_record
from backoffice.admin.forms.fields import (
    USE_DEFAULT,
    Delta,
    LinksField,
    RecordForm,
    RelationField,
)
from backoffice.admin.records.values import find_records_by_key, write_values
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db import Violation, read_violation
from backoffice.models import InvalidValue

log = logging.getLogger(__name__)


@dataclass
class Refusal:
    """Why a form was not saved.

    ``fields``: a sentence for each field, by name. ``problems``: sentences about the whole form.
    ``status``: of the response. An empty refusal is false.
    """

    fields: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    status: int = 422

    def __bool__(self) -> bool:
        return bool(self.fields or self.problems)


def read_form(
    context: Context, view: RecordView, form: RecordForm, locked: Mapping[str, str]
) -> tuple[dict[str, Any], Refusal]:
    """The form's cleaned values by field name, and what is wrong with it.

    A field of a new record that was left blank, and whose column has a default, has no value. The
    value of a relation is a record. ``locked``: the fields that this person's form does not have,
    with the reasons.
    """
    refusal = Refusal(problems=[*_locked_problems(context, view, locked)])
    refusal.problems += _unknown_names(context, form, locked)
    for name, form_field in form.fields.items():
        given = context.form.getlist(form_field.name)
        if len(given) > 1 and getattr(form_field, "kind", "") not in ("boolean", "checks"):
            refusal.fields[name] = "This field was sent more than once."
        elif any(not isinstance(value, str) for value in given):
            refusal.fields[name] = "Enter text: a file is not expected here."
    form.validate()
    values: dict[str, Any] = {}
    for name, form_field in form.fields.items():
        if form_field.errors:
            refusal.fields.setdefault(name, str(form_field.errors[0]))
        elif isinstance(form_field, RelationField) and isinstance(form_field.data, str):
            target = view.related_view(name)
            values[name] = find_record(context, target, form_field.data)
            if values[name] is None:
                refusal.fields.setdefault(
                    name, f"This {target.label} does not exist (any more). Choose another."
                )
        elif isinstance(form_field, LinksField):
            target = view.related_view(name)
            records = find_records_by_key(context, target, form_field.chosen)
            values[name] = list(records.values())
            if len(records) < len(form_field.chosen):
                refusal.fields.setdefault(
                    name,
                    f"One of these {target.label_plural} does not exist (any more). Choose again.",
                )
        elif form_field.data is not USE_DEFAULT:
            values[name] = form_field.data
    return values, refusal


def _locked_problems(
    context: Context, view: RecordView, locked: Mapping[str, str]
) -> Iterator[str]:
    """A sentence for each reason why posted fields are locked."""
    labels_by_reason: dict[str, list[str]] = {}
    for name, reason in locked.items():
        if posted_name(name) in context.form:
            labels_by_reason.setdefault(reason, []).append(view.field_label(name))
    for reason, labels in labels_by_reason.items():
        yield f"{', '.join(labels)}: {reason}"


def _unknown_names(context: Context, form: RecordForm, locked: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each posted name that the form does not have."""
    names = {form_field.name for form_field in form.fields.values()}
    known = names | {f"{name}_find" for name in names} | {f"choice_{name}" for name in names}
    known |= OUR_FIELDS | set(map(posted_name, locked))
    for name in dict.fromkeys(context.form.keys()):
        if name not in known:
            printable = "".join(character for character in name[:40] if character.isprintable())
            yield f"This form has no field named “{printable}”."


def save(
    context: Context, view: RecordView, record: Any, values: dict[str, Any], *, created: bool
) -> Refusal:
    """Write ``values`` to ``record`` and flush. The request commits later, at its edge.

    Returns why the record was not saved, with the session rolled back; an empty refusal if it was.
    """
    try:
        resolve_deltas(view, record, values, created=created)
        write_values(context, view, record, values)
        view.apply(context, record, values, created)
        if created:
            context.session.add(record)
        context.session.flush()
        view.saved(context, record, values, created)
        check_changes(context)
        return Refusal()
    except InvalidValue as error:
        refusal = _refuse_field(view, error.field, error.message)
    except IntegrityError as error:
        refusal = refuse_violation(context, view, error, values)
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
    """Replace signed counts in ``values`` by the record's count plus the signed one.

    The record is locked, so no other request changes the count before this one is committed.

    Raises:
        InvalidValue: the record is new and has no count, or the result is not allowed.
    """
    for name, value in values.items():
        if not isinstance(value, Delta):
            continue
        if created:
            raise InvalidValue(name, "Enter a number without a sign: nothing is there yet.")
        stored = getattr(record, name) or 0
        total = stored + value.amount
        if total < 0:
            raise InvalidValue(
                name, f"Only {stored:,} are left: {-value.amount:,} cannot be taken away."
            )
        try:
            kind_of(view.mapper.columns[name]).check(total, "")
        except ValueError as error:
            raise InvalidValue(name, str(error)) from None
        values[name] = total


def refuse_violation(
    context: Context, view: RecordView, error: IntegrityError, values: dict[str, Any]
) -> Refusal:
    """The refusal for a violated constraint: a sentence at the field that the constraint is about,
    or above the form."""
    table = view.mapper.local_table
    assert isinstance(table, Table)
    violation = read_violation(error, table)
    violated = _violated_fields(view, violation)
    names = [name for name in violated if name in values]
    if not context.hidden(view).isdisjoint(violated):
        names = []  # a sentence at one field would tell of the hidden one
    if violation.kind == "unique" and names:
        labels = " and ".join(view.label_for(name).lower() for name in names)
        article = "An" if view.label[:1] in "aeiou" else "A"
        sentence = f"{article} {view.label} with this {labels} exists already. Choose another."
        return _refuse_field(view, names[0], sentence)
    if violation.kind == "foreign_key":
        # SQLite does not name the constraint: then it is one of the relations that were posted.
        names = names or [name for name in values if name in view.mapper.relationships]
        if names:
            label = view.label_for(names[0]).lower()
            sentence = f"This {label} does not exist (any more). Choose another."
            return _refuse_field(view, names[0], sentence)
    if violation.kind == "not_null" and names:
        return _refuse_field(view, names[0], "This field is required.")
    if violation.kind == "check" and names:
        return _refuse_field(view, names[0], "This value is not allowed here.")
    log.warning("a constraint without a field refused a write: %s", violation.constraint)
    return Refusal(problems=["The database refused these values together. Check them."])


def _violated_fields(view: RecordView, violation: Violation) -> list[str]:
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


def _refuse_field(view: RecordView, name: str, message: str) -> Refusal:
    """A refusal at a field, or above the form if the form does not have that field."""
    if name in view.get_form_columns() or name in view.form_extra_fields:
        return Refusal(fields={name: message})
    if not name:
        return Refusal(problems=[message])
    return Refusal(problems=[f"{view.label_for(name)}: {message}"])
