"""One act as a whole, and taking it back."""

from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.describe import (
    act_entry,
    change_entries,
    changeset_link,
    may_read,
    readable_tables,
    record_link,
    who,
)
from backoffice.admin.changes.fields import related_names, shown_value, view_of_table
from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.pages.history import ChangesetPage, Entry, UndoConflict, UndoPage, UndoStep
from backoffice.admin.pages.parts import Cell, Link
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import UNDO
from backoffice.history.queries import Summary, changes_of, summaries, undone_by
from backoffice.history.undo.changeset import NotUndoable, Plan, fields_updated, plan_undo, undo
from backoffice.history.undo.plan import Conflict, Step
from backoffice.models import Changeset, InvalidValue

MOST_CHANGES = 200
"""Records of an act that its page lists; the rest are counted."""

DOES = {"delete": "come back", "update": "go back to what they were", "create": "are deleted"}
DOES_ONE = {"delete": "comes back", "update": "goes back to what it was", "create": "is deleted"}


def changeset_screen(context: Context, view: RecordView) -> Response:
    """What one act did to each record, as far as the person may read it."""
    changeset, parts = _load(context)
    readable = readable_tables(context)
    entry = _entry(context, changeset, parts)
    changes = changes_of(context.session, changeset.id, readable, MOST_CHANGES)
    lines = change_entries(
        context, [(change, changeset) for change in changes], with_record=True, undo=False
    )
    number = sum(part.number for part in parts if part.model in readable)
    more = f"And {number - len(lines):,} more records." if number > len(lines) else ""
    page = ChangesetPage(
        heading=f"Changeset #{changeset.id}",
        entry=entry,
        facts=tuple(_facts(context, changeset, entry.reason)),
        changes=tuple(lines),
        more=more,
    )
    crumbs = (Link(view.name_plural, context.site.href("changeset", "list")), Link(page.heading))
    return page_response(context, "changeset.html", page.heading, page, crumbs=crumbs)


def undo_screen(context: Context, view: RecordView) -> Response:
    """GET says what undoing would do; POST does it, as one new changeset."""
    changeset, parts = _load(context)
    _require(context, parts)
    try:
        _require_seen(context, changeset, parts)
        plan = plan_undo(context.session, changeset.id)
    except NotUndoable as error:
        return _ask(context, view, changeset, parts, None, [str(error)], 200)
    if reason := _reason_against(context, changeset, parts):
        barred = 422 if context.posted else 200
        return _ask(context, view, changeset, parts, plan, [reason], barred, may_undo=False)
    if not context.posted:
        return _ask(context, view, changeset, parts, plan, [], 200)
    if context.form.get("seen") != _seen(plan):
        problem = "Something was changed since you opened this page. Look again, then undo."
        return _ask(context, view, changeset, parts, plan, [problem], 409)
    overwrite: list[str] | None = [
        token for token in context.form.getlist("overwrite") if isinstance(token, str)
    ]
    if "overwrite_all" in context.form:
        overwrite = None
    reason = str(context.form.get("reason", "")).strip()[:1000].replace("\x00", "")
    context.act_as(source="undo", undoes_id=changeset.id, reason=reason)
    try:
        number = undo(context.session, changeset.id, overwrite=overwrite)
        check_changes(context)
    except InvalidValue as error:
        context.session.rollback()
        return _again(context, view, changeset.id, error.message, 422)
    except IntegrityError:
        context.session.rollback()
        return _again(context, view, changeset.id, "Somebody was quicker. Look again.", 409)
    if number == 0:
        problem = "Nothing was left to take back."
        return _ask(context, view, changeset, parts, plan, [problem], 409)
    new = context.session.changeset
    assert new is not None
    context.browser.notify(
        "success",
        f"{number:,} change{'' if number == 1 else 's'} undone.",
        link="Undo the undo",
        href=context.site.href("changeset", "undo", new),
    )
    return context.redirect(context.site.href("changeset", "details", new))


def _load(context: Context, number: int | None = None) -> tuple[Changeset, list[Summary]]:
    """The act that the address names and what it did; 404 if there is none to be seen."""
    text = context.request.path_params["pk"]
    if number is None:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
    changeset = context.session.get(Changeset, number)
    if changeset is None:
        raise HTTPException(404, "This change does not exist. It may have been pruned.")
    parts = summaries(context.session, [number]).get(number, [])
    readable = readable_tables(context)
    if parts and not any(part.model in readable for part in parts):
        raise HTTPException(403, "You may not see the history of these records.")
    return changeset, parts


def _entry(context: Context, changeset: Changeset, parts: list[Summary]) -> Entry:
    readable = readable_tables(context)
    undone = undone_by(context.session, [changeset.id], readable).get(changeset.id)
    return act_entry(context, changeset, parts, readable, undone)


def _facts(context: Context, changeset: Changeset, reason: str) -> list[tuple[str, Cell]]:
    facts = [("Who", Cell(who(changeset)))]
    if reason:
        facts.append(("Why", Cell(reason, "long")))
    if changeset.undoes_id is not None:
        link = changeset_link(context, changeset.undoes_id)
        facts.append(("Undoes", Cell(link.text, "relation", href=link.href)))
    if changeset.address:
        facts.append(("From", Cell(changeset.address)))
    if changeset.request_id:
        facts.append(("Request", Cell(changeset.request_id)))
    return facts


def _require(context: Context, parts: list[Summary]) -> None:
    """An undo needs to see all that the act did, leave to undo, and for each write that it makes
    (403 says which is missing, but for what may not be seen)."""
    if parts and not may_read(context, [part.model for part in parts]):
        raise HTTPException(
            403, "This act also did something that you may not see, so you cannot undo it."
        )
    for part in parts:
        view = view_of_table(context, part.model)
        step = Step(part.model, part.operation, part.number)
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


def _require_seen(context: Context, changeset: Changeset, parts: list[Summary]) -> None:
    """What somebody may not see they do not change, by an undo either. A statement for each kind of
    record that has fields hidden from them, which is usually none.

    Raises:
        NotUndoable: an update of the act changed such a field.
    """
    for part in parts:
        view = view_of_table(context, part.model)
        if view is None or part.operation != "update" or not context.hidden(view):
            continue
        names = fields_updated(context.session, changeset.id, part.model) & context.hidden(view)
        for name in sorted(names):
            raise NotUndoable(
                f"You cannot undo this: it changed {view.label_for(name)}, which is not shown to "
                f"you, since {why_hidden(context, view, name)}."
            )


def _reason_against(context: Context, changeset: Changeset, parts: list[Summary]) -> str:
    """What a view's own rules say against this undo, as far as it is known before it is done."""
    if context.person.is_superuser:
        return ""
    for part in parts:
        guard = view_of_table(context, part.model)
        if guard is not None and guard.guards_changes:
            changes = changes_of(context.session, changeset.id, [part.model], MOST_CHANGES)
            if reason := guard.reason_against_undo(context, changes):
                return reason
    return ""


def _again(context: Context, view: RecordView, number: int, problem: str, status: int) -> Response:
    """The page anew after a rollback."""
    changeset, parts = _load(context, number)
    return _ask(
        context, view, changeset, parts, plan_undo(context.session, number), [problem], status
    )


def _ask(
    context: Context,
    view: RecordView,
    changeset: Changeset,
    parts: list[Summary],
    plan: Plan | None,
    problems: list[str],
    status: int,
    *,
    may_undo: bool = True,
) -> Response:
    steps = plan.steps if plan is not None else ()
    chosen = context.form.getlist("overwrite")
    found = [conflict for step in steps for conflict in step.conflicts]
    names = related_names(
        context,
        (
            (one.model, one.field, value)
            for one in found
            for value in (one.before, one.after, one.now)
        ),
    )
    conflicts = tuple(_conflict(context, one, names, one.token in chosen) for one in found)
    may_undo = may_undo and plan is not None and plan.possible
    if plan is not None and not plan.possible and not problems:
        problems = ["Nothing of this can be undone now."]
    page = UndoPage(
        heading=f"Undo changeset #{changeset.id}?",
        entry=_entry(context, changeset, parts),
        action=context.site.href("changeset", "undo", changeset.id),
        steps=tuple(_step(context, step) for step in steps),
        conflicts=conflicts,
        cancel_href=context.site.href("changeset", "details", changeset.id),
        may_undo=may_undo,
        overwrite_all=any(step.more_conflicts for step in steps),
        problems=tuple(problems),
        reason=str(context.form.get("reason", "")),
        hidden=(("seen", _seen(plan)),) if plan is not None else (),
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
    # An obstacle may be a hidden field of a record that is shown: then it names no records.
    named = view is None or not context.hidden(view)
    troubles = [
        f"{skipped.number:,} cannot: {skipped.reason}"
        + (
            f" ({', '.join(skipped.labels[:5])}{' …' if skipped.number > 5 else ''})"
            if skipped.labels and named
            else ""
        )
        for skipped in step.skipped
    ]
    if step.secrets:
        troubles.append(f"{step.secrets:,} changed a password, which is not kept and stays.")
    unless = ", unless you tick it below" if not step.number and step.conflicts else ""
    text = f"{f'{step.number:,}' if step.number else 'No'} {noun} {does}{unless}"
    return UndoStep(text, tuple(troubles))


def _conflict(
    context: Context, conflict: Conflict, names: dict[tuple[str, str], str], checked: bool
) -> UndoConflict:
    view = view_of_table(context, conflict.model)
    values = [
        shown_value(context, view, conflict.field, value, names)
        for value in (conflict.before, conflict.after, conflict.now)
    ]
    return UndoConflict(
        token=conflict.token,
        record=record_link(context, conflict.model, conflict.record_id, conflict.label),
        label=view.label_for(conflict.field) if view else conflict.field,
        before=values[0],
        after=values[1],
        now=values[2],
        checked=checked,
    )


def _seen(plan: Plan) -> str:
    """What the page showed, in short: if it differs when the button is pressed, it comes again."""
    return ";".join(
        f"{step.model},{step.operation},{step.number},{len(step.conflicts)}" for step in plan.steps
    )
