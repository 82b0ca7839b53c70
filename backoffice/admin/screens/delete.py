"""Deleting records: a page that says what goes, then one transaction."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.checking import check_changes
from backoffice.admin.choices import build_choice, find_record
from backoffice.admin.deletion import Below, what_goes_along
from backoffice.admin.describing import may_undo_of
from backoffice.admin.keys import key_attribute, key_of, parse_key
from backoffice.admin.pages import Choice, DeletePage, Going, Link
from backoffice.admin.screens.details import record_link
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.admin.way_back import NEXT, carrying, list_to_return_to, next_of
from backoffice.history import update_where
from backoffice.models import InvalidValue

MOST_AT_ONCE = 500
"""Records that one delete page takes."""

CONFIRM_ABOVE = 10
"""Records below that go on one click; for more, their number is to be typed."""

BELOW, MOVE_TO, CONFIRM, SEEN = "below", "move_to", "confirm", "seen"
"""The form's fields: what becomes of the records below, where to, the number, what was shown."""


def delete_screen(visit: Visit, view: RecordView) -> Response:
    """GET shows what goes with the records of ``pks``; POST deletes just that, all or none."""
    keys, missing = _asked_for(visit, view)
    records = _load(visit, view, keys)
    missing += len(keys) - len(records)
    if not records:
        raise HTTPException(404, f"These {view.nouns} do not exist. They may have been deleted.")
    for record in records:
        if not visit.may("delete", view, record):
            raise HTTPException(403, f"You may not delete “{record}”.")
    below = what_goes_along(visit, view, [key_of(view, record) for record in records])
    asked = _Asked(records, missing, below)
    barriers = [*view.reasons_against_delete(visit, records), *_forbidden(visit, below)]
    if barriers and not _can_move(visit, below):
        return _ask(visit, view, asked, barriers, 422 if visit.posted else 200, may_delete=False)
    if not visit.posted or "find" in visit.form:
        return _ask(visit, view, asked, barriers, 200)
    if missing or (below and visit.form.get(SEEN) != _seen(asked)):
        problem = "Something was changed since you opened this page. Look again, then delete."
        return _ask(visit, view, asked, [] if missing else [problem], 409)
    names = [str(record) for record in records]
    moved = ""
    try:
        if below:
            moved = _decide_below(visit, view, asked)
        for record in records:
            visit.session.delete(record)
        visit.session.flush()
        check_changes(visit)
    except Undecided as error:
        visit.session.rollback()
        return _ask(visit, view, _again(visit, view, keys), [str(error)], 422)
    except InvalidValue as error:
        visit.session.rollback()
        return _ask(visit, view, _again(visit, view, keys), [error.message], 422)
    except IntegrityError:
        visit.session.rollback()
        problem = f"Other records still need these {view.nouns}, so nothing was deleted."
        return _ask(visit, view, _again(visit, view, keys), [problem], 409)
    what = f"{view.name} “{names[0]}” was" if len(names) == 1 else f"{len(names)} {view.nouns} were"
    along = "" if moved else _told([one.going for one in below])
    number = visit.session.changeset
    gone = [view] if moved else [view, *(one.view for one in below)]
    may_undo = number is not None and all(may_undo_of(visit, one, "delete") for one in gone)
    visit.browser.notify(
        "success",
        f"{what} deleted{along}.{moved}",
        link="Undo" if may_undo else "",
        href=visit.site.href("changeset", "undo", number) if may_undo else "",
    )
    return visit.redirect(list_to_return_to(visit, view))


class Undecided(Exception):
    """It was not said, or not rightly, what becomes of the records below."""


@dataclass(frozen=True)
class _Asked:
    """What somebody asked to delete: the records, how many are gone already, what goes along."""

    records: list[Any]
    missing: int
    below: list[Below]


def _again(visit: Visit, view: RecordView, keys: list[Any]) -> _Asked:
    return _Asked(_load(visit, view, keys), 0, what_goes_along(visit, view, keys))


def _forbidden(visit: Visit, below: list[Below]) -> list[str]:
    """Which permissions are missing for what goes along."""
    return [
        f"You may not delete {one.view.nouns}, and {one.going.count:,} would go along."
        for one in below
        if not visit.may("delete", one.view)
    ]


def _can_move(visit: Visit, below: list[Below]) -> bool:
    """Whether the records below can be moved elsewhere: one kind, by a link of its own form."""
    if len(below) != 1 or not below[0].relation:
        return False
    one = below[0]
    in_form = one.relation in one.view.get_form_columns()
    return in_form and visit.may("edit", one.view) and visit.may_see(one.view, one.relation)


def _decide_below(visit: Visit, view: RecordView, asked: _Asked) -> str:
    """Move the records below, or see that deleting them is meant; a sentence for the notice.

    Raises:
        Undecided: nothing was chosen, or the number typed is not that of the records.
    """
    chosen = visit.form.get(BELOW)
    number = sum(one.going.count for one in asked.below)
    if chosen == "move" and _can_move(visit, asked.below):
        one = asked.below[0]
        target = find_record(visit, view, str(visit.form.get(MOVE_TO, "")))
        if target is None or target in asked.records:
            raise Undecided(f"Choose the {view.noun} to move the {one.view.nouns} to.")
        (column,) = one.view.mapper.relationships[one.relation].local_columns
        attribute = getattr(one.view.model, one.view.mapper.get_property_by_column(column).key)
        keys = [key_of(view, record) for record in asked.records]
        moved = update_where(
            visit.session,
            one.view.model,
            {attribute.key: key_of(view, target)},
            attribute.in_(keys),
        )
        return f" {moved:,} {one.going.label} moved to “{target}”."
    if problems := _forbidden(visit, asked.below):
        raise Undecided(problems[0])
    if chosen != "delete" and _can_move(visit, asked.below):
        raise Undecided(f"Choose what becomes of the {number:,} {asked.below[0].going.label}.")
    typed = str(visit.form.get(CONFIRM, "")).strip().replace(",", "")
    if number > CONFIRM_ABOVE and typed != str(number):
        raise Undecided(f"Type {number} to delete that many {asked.below[0].going.label} as well.")
    return ""


def _told(going: list[Going]) -> str:
    counts = [f"{one.count:,} {one.label}" for one in going]
    return f", and {', '.join(counts)} with it" if counts else ""


def _seen(asked: _Asked) -> str:
    """What the page shows, in short: what was shown is what is deleted, or it comes again."""
    counts = [f"{one.view.identity}:{one.going.count}" for one in asked.below]
    return ";".join([str(len(asked.records)), *counts])


def _asked_for(visit: Visit, view: RecordView) -> tuple[list[Any], int]:
    """The keys in ``pks`` (repeated, or separated by commas), and how many cannot be any."""
    given = visit.form if visit.posted and "pks" in visit.form else visit.request.query_params
    texts = [
        text.strip()
        for value in given.getlist("pks")
        if isinstance(value, str)
        for text in value.split(",")
        if text.strip()
    ]
    if not texts:
        raise HTTPException(
            400, f"No {view.nouns} were chosen. Tick some in the list, then delete them."
        )
    if len(texts) > MOST_AT_ONCE:
        raise HTTPException(400, f"Delete at most {MOST_AT_ONCE} {view.nouns} at once.")
    parsed = {text: parse_key(view, text) for text in texts}
    keys = list(dict.fromkeys(key for key in parsed.values() if key is not None))
    return keys, sum(1 for key in parsed.values() if key is None)


def _load(visit: Visit, view: RecordView, keys: list[Any]) -> list[Any]:
    key = key_attribute(view)
    statement: Select[Any] = select(view.model).where(key.in_(keys)).order_by(key)
    if visit.posted:
        statement = statement.with_for_update()
    return list(visit.session.scalars(statement))


def _ask(
    visit: Visit,
    view: RecordView,
    asked: _Asked,
    problems: list[str],
    status: int,
    *,
    may_delete: bool = True,
) -> Response:
    records, below = asked.records, asked.below
    keys = [key_of(view, record) for record in records]
    if asked.missing:
        noun = view.noun if asked.missing == 1 else view.nouns
        verb = "does" if asked.missing == 1 else "do"
        problems = [f"{asked.missing} {noun} of those chosen {verb} not exist any more.", *problems]
    one = len(records) == 1
    heading = f"Delete “{records[0]}”?" if one else f"Delete {len(records)} {view.nouns}?"
    back = next_of(visit, view)
    list_href = list_to_return_to(visit, view)
    cancel = list_href
    if one and visit.may("details", view, records[0]):
        cancel = carrying(visit.site.href(view.identity, "details", keys[0]), back)
    number = sum(each.going.count for each in below)
    chosen = visit.form.get(BELOW)
    page = DeletePage(
        heading=heading,
        noun=view.noun if one else view.nouns,
        action=visit.site.href(view.identity, "delete"),
        pks=",".join(str(key) for key in keys),
        records=tuple(record_link(visit, view, record) for record in records),
        going=tuple(each.going for each in below),
        cancel_href=cancel,
        problems=tuple(problems),
        may_delete=may_delete,
        move=_move_choice(visit, view, asked) if _can_move(visit, below) else None,
        below="move" if chosen == "move" else "delete" if chosen == "delete" else "",
        confirm=number if number > CONFIRM_ABOVE else None,
        confirm_text=f"Type {number} to delete them all",
        hidden=(*(((NEXT, back),) if back else ()), (SEEN, _seen(asked))),
    )
    crumbs = (Link(view.name_plural, list_href), Link("Delete"))
    return visit.page("delete.html", heading, page, crumbs=crumbs, status=status)


def _move_choice(visit: Visit, view: RecordView, asked: _Asked) -> Choice:
    """Where the records below may be moved to: any record but those that go."""
    one = asked.below[0]
    find = str(visit.form.get(f"{one.relation}_find", "")) if "find" in visit.form else None
    chosen = str(visit.form.get(MOVE_TO, ""))
    choice = build_choice(visit, one.view, one.relation, chosen, label=view.name, find_text=find)
    going = {str(key_of(view, record)) for record in asked.records}
    options = tuple(option for option in choice.options if option.value not in going)
    return replace(choice, name=MOVE_TO, options=options)
