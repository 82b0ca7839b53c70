"""Why a form was not saved: sentences at its fields and above it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from backoffice.admin.view import Context, RecordView
from backoffice.db import Violation, read_violation
from backoffice.language import N_, _

log = logging.getLogger(__name__)

REFUSED_VALUE = N_("The database refuses one of these values. Check them.")
"""The database refused a value that the form let through, and did not say which."""


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

    def add(self, other: "Refusal") -> None:
        """Take over what another refusal says of other fields, and of the whole form."""
        self.fields = {**other.fields, **self.fields}
        self.problems += [one for one in other.problems if one not in self.problems]


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
        return refuse_field(view, names[0], taken_message(view, names))
    if violation.kind == "foreign_key":
        # SQLite does not name the constraint: then it is one of the relations that were posted.
        names = names or [name for name in values if name in view.mapper.relationships]
        if names:
            return refuse_field(view, names[0], gone_message(view.label_for(names[0]).lower()))
    if violation.kind == "not_null" and names:
        return refuse_field(view, names[0], _("This field is required."))
    if violation.kind == "check" and names:
        return refuse_field(view, names[0], _("This value is not allowed here."))
    log.warning("a constraint without a field refused a write: %s", violation.constraint)
    return Refusal(problems=[_("The database refuses these values together. Check them.")])


def taken_message(view: RecordView, names: Sequence[str]) -> str:
    """That another record has these values, which are unique together."""
    label = view.label_with_article
    labels = [view.label_for(name).lower() for name in names]
    return _(
        "{label} with this {field} already exists. Choose another.",
        label=label[:1].upper() + label[1:],
        field=_("{first} and {last}", first=", ".join(labels[:-1]), last=labels[-1])
        if len(labels) > 1
        else labels[0],
    )


def gone_message(label: str) -> str:
    """That a chosen record is not there (any more)."""
    return _("This {label} no longer exists. Choose another.", label=label)


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


def refuse_field(view: RecordView, name: str, message: str) -> Refusal:
    """A refusal at a field, or above the form if the form does not have that field."""
    if name in view.get_form_columns() or name in view.form_extra_fields:
        return Refusal(fields={name: message})
    if not name:
        return Refusal(problems=[message])
    problem = _("{field}: {message}", field=view.label_for(name), message=message)
    return Refusal(problems=[problem])
