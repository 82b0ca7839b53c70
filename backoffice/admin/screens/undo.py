"""Undoing a changeset: a page that says what an undo would do, then the undo."""

from collections.abc import Collection

from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.describe import may_read, record_link
from backoffice.admin.changes.fields import describe_value, related_names, view_of_table
from backoffice.admin.changes.load import changeset_entry, load_changeset
from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.pages.history import UndoConflict, UndoPage, UndoStep
from backoffice.admin.pages.parts import Link
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import UNDO
from backoffice.history.queries import Summary, changes_of
from backoffice.history.undo.changeset import NotUndoable, Plan, fields_updated, plan_undo, undo
from backoffice.history.undo.plan import Conflict, SkippedRecords, Step
from backoffice.models import Changeset, InvalidValue

MOST_CHECKED = 200
"""Changes of one kind of record that are checked against the view's rules before the undo."""

MOST_LABELS = 5
"""Records that are named as obstacles. The others are counted."""

LONGEST_REASON = 1000

DOES = {"delete": "come back", "update": "go back to what they were", "create": "are deleted"}
DOES_ONE = {"delete": "comes back", "update": "goes back to what it was", "create": "is deleted"}
"""What an undo does to records, by what the changeset did to them."""


def undo_screen(context: Context, view: RecordView) -> Response:
    """GET shows what an undo would do. POST undoes, as a new changeset.

    Raises:
        HTTPException: 404 where there is no such changeset; 403 where the person may not undo it.
    """
    changeset, summaries = load_changeset(context)
    number = changeset.id
    _require_permissions(context, summaries)
    try:
        _require_visible_fields(context, changeset, summaries)
        plan = plan_undo(context.session, number)
    except NotUndoable as error:
        return _show(context, view, changeset, summaries, None, [str(error)])
    if reason := _reason_against(context, changeset, summaries):
        status = 422 if context.posted else 200
        return _show(context, view, changeset, summaries, plan, [reason], status, may_undo=False)
    if not context.posted:
        return _show(context, view, changeset, summaries, plan)

    if context.form.get("seen") != _seen_token(plan):
        problem = "Something was changed since you opened this page. Look again, then undo."
        return _show(context, view, changeset, summaries, plan, [problem], 409)
    context.act_as(source="undo", undoes_id=number, reason=_posted_reason(context))
    try:
        undone = undo(context.session, number, overwrite=_posted_overwrite(context))
        check_changes(context)
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


def _require_permissions(context: Context, summaries: list[Summary]) -> None:
    """An undo needs the permission to read all of the changeset's history, to undo, and to make
    each write of the undo. 403 names the one that is missing."""
    if summaries and not may_read(context, [summary.model for summary in summaries]):
        raise HTTPException(
            403, "This act also did something that you may not see, so you cannot undo it."
        )
    for summary in summaries:
        view = view_of_table(context, summary.model)
        step = Step(summary.model, summary.operation, summary.number)
        if view is None:
            continue
        if not context.may(UNDO, view):
            raise HTTPException(403, f"You may not undo what was done to {view.label_plural}.")
        if not context.may(step.needs, view):
            raise HTTPException(
                403,
                f"Undoing this takes leave to {step.needs} {view.label_plural}, which you have "
                "not.",
            )


def _require_visible_fields(
    context: Context, changeset: Changeset, summaries: list[Summary]
) -> None:
    """People cannot change what they may not see, by an undo either. One statement for each kind of
    record with fields that are hidden from the person; most people have none.

    Raises:
        NotUndoable: the changeset updated such a field.
    """
    for summary in summaries:
        view = view_of_table(context, summary.model)
        if view is None or summary.operation != "update" or not context.hidden(view):
            continue
        names = fields_updated(context.session, changeset.id, summary.model) & context.hidden(view)
        if names:
            name = min(names)
            raise NotUndoable(
                f"You cannot undo this: it changed {view.label_for(name)}, which is not shown to "
                f"you, since {why_hidden(context, view, name)}."
            )


def _reason_against(context: Context, changeset: Changeset, summaries: list[Summary]) -> str:
    """Why a view's ``reason_against_undo`` refuses, as a sentence; "" where none does. It is known
    before the undo, so that the page offers no button that would be refused."""
    if context.person.is_superuser:
        return ""
    for summary in summaries:
        view = view_of_table(context, summary.model)
        if view is not None and view.guards_changes:
            changes = changes_of(context.session, changeset.id, [summary.model], MOST_CHECKED)
            if reason := view.reason_against_undo(context, changes):
                return reason
    return ""


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
        steps=tuple(_step(context, step) for step in steps),
        conflicts=_conflicts(context, [found for step in steps for found in step.conflicts]),
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


def _step(context: Context, step: Step) -> UndoStep:
    view = view_of_table(context, step.model)
    few = step.number < 2
    noun = step.model if view is None else (view.label if few else view.label_plural)
    does = (DOES_ONE if few else DOES)[step.operation]
    unless = ", unless you tick it below" if not step.number and step.conflicts else ""
    # A hidden field can be what is in the way. Naming the records would give its value away.
    with_labels = view is None or not context.hidden(view)
    troubles = [_describe_skipped(skipped, with_labels=with_labels) for skipped in step.skipped]
    if step.secrets:
        troubles.append(f"{step.secrets:,} changed a password, which is not kept and stays.")
    text = f"{f'{step.number:,}' if step.number else 'No'} {noun} {does}{unless}"
    return UndoStep(text, tuple(troubles))


def _describe_skipped(skipped: SkippedRecords, *, with_labels: bool) -> str:
    labels = ""
    if skipped.labels and with_labels:
        more = " …" if skipped.number > MOST_LABELS else ""
        labels = f" ({', '.join(skipped.labels[:MOST_LABELS])}{more})"
    return f"{skipped.number:,} cannot: {skipped.reason}{labels}"


def _conflicts(context: Context, conflicts: list[Conflict]) -> tuple[UndoConflict, ...]:
    ticked = context.form.getlist("overwrite")
    names = related_names(
        context,
        (
            (conflict.model, conflict.field, value)
            for conflict in conflicts
            for value in (conflict.before, conflict.after, conflict.now)
        ),
    )
    return tuple(
        _conflict(context, conflict, names, checked=conflict.token in ticked)
        for conflict in conflicts
    )


def _conflict(
    context: Context, conflict: Conflict, names: dict[tuple[str, str], str], *, checked: bool
) -> UndoConflict:
    view = view_of_table(context, conflict.model)
    before, after, now = (
        describe_value(context, view, conflict.field, value, names)
        for value in (conflict.before, conflict.after, conflict.now)
    )
    return UndoConflict(
        token=conflict.token,
        record=record_link(context, conflict.model, conflict.record_id, conflict.label),
        label=view.label_for(conflict.field) if view else conflict.field,
        before=before,
        after=after,
        now=now,
        checked=checked,
    )
