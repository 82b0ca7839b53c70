"""Reading a posted form and saving it on its record. Every problem is a sentence at a field, or
above the form."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from backoffice.admin.changes.check import check_changes
from backoffice.admin.forms.build import OUR_FIELDS, posted_name
from backoffice.admin.forms.choices import find_record
from backoffice.admin.forms.fields import USE_DEFAULT, LinksField, RecordForm, RelationField
from backoffice.admin.forms.problems import add_taken, write_all
from backoffice.admin.forms.refusals import (
    REFUSED_VALUE,
    Refusal,
    gone_message,
    refuse_field,
    refuse_violation,
)
from backoffice.admin.records.values import find_records_by_key
from backoffice.admin.view import Context, RecordView
from backoffice.language import _
from backoffice.models import InvalidValue

log = logging.getLogger(__name__)


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
            refusal.fields[name] = _("This field was sent more than once.")
        elif any(not isinstance(value, str) for value in given):
            refusal.fields[name] = _("Enter text, not a file.")
    form.validate()
    values: dict[str, Any] = {}
    for name, form_field in form.fields.items():
        if form_field.errors:
            refusal.fields.setdefault(name, str(form_field.errors[0]))
        elif isinstance(form_field, RelationField) and isinstance(form_field.data, str):
            target = view.related_view(name)
            values[name] = find_record(context, target, form_field.data)
            if values[name] is None:
                refusal.fields.setdefault(name, gone_message(target.label))
        elif isinstance(form_field, LinksField):
            target = view.related_view(name)
            records = find_records_by_key(context, target, form_field.chosen)
            values[name] = list(records.values())
            if len(records) < len(form_field.chosen):
                refusal.fields.setdefault(
                    name,
                    _(
                        "One of these {labels} no longer exists. Choose again.",
                        labels=target.label_plural,
                    ),
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
        yield _("{field}: {message}", field=", ".join(labels), message=reason)


def _unknown_names(context: Context, form: RecordForm, locked: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each posted name that the form does not have."""
    names = {form_field.name for form_field in form.fields.values()}
    known = names | {f"{name}_find" for name in names} | {f"choice_{name}" for name in names}
    known |= OUR_FIELDS | set(map(posted_name, locked))
    for name in dict.fromkeys(context.form.keys()):
        if name not in known:
            printable = "".join(character for character in name[:40] if character.isprintable())
            yield _("This form has no field named “{name}”.", name=printable)


def save(
    context: Context, view: RecordView, record: Any, values: dict[str, Any], *, created: bool
) -> Refusal:
    """Write ``values`` to ``record`` and flush. The request commits later, at its edge.

    Returns why the record was not saved, with the session rolled back; an empty refusal if it was.
    """
    try:
        refusal = write_all(context, view, record, values, created=created)
        if refusal:
            add_taken(context, view, record, values, refusal, created=created)
        else:
            view.apply(context, record, values, created)
            if created:
                context.session.add(record)
            context.session.flush()
            view.saved(context, record, values, created)
            check_changes(context)
            return Refusal()
    except InvalidValue as error:
        refusal = refuse_field(view, error.field, error.message)
    except IntegrityError as error:
        refusal = refuse_violation(context, view, error, values)
    except DataError:
        log.warning("the database refused a value that the form let through", exc_info=True)
        refusal = Refusal(problems=[_(REFUSED_VALUE)])
    except StaleDataError:
        problem = _(
            "Somebody changed this {label} at the same moment. Save again.", label=view.label
        )
        refusal = Refusal(problems=[problem], status=409)
    context.session.rollback()
    return refusal


def add_problems(
    context: Context,
    view: RecordView,
    record: Any,
    values: dict[str, Any],
    refusal: Refusal,
    *,
    created: bool,
) -> None:
    """Add to a refusal what is wrong with the values of other fields, and roll back.

    ``values``: those that can be read, by field name.
    """
    refusal.add(write_all(context, view, record, values, created=created))
    add_taken(context, view, record, values, refusal, created=created)
    context.session.rollback()
