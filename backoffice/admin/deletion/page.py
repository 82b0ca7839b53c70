"""The page that asks before a deletion."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from backoffice.admin.deletion.cascade_choice import BELOW, CONFIRM_ABOVE, can_move, move_choice
from backoffice.admin.deletion.describe import describe_effect
from backoffice.admin.deletion.plan import Deletion
from backoffice.admin.pages.delete import AffectedRecords, DeletePage
from backoffice.admin.pages.parts import Link
from backoffice.admin.posted import posted_text
from backoffice.admin.records.cascade import CascadeEffect
from backoffice.admin.records.keys import join_keys, key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import record_link
from backoffice.admin.return_url import NEXT, next_value, return_url, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context

SEEN = "seen"
"""The hidden field with ``Deletion.seen_token``."""


def deletion_page(
    context: Context,
    deletion: Deletion,
    problems: Collection[str] = (),
    status: int = 200,
    *,
    may_delete: bool = True,
    locked: Collection[Any] = (),
) -> Response:
    """What the deletion does, and the button to do it where ``may_delete``. ``locked``: the records
    that a rule of the view keeps from being deleted."""
    view, records = deletion.view, deletion.records
    if deletion.missing:
        problems = [_missing_message(deletion), *problems]
    heading = (
        f"Delete “{record_label(context, records[0])}”?"
        if deletion.is_single
        else f"Delete {len(records)} {view.label_plural}?"
    )
    next_ = next_value(context, view)
    number, choice = deletion.cascade_number, posted_text(context.form, BELOW)
    page = DeletePage(
        heading=heading,
        label=view.label if deletion.is_single else view.label_plural,
        action=context.site.href(view.identity, "delete"),
        pks=join_keys([key_text(record) for record in records]),
        records=tuple(record_link(context, view, record) for record in records),
        affected=tuple(
            _affected_records(deletion, effect) for effect in deletion.effects if effect.number
        ),
        cancel_href=_cancel_href(context, deletion),
        problems=tuple(problems),
        may_delete=may_delete,
        move=move_choice(context, deletion) if can_move(context, deletion) else None,
        below="move" if choice == "move" else "delete" if choice == "delete" else "",
        confirm=number if number > CONFIRM_ABOVE else None,
        confirm_text=f"Type {number} to delete them all",
        others=_link_without(context, deletion, locked),
        hidden=(*(((NEXT, next_),) if next_ else ()), (SEEN, deletion.seen_token)),
    )
    crumbs = (Link(view.name_plural, return_url(context, view)), Link("Delete"))
    return page_response(context, "delete.html", heading, page, crumbs=crumbs, status=status)


def _link_without(context: Context, deletion: Deletion, locked: Collection[Any]) -> Link | None:
    """A link to the page for the records that are not locked."""
    others = [record for record in deletion.records if record not in locked]
    if not locked or not others:
        return None
    number = "" if len(others) == 1 else f"{len(others):,} "
    label = deletion.view.label if len(others) == 1 else deletion.view.label_plural
    href = context.site.href(deletion.view.identity, "delete")
    pks = quote(join_keys([key_text(record) for record in others]))
    link = with_next(f"{href}?pks={pks}", next_value(context, deletion.view))
    return Link(f"Delete the other {number}{label}", link)


def _missing_message(deletion: Deletion) -> str:
    view, missing = deletion.view, deletion.missing
    label = view.label if missing == 1 else view.label_plural
    verb = "does" if missing == 1 else "do"
    return f"{missing} {label} of those chosen {verb} not exist any more."


def _affected_records(deletion: Deletion, effect: CascadeEffect) -> AffectedRecords:
    unnamed = effect.number - len(effect.links)
    return AffectedRecords(
        counted=effect.counted_label,
        effect=describe_effect(deletion, effect),
        label=effect.records_label,
        links=effect.links,
        more=str(replace(effect.count, number=unnamed)) if unnamed > 0 else "",
    )


def _cancel_href(context: Context, deletion: Deletion) -> str:
    """The record's page, where one record is deleted that the person may see; else the list."""
    view, records = deletion.view, deletion.records
    if not (deletion.is_single and context.may("details", view, records[0])):
        return return_url(context, view)
    details = context.site.href(view.identity, "details", key_text(records[0]))
    return with_next(details, next_value(context, view))
