"""A form as a request opens it: fields, first values, its record's version and originals."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm.collections import collection_adapter
from starlette.datastructures import FormData

from backoffice.admin.forms.build import form_class_of
from backoffice.admin.forms.fields import RecordField, RecordForm
from backoffice.admin.forms.originals import ORIGINALS_FIELD, OriginalsSigner
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.values import visible_records
from backoffice.admin.view import Context, RecordView
from backoffice.history.audited import version_column


def open_form(
    view: RecordView,
    locked: Mapping[str, str],
    posted: FormData | None = None,
    *,
    created: bool,
    data: dict[str, Any] | None = None,
) -> RecordForm:
    """The form without its ``locked`` fields, filled in from ``posted`` or else from ``data``.

    A locked field is not posted, merged or saved, and so stays as it is. ``created``: whether the
    form is of a new record.
    """
    form = form_class_of(view)(posted, data=data)
    for field in form.fields.values():
        if isinstance(field, RecordField):
            field.created = created
    view.prepare_form(form, created)
    for name in locked:
        if name in form:
            del form[name]
    return form


def stored_values(context: Context, view: RecordView, record: Any) -> dict[str, Any]:
    """A record's values for its form, by field name: a relation as the key of the related record,
    or as the sorted keys of those that the person may see."""
    values = view.values_of(record)
    for name in view.get_form_columns():
        related = values.get(name)
        if name not in view.mapper.relationships or related is None:
            continue
        target = view.related_view(name)
        if view.mapper.relationships[name].uselist:
            seen = visible_records(context, target, list(collection_adapter(related)))
            values[name] = sorted(key_text(related_record) for related_record in seen)
        else:
            values[name] = key_text(related)
    return values


def record_version(view: RecordView, record: Any) -> str:
    """How often a record was changed (``Audited.version``); "" if its model does not count."""
    column = version_column(view.mapper)
    if column is None:
        return ""
    return str(getattr(record, view.mapper.get_property_by_column(column).key) or "")


def posted_version(context: Context) -> str:
    """The version that the posted form was opened with; "" if it names none."""
    version = context.form.get("version", "")
    return version if isinstance(version, str) else ""


def posted_originals(context: Context) -> str | None:
    """The hidden field with the signed originals as it was posted; None if it was not."""
    opened = context.form.get(ORIGINALS_FIELD)
    return opened if isinstance(opened, str) else None


def originals_signer(context: Context, view: RecordView, record: Any) -> OriginalsSigner:
    """What signs and reads the originals of the person's form of a record."""
    return OriginalsSigner(
        context.settings.signing_key,
        person=context.person.user_id,
        identity=view.identity,
        key=key_text(record),
    )
