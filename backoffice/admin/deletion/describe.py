"""What a deletion does to other records, and why it cannot be done, in sentences."""

from backoffice.admin.deletion.plan import Deletion
from backoffice.admin.records.cascade import CascadeEffect
from backoffice.admin.view import Context


def needed_messages(deletion: Deletion) -> list[str]:
    """Which records forbid the deletion: the database does not let them refer to nothing."""
    needed = [
        f"{effect.counted_label} {_needs(effect)} {deletion.these}"
        f"{_reference_label(deletion, effect)}. Delete or change {_pronoun(effect)} first."
        for effect in deletion.effects
        if effect.effect == "needed" and not effect.depth and effect.number
    ]
    return [*unseen_messages(deletion), *needed]


def unseen_messages(deletion: Deletion) -> list[str]:
    """That the deletion would delete, change or miss records that the person may not see."""
    if not any(effect.has_unseen for effect in deletion.effects):
        return []
    has = "It has" if deletion.is_single else "They have"
    return [f"{has} records that you may not see."]


def cascade_messages(context: Context, deletion: Deletion) -> list[str]:
    """Why the records of the cascade cannot be deleted: the person may not, or others need them."""
    locked = [effect.locked for effect in deletion.effects if effect.locked]
    not_permitted = [
        f"You may not delete {effect.view.label_plural}, and {effect.count} would be deleted with "
        f"{deletion.pronoun}."
        for effect in deletion.cascade
        if effect.view is not None and effect.number and not context.may("delete", effect.view)
    ]
    needed = [
        f"{effect.counted_label} {_needs(effect)} {effect.parent_view.label_plural} that would be "
        f"deleted with {deletion.pronoun}. Delete or change {_pronoun(effect)} first."
        for effect in deletion.effects
        if effect.effect == "needed" and effect.depth and effect.parent_view is not None
        if effect.number
    ]
    return not_permitted + locked + needed


def describe_effect(deletion: Deletion, effect: CascadeEffect) -> str:
    """What happens to some records, after their number and label: "are deleted with it"."""
    is_or_are = "is" if effect.is_single else "are"
    lose = "loses" if effect.is_single else "lose"
    if effect.effect == "deleted":
        return f"{is_or_are} deleted with {deletion.pronoun}"
    if effect.effect == "unlinked" and effect.is_field:
        return f"{is_or_are} no longer linked to {deletion.pronoun}"
    if effect.effect == "unlinked":
        return f"{lose} {deletion.these}"
    if effect.effect == "emptied":
        return f"{lose} {'its' if effect.is_single else 'their'} {effect.label or 'reference'}"
    return f"{_needs(effect)} {deletion.pronoun}{_reference_label(deletion, effect)}"


def cascade_summary(deletion: Deletion) -> str:
    """The end of a sentence about what was deleted as well: ", and 3 items with it"."""
    counts = ", ".join(effect.counted_label for effect in deletion.cascade)
    return f", and {counts} with {deletion.pronoun}" if counts else ""


def _reference_label(deletion: Deletion, effect: CascadeEffect) -> str:
    """The reference that is meant, where records of one table have several: " as payer"."""
    same_table = [
        other
        for other in deletion.effects
        if other.effect == "needed" and other.table == effect.table
    ]
    return f" as {effect.label}" if len(same_table) > 1 and effect.label else ""


def _needs(effect: CascadeEffect) -> str:
    return "needs" if effect.is_single else "need"


def _pronoun(effect: CascadeEffect) -> str:
    return "it" if effect.is_single else "them"
