"""The page that asks before an action, shows its preview, and says why nothing was done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from backoffice.admin.acting.chosen import Chosen, purpose_of
from backoffice.admin.acting.form import ACT, ONCE, PREVIEW, draw_action_fields
from backoffice.admin.acting.preview import run_preview, seen_digest
from backoffice.admin.acting.run import refuse_value
from backoffice.admin.actions import Action
from backoffice.admin.changes.describe import readable_parts, readable_tables
from backoffice.admin.forms.refusals import Refusal
from backoffice.admin.pages.action import ActionPage, RefusedRecord
from backoffice.admin.pages.history import Entry, UndoStep
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.action_links import BACK
from backoffice.admin.records.keys import key_of, key_text
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import record_link
from backoffice.admin.return_url import NEXT, next_value, return_url, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.one_time_keys import new_key
from backoffice.language import _, ngettext
from backoffice.models import InvalidValue


@dataclass(frozen=True)
class ActionState:
    """What the page shows. ``with_preview``: whether to run the preview. ``links``: where else to
    go. A page without ``chosen`` only says what is wrong."""

    chosen: Chosen = field(default_factory=Chosen)
    form: Any | None = None
    refusal: Refusal = field(default_factory=Refusal)
    with_preview: bool = False
    links: Sequence[Link] = ()


def action_response(
    context: Context, view: RecordView, action: Action, state: ActionState
) -> Response:
    """The page. Its status is that of the refusal, or 200."""
    chosen, refusal = state.chosen, state.refusal
    shown: tuple[Entry | UndoStep, ...] | None = None
    may_preview = bool(action.preview and chosen.records and not refusal.fields)
    if may_preview and (state.with_preview or state.form is None):
        shown, refusal = _preview(context, view, action, state)
    heading = _heading(context, view, action, chosen)
    page = ActionPage(
        heading=_("{heading}?", heading=heading) if chosen.records else heading,
        label=_(action.label),
        action=context.site.href(view.identity, "action", action.name),
        cancel_href=back_href(context, view, [*chosen.records, *(r for r, _why in chosen.refused)]),
        pks=chosen.pks,
        records=tuple(record_link(context, view, record) for record in chosen.records),
        refused=tuple(
            RefusedRecord(record_link(context, view, record), reason)
            for record, reason in chosen.refused
        ),
        refused_title=_refused_title(view, chosen),
        confirm=_(action.confirm),
        fields=draw_action_fields(state.form, refusal) if chosen.records else (),
        preview=shown,
        buttons=_buttons(action, state, heading, previewed=shown is not None),
        links=tuple(state.links),
        problems=(*_missing(view, chosen), *refusal.problems),
        hidden=_hidden(context, view, action, state, previewed=shown is not None),
    )
    crumbs = (Link(view.title_plural, return_url(context, view)), Link(_(action.label)))
    status = refusal.status if refusal else 200
    return page_response(context, "action.html", heading, page, crumbs=crumbs, status=status)


def done_response(
    context: Context, view: RecordView, action: Action, pks: str, changeset: int | None
) -> Response:
    """The page for a one-time key that was used before: nothing was done again.

    ``pks``: the keys of the records. ``changeset``: what was written the first time.
    """
    links = []
    if changeset is not None and _may_read(context, changeset):
        href = context.site.href("changeset", "details", changeset)
        links.append(Link(_("Show what it did"), href))
    href = f"{context.site.href(view.identity, 'action', action.name)}?pks={quote(pks)}"
    links.append(Link(_("Do it again"), with_next(href, next_value(context, view))))
    problem = _("This is done already. Nothing was done again.")
    state = ActionState(refusal=Refusal(problems=[problem], status=409), links=links)
    return action_response(context, view, action, state)


def _may_read(context: Context, changeset: int) -> bool:
    """Whether the person may see a part of a changeset; one statement."""
    parts = readable_parts(context, [changeset]).get(changeset, [])
    tables = readable_tables(context)
    return any(part.readable and part.model in tables for part in parts)


def back_href(context: Context, view: RecordView, records: Sequence[Any]) -> str:
    """Where the person came from: the page of the one record, or else the list."""
    given = context.form if context.posted else context.request.query_params
    page = given.get(BACK)
    if len(records) == 1 and page in ("details", "edit") and context.may(page, view, records[0]):
        href = context.site.href(view.identity, page, key_text(records[0]))
        return with_next(href, next_value(context, view))
    return return_url(context, view)


def _preview(
    context: Context, view: RecordView, action: Action, state: ActionState
) -> tuple[tuple[Entry | UndoStep, ...] | None, Refusal]:
    """What the preview shows, None if a value does not fit; and the refusal."""
    try:
        shown = run_preview(context, view, action, state.chosen.records, state.form)
    except InvalidValue as error:
        return None, refuse_value(view, state.form, error)
    return shown, state.refusal


def _heading(context: Context, view: RecordView, action: Action, chosen: Chosen) -> str:
    """What would be done: "Restock 12 items", "Restock “Bolt M4”"; the label without records."""
    if not chosen.records:
        return _(action.label)
    records = view.counted(len(chosen.records))
    if len(chosen.records) == 1:
        records = _("“{name}”", name=record_label(context, chosen.records[0]))
    if " " in action.label:
        return _("{action}: {records}", action=_(action.label), records=records)
    return _("{action} {records}", action=_(action.label), records=records)


def _refused_title(view: RecordView, chosen: Chosen) -> str:
    refused, all_chosen = len(chosen.refused), len(chosen.refused) + len(chosen.records)
    if all_chosen == 1:
        return _("Not possible for this {label}:", label=view.label)
    if not chosen.records:
        return _("Not possible for these {records}:", records=view.counted(refused))
    return ngettext(
        "{count} of {records} will be left out:",
        "{count} of {records} will be left out:",
        refused,
        records=view.counted(all_chosen),
    )


def _missing(view: RecordView, chosen: Chosen) -> list[str]:
    if not chosen.missing:
        return []
    return [
        ngettext(
            "{count} of the selected {labels} no longer exists.",
            "{count} of the selected {labels} no longer exist.",
            chosen.missing,
            labels=view.label_plural,
        )
    ]


def _buttons(
    action: Action, state: ActionState, heading: str, *, previewed: bool
) -> tuple[tuple[str, str], ...]:
    records = state.chosen.records
    if not records:
        return ()
    act = (ACT, _(action.label) if len(records) == 1 else heading)
    if not action.preview or (previewed and state.form is None):
        return (act,)
    return (act, (PREVIEW, _("Preview again"))) if previewed else ((PREVIEW, _("Preview")),)


def _hidden(
    context: Context, view: RecordView, action: Action, state: ActionState, *, previewed: bool
) -> tuple[tuple[str, str], ...]:
    """Names and values of the hidden inputs, with a new one-time key for these records."""
    records = state.chosen.records
    if not records:
        return ()
    key = new_key(
        context.settings,
        context.person.user_id,
        purpose_of(view, action, [key_of(record) for record in records]),
        context.site.sign_in_backend.clock(),
        seen_digest(context, view, records, state.form) if previewed else "",
    )
    given = context.form if context.posted else context.request.query_params
    inputs = [(NEXT, next_value(context, view)), (BACK, str(given.get(BACK, ""))), (ONCE, key)]
    return tuple((name, value) for name, value in inputs if value)
