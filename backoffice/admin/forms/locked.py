"""Which fields of a form the person cannot change, and why. The form shows them as text."""

from typing import Any

from backoffice.admin.attributes import table_column
from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.forms.build import (
    LOCKED,
    form_class_of,
    is_part_of_key,
    why_not_editable,
    why_value_not_editable,
)
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.seen import is_seen
from backoffice.admin.view import Context, RecordView
from backoffice.columns import Kind, kind_of
from backoffice.language import N_, _

OF_THE_KEY = N_("This identifies the record and can't be changed.")
NOT_PERMITTED = N_("You don't have permission to change this.")
UNLOCKED = N_(
    "You couldn't change this when you opened the form. Open the form again to change it."
)


def locked_fields(context: Context, view: RecordView, record: Any) -> dict[str, str]:
    """The form's fields that the person cannot change on ``record``, each with the reason.

    A field that was locked when the posted form was opened stays locked: the form did not send it.
    """
    if reason := context.refusal("edit", view, record):
        return dict.fromkeys((*view.get_form_columns(), *view.form_extra_fields), reason)
    locked = (
        _unwritable_fields(view, record)
        | view.locked_fields(context, record)
        | _unseen_relations(context, view, record)
        | fixed_fields(context, view)
    )
    posted = context.form.get(LOCKED, "")
    for name in posted.split(",") if isinstance(posted, str) else ():
        if name in (*view.get_form_columns(), *view.form_extra_fields):
            locked.setdefault(name, _(UNLOCKED))
    return locked


def fixed_fields(context: Context, view: RecordView) -> dict[str, str]:
    """The form's fields that the person may not change on any record, each with the reason: they
    may not see them, or their roles do not permit it."""
    access = context.fields(view)
    reasons = {}
    for name in (*view.get_form_columns(), *view.form_extra_fields):
        if name in access.hidden:
            why = why_hidden(context, view, name)
            reasons[name] = _("Not shown to you: {reason}. It won't change.", reason=why)
        elif name in access.fixed:
            reasons[name] = _(NOT_PERMITTED)
    return reasons


def _unseen_relations(context: Context, view: RecordView, record: Any) -> dict[str, str]:
    """The form's relations to a record that the person may not see. The form could not offer that
    record, and would lose it."""
    unseen = {}
    for name in view.get_form_columns():
        relation = view.mapper.relationships.get(name)
        if relation is None or relation.uselist:
            continue
        target = context.site.nearest_view(relation.mapper.class_)
        if target is None or context.sees_all(target):
            continue
        related = getattr(record, name)
        if related is not None and not is_seen(context, target, key_text(related)):
            unseen[name] = _(
                "This is {label} that you don't have permission to see. It won't change.",
                label=target.label_with_article,
            )
    return unseen


def _unwritable_fields(view: RecordView, record: Any) -> dict[str, str]:
    """The form's fields that nobody can change on ``record``, each with the reason."""
    read_only, kinds = _read_only_fields(view)
    reasons = {
        name: why_value_not_editable(kind, getattr(record, name)) for name, kind in kinds.items()
    }
    fixed = {name: _(reason) for name, reason in read_only.items()}
    return fixed | {name: reason for name, reason in reasons.items() if reason}


def _read_only_fields(view: RecordView) -> tuple[dict[str, str], dict[str, Kind]]:
    """The form's fields that nobody can change on any record, each with the reason to translate;
    and the kinds of its other columns. Both depend on the view alone and are cached on it."""
    return view.cache.get("read-only fields", lambda: _find_read_only_fields(view), always=True)


def _find_read_only_fields(view: RecordView) -> tuple[dict[str, str], dict[str, Kind]]:
    read_only, kinds = {}, {}
    for name in view.get_form_columns():
        if name not in form_class_of(view).members:
            read_only[name] = why_not_editable(view, name)
        elif is_part_of_key(view, name):
            read_only[name] = OF_THE_KEY
        elif (column := table_column(view.mapper, name)) is not None:
            kinds[name] = kind_of(column)
    return read_only, kinds
