"""Deleting records: a page that says what the deletion does, then one transaction."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.describe import may_undo_of
from backoffice.admin.deletion.cascade_choice import (
    apply_choice,
    can_move,
    move_choice,
    why_not_move,
)
from backoffice.admin.deletion.describe import cascade_messages, cascade_summary, needed_messages
from backoffice.admin.deletion.page import SEEN, deletion_page
from backoffice.admin.deletion.plan import Deletion, chosen_keys, plan_deletion
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.load import load_records
from backoffice.admin.return_url import return_url
from backoffice.admin.view import Context, RecordView
from backoffice.language import _
from backoffice.models import InvalidValue


def delete_screen(context: Context, view: RecordView) -> Response:
    """GET shows what deleting the records of ``pks`` does. POST deletes them, all or none.

    Raises:
        HTTPException: 400 for no records or too many, 404 where none exists that the person may
            see.
    """
    keys, unreadable = chosen_keys(context, view)
    records = load_records(context, view, keys, for_update=context.posted)
    _require_records(view, records)
    deletion = plan_deletion(context, view, records, unreadable + len(keys) - len(records))
    locked = [record for record in records if context.refusal("delete", view, record)]
    reasons = view.reasons_against_delete(context, records)
    obstacles = [
        *_lock_messages(context, view, locked),
        *dict.fromkeys(reasons.values()),
        *needed_messages(deletion),
    ]
    in_cascade = cascade_messages(context, deletion)
    if in_cascade and (reason := _why_not_moved(context, deletion)):
        obstacles += [*in_cascade, *([reason] if reason not in in_cascade else [])]
    if obstacles:
        status = 422 if context.posted else 200
        against = [*locked, *reasons, *(deletion.obstructed or ())]
        return deletion_page(context, deletion, obstacles, status, may_delete=False, locked=against)
    if not context.posted or "find" in context.form:
        return deletion_page(context, deletion)

    if deletion.missing:
        return deletion_page(context, deletion, status=409)
    if deletion.effects and context.form.get(SEEN) != deletion.seen_token:
        problem = _("Something changed after you opened this page. Check it, then delete.")
        return deletion_page(context, deletion, [problem], 409)
    labels = [record_label(context, record) for record in records]
    try:
        moved = _delete(context, deletion)
    except InvalidValue as error:
        return _reload_and_ask(context, view, keys, error.message, 422, wrong=error.field)
    except IntegrityError:
        problem = _(
            "Nothing was deleted: other records still need these {labels}.",
            labels=view.label_plural,
        )
        return _reload_and_ask(context, view, keys, problem, 409)
    _notify_deleted(context, deletion, labels, moved)
    return context.redirect(return_url(context, view))


def _require_records(view: RecordView, records: list[Any]) -> None:
    if not records:
        raise HTTPException(
            404,
            _("These {labels} don't exist. They may have been deleted.", labels=view.label_plural),
        )


def _lock_messages(context: Context, view: RecordView, locked: list[Any]) -> list[str]:
    """Why the view does not let the person delete these records, as sentences."""
    return [
        _(
            "“{name}”: {reason}",
            name=record_label(context, record),
            reason=context.refusal("delete", view, record),
        )
        for record in locked
    ]


def _why_not_moved(context: Context, deletion: Deletion) -> str:
    """Why the records of the cascade cannot be moved instead, as a sentence; "" if they can."""
    if not can_move(context, deletion):
        return cascade_messages(context, deletion)[0]
    return why_not_move(context, deletion, move_choice(context, deletion))


def _delete(context: Context, deletion: Deletion) -> str:
    """Delete the records; returns a sentence about those of the cascade that were moved, or ""."""
    moved = apply_choice(context, deletion) if deletion.cascade else ""
    for record in deletion.records:
        context.session.delete(record)
    context.session.flush()
    check_changes(context)
    return moved


def _reload_and_ask(
    context: Context,
    view: RecordView,
    keys: list[Any],
    problem: str,
    status: int,
    *,
    wrong: str = "",
) -> Response:
    """Roll back, and show the page with what there is now. ``wrong``: as in ``deletion_page``."""
    context.session.rollback()
    records = load_records(context, view, keys, for_update=True)
    deletion = plan_deletion(context, view, records)
    return deletion_page(context, deletion, [problem], status, wrong=wrong)


def _notify_deleted(context: Context, deletion: Deletion, labels: list[str], moved: str) -> None:
    view = deletion.view
    deleted_views = [view]
    if not moved:
        deleted_views += [effect.view for effect in deletion.cascade if effect.view]
    text = _what_was_deleted(deletion, labels, "" if moved else cascade_summary(deletion))
    number = context.session.changeset
    may_undo = number is not None and all(
        may_undo_of(context, deleted_view, "delete") for deleted_view in deleted_views
    )
    context.browser.notify(
        "success",
        f"{text} {moved}".rstrip(),
        button="undo" if may_undo else "",
        href=context.site.href("changeset", "undo", number) if may_undo else "",
    )


def _what_was_deleted(deletion: Deletion, labels: list[str], below: str) -> str:
    """A sentence. ``below``: what was deleted as well, "" for nothing."""
    title = deletion.view.title
    if deletion.is_single and below:
        return _(
            "{title} “{name}” was deleted, and {records} with it.",
            title=title,
            name=labels[0],
            records=below,
        )
    if deletion.is_single:
        return _("{title} “{name}” was deleted.", title=title, name=labels[0])
    deleted = deletion.view.counted(len(labels))
    if below:
        return _("{deleted} deleted, and {records} with them.", deleted=deleted, records=below)
    return _("{deleted} deleted.", deleted=deleted)
