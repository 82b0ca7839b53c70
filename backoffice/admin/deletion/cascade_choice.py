"""The choice for records that would be deleted as well: delete them, or move them elsewhere."""

from dataclasses import replace

from backoffice.admin.deletion.describe import cascade_messages
from backoffice.admin.deletion.plan import Deletion
from backoffice.admin.forms.choices import build_choice, find_record
from backoffice.admin.pages.parts import Choice
from backoffice.admin.posted import posted_text
from backoffice.admin.records.keys import key_of, key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.locks import refusal_of_write
from backoffice.admin.view import Context
from backoffice.history import update_where
from backoffice.models import InvalidValue

CONFIRM_ABOVE = 10
"""Records that one click deletes as well. For more, the person has to type their number."""

BELOW = "below"
"""The field with the choice: "move" or "delete"."""

MOVE_TO = "move_to"
"""The field with the key of the record to move them to."""

CONFIRM = "confirm"
"""The field with the typed number."""


def can_move(context: Context, deletion: Deletion) -> bool:
    """Whether the records of the cascade can be moved: they are of one kind, refer to the deleted
    records by one column, and the person may change that in their form."""
    if len(deletion.cascade) != 1:
        return False
    (effect,) = deletion.cascade
    if effect.view is None or not effect.relation or effect.depth:
        return False
    if effect.view is effect.parent_view:
        return False
    relation = effect.view.mapper.relationships.get(effect.relation)
    if relation is None or len(relation.local_columns) != 1:
        return False
    in_form = effect.relation in effect.view.get_form_columns()
    may_edit = context.may("edit", effect.view)
    return in_form and may_edit and context.may_write(effect.view, effect.relation)


def move_choice(context: Context, deletion: Deletion) -> Choice:
    """The records to move the cascade to: all but those that are deleted."""
    effect = deletion.cascade[0]
    assert effect.view is not None, "can_move was asked"
    find_text = None
    if "find" in context.form:
        find_text = posted_text(context.form, f"{effect.relation}_find")
    choice = build_choice(
        context,
        effect.view,
        effect.relation,
        posted_text(context.form, MOVE_TO),
        label=deletion.view.name,
        find_text=find_text,
    )
    deleted = {key_text(record) for record in deletion.records}
    options = tuple(option for option in choice.options if option.value not in deleted)
    return replace(choice, name=MOVE_TO, options=options)


def apply_choice(context: Context, deletion: Deletion) -> str:
    """Move the records of the cascade, where that was chosen; else only check that the person
    wants to delete them.

    Returns a sentence about the moved records for the notice, "" if none were moved.

    Raises:
        InvalidValue: nothing was chosen, the person may not, or the typed number is wrong.
    """
    effect, number = deletion.cascade[0], deletion.cascade_number
    movable = can_move(context, deletion)
    choice = posted_text(context.form, BELOW)
    if choice == "move" and movable:
        return _move(context, deletion)
    if problems := cascade_messages(context, deletion):
        raise InvalidValue(BELOW, problems[0])
    if choice != "delete" and movable:
        raise InvalidValue(BELOW, f"Choose what becomes of the {effect.counted_label}.")
    typed = posted_text(context.form, CONFIRM).strip().replace(",", "")
    if number > CONFIRM_ABOVE and typed != str(number):
        raise InvalidValue(
            CONFIRM, f"Type {number} to delete that many {effect.records_label} as well."
        )
    return ""


def _move(context: Context, deletion: Deletion) -> str:
    effect, view = deletion.cascade[0], deletion.cascade[0].view
    assert view is not None, "can_move was asked"
    target = find_record(context, deletion.view, posted_text(context.form, MOVE_TO))
    if target is None or target in deletion.records:
        raise InvalidValue(
            MOVE_TO, f"Choose the {deletion.view.label} to move the {view.label_plural} to."
        )
    keys = [key_of(record) for record in deletion.records]
    (column,) = view.mapper.relationships[effect.relation].local_columns
    name = view.mapper.get_property_by_column(column).key
    of_deleted = getattr(view.model, name).in_(keys)
    if reason := refusal_of_write(context, view, "edit", of_deleted):
        raise InvalidValue(BELOW, reason)
    moved = update_where(context.session, view.model, {name: key_of(target)}, of_deleted)
    label = view.label if moved == 1 else view.label_plural
    return f" {moved:,} {label} moved to “{record_label(context, target)}”."
