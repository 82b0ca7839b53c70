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
from backoffice.admin.changes.undo_plan import describe_conflicts, describe_step
from backoffice.admin.pages.history import UndoPage
from backoffice.admin.pages.parts import Link
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.history.queries import Summary
from backoffice.history.undo.changeset import NotUndoable, Plan, plan_undo, undo
from backoffice.models import Changeset, InvalidValue

LONGEST_REASON = 1000


def undo_screen(context: Context, view: RecordView) -> Response:
    """GET shows what an undo would do. POST undoes, as a new changeset.

    Raises:
        HTTPException: 404 where there is no such changeset; 403 where the person may not undo it.
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

    if context.form.get("seen") != _seen_token(plan):
        problem = "Something was changed since you opened this page. Look again, then undo."
        return _show(context, view, changeset, summaries, plan, [problem], 409)
    context.act_as(source="undo", undoes_id=number, reason=_posted_reason(context))
    try:
        undone = undo(context.session, number, overwrite=_posted_overwrite(context))
        check_changes(context)
    except OutOfSight:
        context.session.rollback()
        problem = "This would leave a record that you may not see, so nothing was undone."
        return _reload_and_show(context, view, number, problem, 422)
    except InvalidValue as error:
        context.session.rollback()
        return _reload_and_show(context, view, number, error.message, 422)
    except IntegrityError:
        context.session.rollback()
        return _reload_and_show(context, view, number, "Somebody was quicker. Look again.", 409)
    if undone == 0:
        problem = "Nothing was left to take back."
        return _show(context, view, changeset, summaries, plan, [problem], 409)
    return _redirect_to_undo(context, undone)


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


def _redirect_to_undo(context: Context, undone: int) -> Response:
    number = context.session.changeset
    assert number is not None
    context.browser.notify(
        "success",
        f"{undone:,} change{'' if undone == 1 else 's'} undone.",
        link="Undo the undo",
        href=context.site.href("changeset", "undo", number),
    )
    return context.redirect(context.site.href("changeset", "details", number))


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
        problems = ["Nothing of this can be undone now."]
    steps = plan.steps if plan is not None else ()
    page = UndoPage(
        heading=f"Undo changeset #{changeset.id}?",
        entry=changeset_entry(context, changeset, summaries),
        action=context.site.href("changeset", "undo", changeset.id),
        steps=tuple(describe_step(context, step) for step in steps),
        conflicts=describe_conflicts(
            context, [found for step in steps for found in step.conflicts]
        ),
        cancel_href=context.site.href("changeset", "details", changeset.id),
        may_undo=may_undo and plan is not None and plan.possible,
        overwrite_all=any(step.more_conflicts for step in steps),
        problems=tuple(problems),
        reason=str(context.form.get("reason", "")),
        hidden=(("seen", _seen_token(plan)),) if plan is not None else (),
    )
    crumbs = (
        Link(view.name_plural, context.site.href("changeset", "list")),
        Link(f"#{changeset.id}", page.cancel_href),
        Link("Undo"),
    )
    return page_response(context, "undo.html", page.heading, page, crumbs=crumbs, status=status)
