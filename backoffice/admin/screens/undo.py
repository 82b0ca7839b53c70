"""Undoing a changeset: a page that says what an undo would do, then the undo."""

from collections.abc import Collection

from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.load import changeset_entry, load_changeset
from backoffice.admin.changes.record_rules import OutOfSight
from backoffice.admin.changes.undo_permissions import (
    reason_against_undo,
    require_undo_permissions,
    require_writable_fields,
)
from backoffice.admin.changes.undo_plan import describe_plan
from backoffice.admin.changes.undone import AT_ONCE, next_page, redirect_after_undo
from backoffice.admin.pages.history import UndoPage
from backoffice.admin.pages.parts import Link
from backoffice.admin.return_url import NEXT, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.history.queries import Summary
from backoffice.history.undo.changeset import NotUndoable, Plan, plan_undo, undo
from backoffice.language import N_, _, ngettext
from backoffice.models import Changeset, InvalidValue

LONGEST_REASON = 1000

MOST_AT_ONCE = 100
"""Changes that the button of a notice undoes without asking."""

CHANGED_SINCE = N_("Something was changed after you opened this page. Check it, then undo.")
NOTHING_LEFT = N_("There is nothing left to undo.")
NOTHING_POSSIBLE = N_("Nothing here can be undone now.")


def undo_screen(context: Context, view: RecordView) -> Response:
    """GET shows what an undo would do. POST undoes, as a new changeset.

    Raises:
        HTTPException: 404 if there is no such changeset; 403 if the person may not undo it.
    """
    changeset, summaries = load_changeset(context)
    number = changeset.id
    require_undo_permissions(context, summaries)
    refused_status = 422 if context.posted else 200
    try:
        require_writable_fields(context, changeset, summaries)
        plan = plan_undo(context.session, number)
    except NotUndoable as error:
        return _show(context, view, changeset, summaries, None, [str(error)], refused_status)
    if reason := reason_against_undo(context, changeset, summaries):
        return _show(
            context, view, changeset, summaries, plan, [reason], refused_status, may_undo=False
        )
    if not context.posted:
        return _show(context, view, changeset, summaries, plan)

    if AT_ONCE in context.form:
        if not _is_plain(plan):
            here = context.site.href("changeset", "undo", number)
            return context.redirect(with_next(here, next_page(context)))
    elif context.form.get("seen") != _seen_token(plan):
        return _show(context, view, changeset, summaries, plan, [_(CHANGED_SINCE)], 409)
    context.act_as(source="undo", undoes_id=number, reason=_posted_reason(context))
    try:
        undone = undo(context.session, number, overwrite=_posted_overwrite(context))
        check_changes(context)
    except OutOfSight:
        context.session.rollback()
        problem = _(
            "Nothing was undone: this would leave a record that you don't have permission to see."
        )
        return _reload_and_show(context, view, number, problem, 422)
    except InvalidValue as error:
        context.session.rollback()
        return _reload_and_show(context, view, number, error.message, 422)
    except IntegrityError:
        context.session.rollback()
        return _reload_and_show(context, view, number, _(CHANGED_SINCE), 409)
    if AT_ONCE in context.form and undone < plan.number:
        context.session.rollback()
        return _reload_and_show(context, view, number, _(CHANGED_SINCE), 409)
    if undone == 0:
        return _show(context, view, changeset, summaries, plan, [_(NOTHING_LEFT)], 409)
    return redirect_after_undo(context)


def _is_plain(plan: Plan) -> bool:
    """Whether an undo needs no page that asks before it: it is about few records, and does all that
    there is to undo."""
    is_whole = not any(step.skipped or step.conflicts or step.secrets for step in plan.steps)
    return is_whole and 0 < plan.number <= MOST_AT_ONCE


def _seen_token(plan: Plan) -> str:
    """What the page showed, as a short text. Where it differs on POST, the page is shown again."""
    return ";".join(
        f"{step.model},{step.operation},{step.number},{len(step.conflicts)}" for step in plan.steps
    )


def _posted_reason(context: Context) -> str:
    return str(context.form.get("reason", "")).strip()[:LONGEST_REASON].replace("\x00", "")


def _posted_overwrite(context: Context) -> list[str] | None:
    """The tokens of the ticked conflicts; None for all, also those that the page did not list."""
    if "overwrite_all" in context.form:
        return None
    return [token for token in context.form.getlist("overwrite") if isinstance(token, str)]


def _reload_and_show(
    context: Context, view: RecordView, number: int, problem: str, status: int
) -> Response:
    """The page after a rollback, with what the changeset and its records are now."""
    changeset, summaries = load_changeset(context, number)
    plan = plan_undo(context.session, number)
    return _show(context, view, changeset, summaries, plan, [problem], status)


def _show(
    context: Context,
    view: RecordView,
    changeset: Changeset,
    summaries: list[Summary],
    plan: Plan | None,
    problems: Collection[str] = (),
    status: int = 200,
    *,
    may_undo: bool = True,
) -> Response:
    if plan is not None and not plan.possible and not problems:
        problems = [_(NOTHING_POSSIBLE)]
    steps, conflicts = describe_plan(context, plan.steps if plan is not None else ())
    may_undo = may_undo and plan is not None and plan.possible
    page = UndoPage(
        heading=_("Undo this change?") if may_undo else _("This change can't be undone"),
        entry=changeset_entry(context, changeset, summaries, with_values=True),
        action=context.site.href("changeset", "undo", changeset.id),
        steps=steps,
        conflicts=conflicts,
        cancel_href=next_page(context) or context.site.href("changeset", "details", changeset.id),
        may_undo=may_undo,
        button=_button(plan) if may_undo else _("Undo"),
        refused=status >= 400,
        overwrite_all=plan is not None and any(step.more_conflicts for step in plan.steps),
        problems=tuple(problems),
        reason=str(context.form.get("reason", "")),
        hidden=(("seen", _seen_token(plan)), *_next_field(context)) if plan is not None else (),
    )
    crumbs = (
        Link(view.title_plural, context.site.href("changeset", "list")),
        Link(page.entry.title.text, context.site.href("changeset", "details", changeset.id)),
        Link(_("Undo")),
    )
    return page_response(context, "undo.html", page.heading, page, crumbs=crumbs, status=status)


def _button(plan: Plan | None) -> str:
    """The text of the button: how many changes it undoes if no conflict is selected."""
    if plan is None or plan.number == 0:
        return _("Undo selected changes")
    return ngettext("Undo {count} change", "Undo {count} changes", plan.number)


def _next_field(context: Context) -> tuple[tuple[str, str], ...]:
    page = next_page(context)
    return ((NEXT, page),) if page else ()
