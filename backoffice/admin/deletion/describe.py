"""What a deletion does to other records, and why it cannot be done, in sentences."""

from backoffice.admin.deletion.plan import Deletion
from backoffice.admin.records.cascade import CascadeEffect
from backoffice.admin.view import Context
from backoffice.language import _, ngettext


def needed_messages(deletion: Deletion) -> list[str]:
    """Which records forbid the deletion: the database does not let them refer to nothing."""
    needed = [
        _needed_message(deletion, effect)
        for effect in deletion.effects
        if effect.effect == "needed" and not effect.depth and effect.number
    ]
    return [*unseen_messages(deletion), *needed]


def unseen_messages(deletion: Deletion) -> list[str]:
    """That the deletion would delete, change or miss records that the person may not see."""
    if not any(effect.has_unseen for effect in deletion.effects):
        return []
    if deletion.is_single:
        return [_("It has records that you don't have permission to see.")]
    return [_("They have records that you don't have permission to see.")]


def cascade_messages(context: Context, deletion: Deletion) -> list[str]:
    """Why the records of the cascade cannot be deleted: the person may not, or others need them."""
    locked = [effect.locked for effect in deletion.effects if effect.locked]
    not_permitted = [
        _not_permitted_message(deletion, effect)
        for effect in deletion.cascade
        if effect.view is not None and effect.number and not context.may("delete", effect.view)
    ]
    needed = [
        _needed_below_message(deletion, effect)
        for effect in deletion.effects
        if effect.effect == "needed" and effect.depth and effect.parent_view is not None
        if effect.number
    ]
    return not_permitted + locked + needed


def describe_effect(deletion: Deletion, effect: CascadeEffect) -> str:
    """What happens to some records: "10 items are deleted with it"."""
    if effect.effect == "deleted":
        return _describe_deleted(deletion, effect)
    if effect.effect == "unlinked":
        return _describe_unlinked(deletion, effect)
    if effect.effect == "emptied":
        return ngettext(
            "{records} loses its {field}",
            "{records} lose their {field}",
            effect.plural_number,
            records=effect.counted_label,
            field=effect.label or _("reference"),
        )
    return _describe_needed(deletion, effect)


def cascade_summary(deletion: Deletion) -> str:
    """What is deleted as well: "3 items"; "" for nothing."""
    return ", ".join(effect.counted_label for effect in deletion.cascade)


# Every text is a whole sentence: in other languages "it" and "them" may change more than a word.


def _describe_deleted(deletion: Deletion, effect: CascadeEffect) -> str:
    count, names = effect.plural_number, _names(deletion, effect)
    if deletion.is_single:
        return ngettext(
            "{records} is deleted with it", "{records} are deleted with it", count, **names
        )
    return ngettext(
        "{records} is deleted with them", "{records} are deleted with them", count, **names
    )


def _describe_unlinked(deletion: Deletion, effect: CascadeEffect) -> str:
    count, names = effect.plural_number, _names(deletion, effect)
    if effect.is_field and deletion.is_single:
        return ngettext(
            "{records} will no longer be linked to it",
            "{records} will no longer be linked to it",
            count,
            **names,
        )
    if effect.is_field:
        return ngettext(
            "{records} will no longer be linked to them",
            "{records} will no longer be linked to them",
            count,
            **names,
        )
    if deletion.is_single:
        return ngettext(
            "{records} loses this {label}", "{records} lose this {label}", count, **names
        )
    return ngettext(
        "{records} loses these {labels}", "{records} lose these {labels}", count, **names
    )


def _describe_needed(deletion: Deletion, effect: CascadeEffect) -> str:
    count, names = effect.plural_number, _names(deletion, effect)
    if names["field"] and deletion.is_single:
        return ngettext(
            "{records} needs it as {field}", "{records} need it as {field}", count, **names
        )
    if names["field"]:
        return ngettext(
            "{records} needs them as {field}", "{records} need them as {field}", count, **names
        )
    if deletion.is_single:
        return ngettext("{records} needs it", "{records} need it", count, **names)
    return ngettext("{records} needs them", "{records} need them", count, **names)


def _needed_message(deletion: Deletion, effect: CascadeEffect) -> str:
    """Why the deletion is not possible, and what to do first."""
    count, names = effect.plural_number, _names(deletion, effect)
    if names["field"] and deletion.is_single:
        return ngettext(
            "{records} needs this {label} as {field}. Delete or change it first.",
            "{records} need this {label} as {field}. Delete or change them first.",
            count,
            **names,
        )
    if names["field"]:
        return ngettext(
            "{records} needs these {labels} as {field}. Delete or change it first.",
            "{records} need these {labels} as {field}. Delete or change them first.",
            count,
            **names,
        )
    if deletion.is_single:
        return ngettext(
            "{records} needs this {label}. Delete or change it first.",
            "{records} need this {label}. Delete or change them first.",
            count,
            **names,
        )
    return ngettext(
        "{records} needs these {labels}. Delete or change it first.",
        "{records} need these {labels}. Delete or change them first.",
        count,
        **names,
    )


def _needed_below_message(deletion: Deletion, effect: CascadeEffect) -> str:
    count, names = effect.plural_number, _names(deletion, effect)
    if deletion.is_single:
        return ngettext(
            "{records} needs {parents} that would be deleted with it. Delete or change it first.",
            "{records} need {parents} that would be deleted with it. Delete or change them first.",
            count,
            **names,
        )
    return ngettext(
        "{records} needs {parents} that would be deleted with them. Delete or change it first.",
        "{records} need {parents} that would be deleted with them. Delete or change them first.",
        count,
        **names,
    )


def _names(deletion: Deletion, effect: CascadeEffect) -> dict[str, str]:
    """What the sentences about an effect name: the affected ``records``, "3 items"; what they refer
    to, ``label`` or ``labels``, or ``parents`` further down; and the ``field`` that does, ""
    where it is clear."""
    return {
        "records": effect.counted_label,
        "label": deletion.label,
        "labels": deletion.label,
        "parents": effect.parent_view.label_plural if effect.parent_view is not None else "",
        "field": _ambiguous_field(deletion, effect),
    }


def _not_permitted_message(deletion: Deletion, effect: CascadeEffect) -> str:
    assert effect.view is not None
    labels, count = effect.view.label_plural, str(effect.count)
    if deletion.is_single:
        return _(
            "You don't have permission to delete {labels}, and {count} would be deleted with it.",
            labels=labels,
            count=count,
        )
    return _(
        "You don't have permission to delete {labels}, and {count} would be deleted with them.",
        labels=labels,
        count=count,
    )


def _ambiguous_field(deletion: Deletion, effect: CascadeEffect) -> str:
    """The reference that is meant, where records of one table have several: "payer"; else ""."""
    same_table = [
        other
        for other in deletion.effects
        if other.effect == "needed" and other.table == effect.table
    ]
    return effect.label if len(same_table) > 1 else ""
