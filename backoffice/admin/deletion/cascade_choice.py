"""The choice for records that would be deleted as well: delete them, or move them elsewhere."""

from dataclasses import replace
from typing import Literal

from sqlalchemy import ColumnElement

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
from backoffice.language import _, number
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
        label=deletion.view.title,
        find_text=find_text,
    )
    deleted = {key_text(record) for record in deletion.records}
    options = tuple(option for option in choice.options if option.value not in deleted)
    return replace(choice, name=MOVE_TO, options=options)


def chosen_way(context: Context) -> Literal["", "move", "delete"]:
    """The way that was posted; "" for none. Somebody who only says where to move the records, and
    whose browser runs no script, means to move them."""
    way = posted_text(context.form, BELOW) if context.posted else ""
    if way == "delete":
        return "delete"
    means_to_move = context.posted and (
        "find" in context.form or posted_text(context.form, MOVE_TO)
    )
    return "move" if way == "move" or means_to_move else ""


def why_not_move(context: Context, deletion: Deletion, choice: Choice) -> str:
    """Why the records of the cascade cannot be moved, as a sentence; "" if they can. ``choice``:
    where to. One statement, if their view has a rule for single records."""
    if not choice.options and choice.lookup_href is None:
        return _("There is no other {label}.", label=deletion.view.label)
    view = deletion.cascade[0].view
    assert view is not None, "can_move was asked"
    return refusal_of_write(context, view, "edit", _of_deleted(deletion))


def apply_choice(context: Context, deletion: Deletion) -> str:
    """Move the records of the cascade, where that was chosen; else only check that the person
    wants to delete them.

    Returns a sentence about the moved records for the notice, "" if none were moved.

    Raises:
        InvalidValue: nothing was chosen, the person may not, or the typed number is wrong.
    """
    effect, count = deletion.cascade[0], deletion.cascade_number
    movable, way = can_move(context, deletion), chosen_way(context)
    if way == "move" and movable:
        return _move(context, deletion)
    if way != "delete" and movable:
        raise InvalidValue(
            BELOW,
            _(
                "Nothing was deleted. Choose what should happen to the {records}.",
                records=effect.counted_label,
            ),
        )
    if problems := cascade_messages(context, deletion):
        raise InvalidValue(BELOW, problems[0])
    if count > CONFIRM_ABOVE and _typed_number(context) != str(count):
        raise InvalidValue(
            CONFIRM,
            _(
                "Nothing was deleted. Type {number} to delete the {records} as well.",
                number=number(count),
                records=effect.records_label,
            ),
        )
    return ""


def _typed_number(context: Context) -> str:
    """The typed number as plain digits, however its writer groups and writes them."""
    typed = posted_text(context.form, CONFIRM)
    kept = [letter for letter in typed if not (letter.isspace() or letter in ",.'’٬")]
    if not all(map(str.isdecimal, kept)):
        return ""
    return "".join(str(int(letter)) for letter in kept)


def _of_deleted(deletion: Deletion) -> ColumnElement[bool]:
    """The condition for the records of the cascade: they refer to the deleted records."""
    name = _moved_attribute(deletion)
    keys = [key_of(record) for record in deletion.records]
    view = deletion.cascade[0].view
    assert view is not None, "can_move was asked"
    condition: ColumnElement[bool] = getattr(view.model, name).in_(keys)
    return condition


def _moved_attribute(deletion: Deletion) -> str:
    """The name of the column by which the records of the cascade refer to the deleted ones."""
    effect = deletion.cascade[0]
    assert effect.view is not None, "can_move was asked"
    (column,) = effect.view.mapper.relationships[effect.relation].local_columns
    name: str = effect.view.mapper.get_property_by_column(column).key
    return name


def _move(context: Context, deletion: Deletion) -> str:
    view = deletion.cascade[0].view
    assert view is not None, "can_move was asked"
    target = find_record(context, deletion.view, posted_text(context.form, MOVE_TO))
    if target is None or target in deletion.records:
        raise InvalidValue(
            MOVE_TO,
            _(
                "Nothing was deleted. Choose the {label} to move the {records} to.",
                label=deletion.view.label,
                records=deletion.cascade[0].records_label,
            ),
        )
    of_deleted = _of_deleted(deletion)
    if reason := refusal_of_write(context, view, "edit", of_deleted):
        raise InvalidValue(BELOW, reason)
    values = {_moved_attribute(deletion): key_of(target)}
    moved = update_where(context.session, view.model, values, of_deleted)
    return _(
        "{records} moved to “{name}”.",
        records=view.counted(moved),
        name=record_label(context, target),
    )
