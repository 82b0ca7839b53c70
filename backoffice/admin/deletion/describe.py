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


def _describe_deleted(deletion: Deletion, effect: CascadeEffect) -> str:
    if deletion.is_single:
        return ngettext(
            "{records} is deleted with it",
            "{records} are deleted with it",
            effect.plural_number,
            records=effect.counted_label,
        )
    return ngettext(
        "{records} is deleted with them",
        "{records} are deleted with them",
        effect.plural_number,
        records=effect.counted_label,
    )


def _describe_unlinked(deletion: Deletion, effect: CascadeEffect) -> str:
    records, count = effect.counted_label, effect.plural_number
    if effect.is_field and deletion.is_single:
        return ngettext(
            "{records} is no longer linked to it",
            "{records} are no longer linked to it",
            count,
            records=records,
        )
    if effect.is_field:
        return ngettext(
            "{records} is no longer linked to them",
            "{records} are no longer linked to them",
            count,
            records=records,
        )
    if deletion.is_single:
        return ngettext(
            "{records} loses this {label}",
            "{records} lose this {label}",
            count,
            records=records,
            label=deletion.label,
        )
    return ngettext(
        "{records} loses these {labels}",
        "{records} lose these {labels}",
        count,
        records=records,
        labels=deletion.label,
    )


def _describe_needed(deletion: Deletion, effect: CascadeEffect) -> str:
    records, count = effect.counted_label, effect.plural_number
    field = _ambiguous_field(deletion, effect)
    if field and deletion.is_single:
        return ngettext(
            "{records} needs it as {field}",
            "{records} need it as {field}",
            count,
            records=records,
            field=field,
        )
    if field:
        return ngettext(
            "{records} needs them as {field}",
            "{records} need them as {field}",
            count,
            records=records,
            field=field,
        )
    if deletion.is_single:
        return ngettext("{records} needs it", "{records} need it", count, records=records)
    return ngettext("{records} needs them", "{records} need them", count, records=records)


def _needed_message(deletion: Deletion, effect: CascadeEffect) -> str:
    """Why the deletion is not possible, and what to do first."""
    records, count = effect.counted_label, effect.plural_number
    field = _ambiguous_field(deletion, effect)
    if field and deletion.is_single:
        return ngettext(
            "{records} needs this {label} as {field}. Delete or change it first.",
            "{records} need this {label} as {field}. Delete or change them first.",
            count,
            records=records,
            label=deletion.label,
            field=field,
        )
    if field:
        return ngettext(
            "{records} needs these {labels} as {field}. Delete or change it first.",
            "{records} need these {labels} as {field}. Delete or change them first.",
            count,
            records=records,
            labels=deletion.label,
            field=field,
        )
    if deletion.is_single:
        return ngettext(
            "{records} needs this {label}. Delete or change it first.",
            "{records} need this {label}. Delete or change them first.",
            count,
            records=records,
            label=deletion.label,
        )
    return ngettext(
        "{records} needs these {labels}. Delete or change it first.",
        "{records} need these {labels}. Delete or change them first.",
        count,
        records=records,
        labels=deletion.label,
    )


def _needed_below_message(deletion: Deletion, effect: CascadeEffect) -> str:
    assert effect.parent_view is not None
    records, count = effect.counted_label, effect.plural_number
    parents = effect.parent_view.label_plural
    if deletion.is_single:
        return ngettext(
            "{records} needs {parents} that would be deleted with it. Delete or change it first.",
            "{records} need {parents} that would be deleted with it. Delete or change them first.",
            count,
            records=records,
            parents=parents,
        )
    return ngettext(
        "{records} needs {parents} that would be deleted with them. Delete or change it first.",
        "{records} need {parents} that would be deleted with them. Delete or change them first.",
        count,
        records=records,
        parents=parents,
    )


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
