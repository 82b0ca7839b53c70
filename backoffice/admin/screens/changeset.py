"""One act as a whole, and taking it back."""

from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.checking import check_changes
from backoffice.admin.describing import (
    act_entry,
    change_entries,
    changeset_link,
    may_read,
    readable_tables,
    record_link,
    who,
)
from backoffice.admin.field_changes import related_names, shown_value, view_of_table
from backoffice.admin.field_rules import why_hidden
from backoffice.admin.history_pages import ChangesetPage, Entry, UndoConflict, UndoPage, UndoStep
from backoffice.admin.pages import Cell, Link
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.auth.permissions import UNDO
from backoffice.history.queries import Summary, changes_of, summaries, undone_by
from backoffice.history.undo.changeset import NotUndoable, Plan, fields_updated, plan_undo, undo
from backoffice.history.undo.plan import Conflict, Step
from backoffice.models import Changeset, InvalidValue

MOST_CHANGES = 200
"""Records of an act that its page lists; the rest are counted."""

DOES = {"delete": "come back", "update": "go back to what they were", "create": "are deleted"}
DOES_ONE = {"delete": "comes back", "update": "goes back to what it was", "create": "is deleted"}


def changeset_screen(visit: Visit, view: RecordView) -> Response:
    """What one act did to each record, as far as the person may read it."""
    changeset, parts = _load(visit)
    readable = readable_tables(visit)
    entry = _entry(visit, changeset, parts)
    changes = changes_of(visit.session, changeset.id, readable, MOST_CHANGES)
    lines = change_entries(
        visit, [(change, changeset) for change in changes], with_record=True, undo=False
    )
    number = sum(part.number for part in parts if part.model in readable)
    more = f"And {number - len(lines):,} more records." if number > len(lines) else ""
    page = ChangesetPage(
        heading=f"Changeset #{changeset.id}",
        entry=entry,
        facts=tuple(_facts(visit, changeset, entry.reason)),
        changes=tuple(lines),
        more=more,
    )
    crumbs = (Link(view.name_plural, visit.site.href("changeset", "list")), Link(page.heading))
    return visit.page("changeset.html", page.heading, page, crumbs=crumbs)


def undo_screen(visit: Visit, view: RecordView) -> Response:
    """GET says what undoing would do; POST does it, as one new changeset."""
    changeset, parts = _load(visit)
    _require(visit, parts)
    try:
        _require_seen(visit, changeset, parts)
        plan = plan_undo(visit.session, changeset.id)
    except NotUndoable as error:
        return _ask(visit, view, changeset, parts, None, [str(error)], 200)
    if reason := _reason_against(visit, changeset, parts):
        barred = 422 if visit.posted else 200
        return _ask(visit, view, changeset, parts, plan, [reason], barred, may_undo=False)
    if not visit.posted:
        return _ask(visit, view, changeset, parts, plan, [], 200)
    if visit.form.get("seen") != _seen(plan):
        problem = "Something was changed since you opened this page. Look again, then undo."
        return _ask(visit, view, changeset, parts, plan, [problem], 409)
    overwrite: list[str] | None = [
        token for token in visit.form.getlist("overwrite") if isinstance(token, str)
    ]
    if "overwrite_all" in visit.form:
        overwrite = None
    reason = str(visit.form.get("reason", "")).strip()[:1000].replace("\x00", "")
    visit.act_as(source="undo", undoes_id=changeset.id, reason=reason)
    try:
        number = undo(visit.session, changeset.id, overwrite=overwrite)
        check_changes(visit)
    except InvalidValue as error:
        visit.session.rollback()
        return _again(visit, view, changeset.id, error.message, 422)
    except IntegrityError:
        visit.session.rollback()
        return _again(visit, view, changeset.id, "Somebody was quicker. Look again.", 409)
    if number == 0:
        problem = "Nothing was left to take back."
        return _ask(visit, view, changeset, parts, plan, [problem], 409)
    new = visit.session.changeset
    assert new is not None
    visit.browser.notify(
        "success",
        f"{number:,} change{'' if number == 1 else 's'} undone.",
        link="Undo the undo",
        href=visit.site.href("changeset", "undo", new),
    )
    return visit.redirect(visit.site.href("changeset", "details", new))


def _load(visit: Visit, number: int | None = None) -> tuple[Changeset, list[Summary]]:
    """The act that the address names and what it did; 404 if there is none to be seen."""
    text = visit.request.path_params["pk"]
    if number is None:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
    changeset = visit.session.get(Changeset, number)
    if changeset is None:
        raise HTTPException(404, "This change does not exist. It may have been pruned.")
    parts = summaries(visit.session, [number]).get(number, [])
    readable = readable_tables(visit)
    if parts and not any(part.model in readable for part in parts):
        raise HTTPException(403, "You may not see the history of these records.")
    return changeset, parts


def _entry(visit: Visit, changeset: Changeset, parts: list[Summary]) -> Entry:
    readable = readable_tables(visit)
    undone = undone_by(visit.session, [changeset.id], readable).get(changeset.id)
    return act_entry(visit, changeset, parts, readable, undone)


def _facts(visit: Visit, changeset: Changeset, reason: str) -> list[tuple[str, Cell]]:
    facts = [("Who", Cell(who(changeset)))]
    if reason:
        facts.append(("Why", Cell(reason, "long")))
    if changeset.undoes_id is not None:
        link = changeset_link(visit, changeset.undoes_id)
        facts.append(("Undoes", Cell(link.text, "relation", href=link.href)))
    if changeset.address:
        facts.append(("From", Cell(changeset.address)))
    if changeset.request_id:
        facts.append(("Request", Cell(changeset.request_id)))
    return facts


def _require(visit: Visit, parts: list[Summary]) -> None:
    """An undo needs to see all that the act did, leave to undo, and for each write that it makes
    (403 says which is missing, but for what may not be seen)."""
    if parts and not may_read(visit, [part.model for part in parts]):
        raise HTTPException(
            403, "This act also did something that you may not see, so you cannot undo it."
        )
    for part in parts:
        view = view_of_table(visit, part.model)
        step = Step(part.model, part.operation, part.number)
        if view is None:
            continue
        if not visit.may(UNDO, view):
            raise HTTPException(403, f"You may not undo what was done to {view.nouns}.")
        if not visit.may(step.needs, view):
            raise HTTPException(
                403, f"Undoing this takes leave to {step.needs} {view.nouns}, which you have not."
            )


def _require_seen(visit: Visit, changeset: Changeset, parts: list[Summary]) -> None:
    """What somebody may not see they do not change, by an undo either. A statement for each kind of
    record that has fields hidden from them, which is usually none.

    Raises:
        NotUndoable: an update of the act changed such a field.
    """
    for part in parts:
        view = view_of_table(visit, part.model)
        if view is None or part.operation != "update" or not visit.hidden(view):
            continue
        names = fields_updated(visit.session, changeset.id, part.model) & visit.hidden(view)
        for name in sorted(names):
            raise NotUndoable(
                f"You cannot undo this: it changed {view.label_for(name)}, which is not shown to "
                f"you, since {why_hidden(visit, view, name)}."
            )


def _reason_against(visit: Visit, changeset: Changeset, parts: list[Summary]) -> str:
    """What a view's own rules say against this undo, as far as it is known before it is done."""
    if visit.person.is_superuser:
        return ""
    for part in parts:
        guard = view_of_table(visit, part.model)
        if guard is not None and guard.guards_changes:
            changes = changes_of(visit.session, changeset.id, [part.model], MOST_CHANGES)
            if reason := guard.reason_against_undo(visit, changes):
                return reason
    return ""


def _again(visit: Visit, view: RecordView, number: int, problem: str, status: int) -> Response:
    """The page anew after a rollback."""
    changeset, parts = _load(visit, number)
    return _ask(visit, view, changeset, parts, plan_undo(visit.session, number), [problem], status)


def _ask(
    visit: Visit,
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
    chosen = visit.form.getlist("overwrite")
    found = [conflict for step in steps for conflict in step.conflicts]
    names = related_names(
        visit,
        (
            (one.model, one.field, value)
            for one in found
            for value in (one.before, one.after, one.now)
        ),
    )
    conflicts = tuple(_conflict(visit, one, names, one.token in chosen) for one in found)
    may_undo = may_undo and plan is not None and plan.possible
    if plan is not None and not plan.possible and not problems:
        problems = ["Nothing of this can be undone now."]
    page = UndoPage(
        heading=f"Undo changeset #{changeset.id}?",
        entry=_entry(visit, changeset, parts),
        action=visit.site.href("changeset", "undo", changeset.id),
        steps=tuple(_step(visit, step) for step in steps),
        conflicts=conflicts,
        cancel_href=visit.site.href("changeset", "details", changeset.id),
        may_undo=may_undo,
        overwrite_all=any(step.more_conflicts for step in steps),
        problems=tuple(problems),
        reason=str(visit.form.get("reason", "")),
        hidden=(("seen", _seen(plan)),) if plan is not None else (),
    )
    crumbs = (
        Link(view.name_plural, visit.site.href("changeset", "list")),
        Link(f"#{changeset.id}", page.cancel_href),
        Link("Undo"),
    )
    return visit.page("undo.html", page.heading, page, crumbs=crumbs, status=status)


def _step(visit: Visit, step: Step) -> UndoStep:
    view = view_of_table(visit, step.model)
    few = step.number < 2
    noun = step.model if view is None else (view.noun if few else view.nouns)
    does = (DOES_ONE if few else DOES)[step.operation]
    # An obstacle may be a hidden field of a record that is shown: then it names no records.
    named = view is None or not visit.hidden(view)
    troubles = [
        f"{trouble.number:,} cannot: {trouble.why}"
        + (
            f" ({', '.join(trouble.labels[:5])}{' …' if trouble.number > 5 else ''})"
            if trouble.labels and named
            else ""
        )
        for trouble in step.troubles
    ]
    if step.secrets:
        troubles.append(f"{step.secrets:,} changed a password, which is not kept and stays.")
    unless = ", unless you tick it below" if not step.number and step.conflicts else ""
    text = f"{f'{step.number:,}' if step.number else 'No'} {noun} {does}{unless}"
    return UndoStep(text, tuple(troubles))


def _conflict(
    visit: Visit, conflict: Conflict, names: dict[tuple[str, str], str], checked: bool
) -> UndoConflict:
    view = view_of_table(visit, conflict.model)
    values = [
        shown_value(visit, view, conflict.field, value, names)
        for value in (conflict.before, conflict.after, conflict.now)
    ]
    return UndoConflict(
        token=conflict.token,
        record=record_link(visit, conflict.model, conflict.record_id, conflict.label),
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
