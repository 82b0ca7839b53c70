"""The page that asks before a deletion."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from backoffice.admin.deletion.cascade_choice import (
    CONFIRM,
    CONFIRM_ABOVE,
    can_move,
    chosen_way,
    move_choice,
    why_not_move,
)
from backoffice.admin.deletion.describe import cascade_messages, describe_effect
from backoffice.admin.deletion.plan import Deletion
from backoffice.admin.pages.delete import AffectedRecords, DeletePage, Ways
from backoffice.admin.pages.parts import Link
from backoffice.admin.posted import posted_text
from backoffice.admin.records.cascade import MOST_NAMES
from backoffice.admin.records.keys import join_keys, key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import record_link
from backoffice.admin.return_url import NEXT, next_value, return_url, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context
from backoffice.language import _, ngettext, number

SEEN = "seen"
"""The hidden field with ``Deletion.seen_token``."""


def deletion_page(
    context: Context,
    deletion: Deletion,
    problems: Collection[str] = (),
    status: int = 200,
    *,
    wrong: str = "",
    may_delete: bool = True,
    locked: Collection[Any] = (),
) -> Response:
    """What the deletion does, and the button to do it where ``may_delete``.

    ``wrong``: the field that ``problems`` are about, "" for none. ``locked``: the records that
    cannot be deleted.
    """
    view, records = deletion.view, deletion.records
    if deletion.missing:
        problems = [_missing_message(deletion), *problems]
    counted = view.counted(len(records))
    heading = (
        _("Delete “{name}”?", name=record_label(context, records[0]))
        if deletion.is_single
        else _("Delete {records}?", records=counted)
    )
    next_ = next_value(context, view)
    links = [record_link(context, view, record) for record in records]
    unnamed = len(links) - MOST_NAMES if len(links) > MOST_NAMES + 1 else 0
    named = len(links) - unnamed
    page = DeletePage(
        heading=heading,
        title=_title(deletion, counted, may_delete=may_delete),
        action=context.site.href(view.identity, "delete"),
        pks=join_keys([key_text(record) for record in records]),
        records=tuple(links[:named]),
        more=_more(number(unnamed)) if unnamed else "",
        more_records=tuple(links[named:]),
        affected=_affected(context, deletion),
        cancel_href=_cancel_href(context, deletion),
        problems=tuple(problems),
        may_delete=may_delete,
        ways=_ways(context, deletion) if may_delete and can_move(context, deletion) else None,
        confirm=_confirm_label(deletion),
        confirm_typed=posted_text(context.form, CONFIRM) if context.posted else "",
        wrong=wrong,
        others=_link_without(context, deletion, locked),
        hidden=(*(((NEXT, next_),) if next_ else ()), (SEEN, deletion.seen_token)),
    )
    crumbs = (Link(view.title_plural, return_url(context, view)), Link(_("Delete")))
    return page_response(context, "delete.html", heading, page, crumbs=crumbs, status=status)


def _title(deletion: Deletion, counted: str, *, may_delete: bool) -> str:
    if not may_delete:
        return _("You selected:")
    if deletion.is_single:
        return _("This will be deleted:")
    return _("These {records} will be deleted:", records=counted)


def _ways(context: Context, deletion: Deletion) -> Ways:
    effect = deletion.cascade[0]
    counted, count = effect.counted_label, effect.plural_number
    if deletion.is_single:
        title = _("What should happen to its {records}?", records=counted)
    else:
        title = _("What should happen to their {records}?", records=counted)
    against = cascade_messages(context, deletion)
    label, move = deletion.view.label, move_choice(context, deletion)
    return Ways(
        title=title,
        move_label=_(
            "Move the {records} to another {label}", records=effect.records_label, label=label
        ),
        target_label=_(
            "{title} to move the {records} to",
            title=deletion.view.title,
            records=effect.records_label,
        ),
        delete_label=ngettext(
            "Delete {records} as well", "Delete all {records} as well", count, records=counted
        ),
        move=move,
        chosen=chosen_way(context),
        why_not_move=why_not_move(context, deletion, move),
        why_not_delete=against[0] if against else "",
    )


def _confirm_label(deletion: Deletion) -> str:
    if deletion.cascade_number <= CONFIRM_ABOVE:
        return ""
    return _("Type {number} to delete them all:", number=number(deletion.cascade_number))


def _link_without(context: Context, deletion: Deletion, locked: Collection[Any]) -> Link | None:
    """A link to the page for the records that are not locked."""
    others = [record for record in deletion.records if record not in locked]
    if not locked or not others:
        return None
    view = deletion.view
    href = context.site.href(view.identity, "delete")
    pks = quote(join_keys([key_text(record) for record in others]))
    link = with_next(f"{href}?pks={pks}", next_value(context, view))
    if len(others) == 1:
        return Link(_("Delete the other {label}", label=view.label), link)
    return Link(_("Delete the other {records}", records=view.counted(len(others))), link)


def _missing_message(deletion: Deletion) -> str:
    return ngettext(
        "{count} of the selected {labels} no longer exists.",
        "{count} of the selected {labels} no longer exist.",
        deletion.missing,
        labels=deletion.view.label_plural,
    )


def _affected(context: Context, deletion: Deletion) -> tuple[AffectedRecords, ...]:
    """What the page says of other records. Of those that can be moved it says only what they
    are: what happens to them is to be chosen."""
    affected: list[AffectedRecords] = []
    movable = can_move(context, deletion)
    for effect in deletion.effects:
        if not effect.number:
            continue
        title = describe_effect(deletion, effect)
        if movable and not affected:
            title = (
                _("It contains {records}", records=effect.counted_label)
                if deletion.is_single
                else _("They contain {records}", records=effect.counted_label)
            )
        unnamed = effect.number - len(effect.links)
        more = _more(str(replace(effect.count, number=unnamed))) if unnamed > 0 else ""
        affected.append(AffectedRecords(title, effect.links, more))
    return tuple(affected)


def _more(count: str) -> str:
    """ "and 95 more", after the names of the first records."""
    return _("and {count} more", count=count)


def _cancel_href(context: Context, deletion: Deletion) -> str:
    """The record's page, where one record is deleted that the person may see; else the list."""
    view, records = deletion.view, deletion.records
    if not (deletion.is_single and context.may("details", view, records[0])):
        return return_url(context, view)
    details = context.site.href(view.identity, "details", key_text(records[0]))
    return with_next(details, next_value(context, view))
