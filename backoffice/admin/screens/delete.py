"""Deleting records: a page that says all that happens, then one transaction."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.changes.check import check_changes
from backoffice.admin.changes.describe import may_undo_of
from backoffice.admin.forms.choices import build_choice, find_record
from backoffice.admin.pages.delete import Affected, DeletePage
from backoffice.admin.pages.parts import Choice, Link
from backoffice.admin.records.cascade import CascadeEffect, cascade_effects
from backoffice.admin.records.keys import (
    among,
    join_keys,
    key_attributes,
    key_of,
    key_text,
    parse_key,
    split_keys,
)
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.links import record_link
from backoffice.admin.return_url import NEXT, list_url, next_value, with_next
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.history import update_where
from backoffice.models import InvalidValue

MOST_AT_ONCE = 500
"""Records that one delete page takes."""

CONFIRM_ABOVE = 10
"""Records that are deleted as well on one click; for more, their number is to be typed."""

BELOW, MOVE_TO, CONFIRM, SEEN = "below", "move_to", "confirm", "seen"
"""The form's fields: what becomes of the records below, where to, the number, what was shown."""


def delete_screen(context: Context, view: RecordView) -> Response:
    """GET shows what happens with the records of ``pks``; POST does just that, all or nothing."""
    keys, missing = _asked_for(context, view)
    records = _load(context, view, keys)
    missing += len(keys) - len(records)
    if not records:
        raise HTTPException(
            404, f"These {view.label_plural} do not exist. They may have been deleted."
        )
    for record in records:
        if not context.may("delete", view, record):
            raise HTTPException(403, f"You may not delete “{record_label(record)}”.")
    asked = _Asked(records, missing, _consequences(context, view, records))
    against = [*view.reasons_against_delete(context, records), *_needed(view, asked)]
    forbidden = _forbidden(context, view, asked)
    if against or (forbidden and not _can_move(context, asked)):
        status = 422 if context.posted else 200
        return _ask(context, view, asked, [*against, *forbidden], status, may_delete=False)
    if not context.posted or "find" in context.form:
        return _ask(context, view, asked, forbidden, 200)
    if missing or (asked.affected and context.form.get(SEEN) != _seen(asked)):
        problem = "Something was changed since you opened this page. Look again, then delete."
        return _ask(context, view, asked, [] if missing else [problem], 409)
    names = [record_label(record) for record in records]
    moved = ""
    try:
        if asked.deleted:
            moved = _decide_below(context, view, asked)
        for record in records:
            context.session.delete(record)
        context.session.flush()
        check_changes(context)
    except Undecided as error:
        context.session.rollback()
        return _ask(context, view, _again(context, view, keys), [str(error)], 422)
    except InvalidValue as error:
        context.session.rollback()
        return _ask(context, view, _again(context, view, keys), [error.message], 422)
    except IntegrityError:
        context.session.rollback()
        problem = f"Other records still need these {view.label_plural}, so nothing was deleted."
        return _ask(context, view, _again(context, view, keys), [problem], 409)
    what = (
        f"{view.name} “{names[0]}” was"
        if len(names) == 1
        else f"{len(names)} {view.label_plural} were"
    )
    along = "" if moved else _told(asked)
    number = context.session.changeset
    gone = [view] if moved else [view, *(one.view for one in asked.deleted if one.view)]
    may_undo = number is not None and all(may_undo_of(context, one, "delete") for one in gone)
    context.browser.notify(
        "success",
        f"{what} deleted{along}.{moved}",
        link="Undo" if may_undo else "",
        href=context.site.href("changeset", "undo", number) if may_undo else "",
    )
    return context.redirect(list_url(context, view))


class Undecided(Exception):
    """It was not said, or not rightly, what becomes of the records below."""


@dataclass(frozen=True)
class _Asked:
    """What somebody asked to delete: the records, how many are gone already, what it does."""

    records: list[Any]
    missing: int
    affected: list[CascadeEffect]

    @property
    def deleted(self) -> list[CascadeEffect]:
        """The records that are deleted as well."""
        return [one for one in self.affected if one.effect == "deleted"]

    @property
    def number(self) -> int:
        """How many those are."""
        return sum(one.number for one in self.deleted)


def _consequences(context: Context, view: RecordView, records: list[Any]) -> list[CascadeEffect]:
    return cascade_effects(context, view, [key_of(view, record) for record in records])


def _again(context: Context, view: RecordView, keys: list[Any]) -> _Asked:
    records = _load(context, view, keys)
    return _Asked(records, 0, _consequences(context, view, records))


def _needed(view: RecordView, asked: _Asked) -> list[str]:
    """Which records forbid it, as sentences: the database would not let them refer to nothing."""
    one = len(asked.records) == 1
    what = f"this {view.label}" if one else f"these {view.label_plural}"
    return [
        f"{one.counted_noun} {'needs' if one.is_single else 'need'} {what}{_as_what(asked, one)}. "
        f"Delete or change {'it' if one.is_single else 'them'} first."
        for one in asked.affected
        if one.effect == "needed" and not one.depth
    ]


def _as_what(asked: _Asked, one: CascadeEffect) -> str:
    """Which reference is meant, where records of one kind have several: " as payer"."""
    alike = [
        other for other in asked.affected if (other.effect, other.table) == ("needed", one.table)
    ]
    return f" as {one.label}" if len(alike) > 1 and one.label else ""


def _forbidden(context: Context, view: RecordView, asked: _Asked) -> list[str]:
    """Why the records below cannot be deleted as well, as sentences."""
    it = "it" if len(asked.records) == 1 else "them"
    missing = [
        f"You may not delete {one.view.label_plural}, and {one.count} would be deleted with {it}."
        for one in asked.deleted
        if one.view is not None and not context.may("delete", one.view)
    ]
    return missing + [
        f"{one.counted_noun} {'needs' if one.is_single else 'need'} {one.parent_view.label_plural} "
        f"that would be deleted with {it}. "
        f"Delete or change {'it' if one.is_single else 'them'} first."
        for one in asked.affected
        if one.effect == "needed" and one.depth and one.parent_view is not None
    ]


def _can_move(context: Context, asked: _Asked) -> bool:
    """Whether the records below can be moved elsewhere: one kind, by a link of its own form."""
    if len(asked.deleted) != 1 or asked.deleted[0].view is None or not asked.deleted[0].relation:
        return False
    below = asked.deleted[0]
    if below.depth or below.view is below.parent_view or below.view is None:
        return False
    relation = below.view.mapper.relationships.get(below.relation)
    in_form = below.relation in below.view.get_form_columns()
    by_one_column = relation is not None and len(relation.local_columns) == 1
    may = context.may("edit", below.view) and context.may_see(below.view, below.relation)
    return in_form and by_one_column and may


def _decide_below(context: Context, view: RecordView, asked: _Asked) -> str:
    """Move the records below, or see that deleting them is meant; a sentence for the notice.

    Raises:
        Undecided: nothing was chosen, or the number typed is not that of the records.
    """
    chosen = context.form.get(BELOW)
    below, number = asked.deleted[0], asked.number
    if chosen == "move" and _can_move(context, asked) and below.view is not None:
        target = find_record(context, view, str(context.form.get(MOVE_TO, "")))
        if target is None or target in asked.records:
            raise Undecided(f"Choose the {view.label} to move the {below.view.label_plural} to.")
        (column,) = below.view.mapper.relationships[below.relation].local_columns
        name = below.view.mapper.get_property_by_column(column).key
        attribute = getattr(below.view.model, name)
        keys = [key_of(view, record) for record in asked.records]
        moved = update_where(
            context.session, below.view.model, {name: key_of(view, target)}, attribute.in_(keys)
        )
        nouns = below.view.label if moved == 1 else below.view.label_plural
        return f" {moved:,} {nouns} moved to “{target}”."
    if problems := _forbidden(context, view, asked):
        raise Undecided(problems[0])
    if chosen != "delete" and _can_move(context, asked):
        raise Undecided(f"Choose what becomes of the {below.counted_noun}.")
    typed = str(context.form.get(CONFIRM, "")).strip().replace(",", "")
    if number > CONFIRM_ABOVE and typed != str(number):
        raise Undecided(f"Type {number} to delete that many {below.noun} as well.")
    return ""


def _told(asked: _Asked) -> str:
    """What was deleted as well, as the end of a sentence."""
    counts = ", ".join(one.counted_noun for one in asked.deleted)
    return f", and {counts} with {'it' if len(asked.records) == 1 else 'them'}" if counts else ""


def _seen(asked: _Asked) -> str:
    """What the page shows, in short: what was shown is what happens, or it comes again."""
    counts = [f"{one.effect}:{one.table}:{one.label}:{one.count}" for one in asked.affected]
    return ";".join([str(len(asked.records)), *counts])


def _affected(view: RecordView, asked: _Asked) -> tuple[Affected, ...]:
    return tuple(
        Affected(
            one.counted_noun,
            _what_happens(view, one, asked),
            one.noun,
            one.links,
            str(replace(one.count, number=one.number - len(one.links)))
            if one.number > len(one.links)
            else "",
        )
        for one in asked.affected
    )


def _what_happens(view: RecordView, one: CascadeEffect, asked: _Asked) -> str:
    """What becomes of some records, after their number and name."""
    is_one = len(asked.records) == 1
    it = "it" if is_one else "them"
    if one.effect == "deleted":
        return f"{'is' if one.is_single else 'are'} deleted with {it}"
    loses = "loses" if one.is_single else "lose"
    if one.effect == "unlinked" and one.is_field:
        return f"{'is' if one.is_single else 'are'} no longer linked to {it}"
    if one.effect == "unlinked":
        return f"{loses} {f'this {view.label}' if is_one else f'these {view.label_plural}'}"
    if one.effect == "emptied":
        return f"{loses} {'its' if one.is_single else 'their'} {one.label or 'reference'}"
    return f"{'needs' if one.is_single else 'need'} {it}{_as_what(asked, one)}"


def _asked_for(context: Context, view: RecordView) -> tuple[list[Any], int]:
    """The keys in ``pks`` (repeated, or separated by commas), and how many cannot be any."""
    given = (
        context.form if context.posted and "pks" in context.form else context.request.query_params
    )
    texts = split_keys(value for value in given.getlist("pks") if isinstance(value, str))
    if not texts:
        raise HTTPException(
            400, f"No {view.label_plural} were chosen. Tick some in the list, then delete them."
        )
    if len(texts) > MOST_AT_ONCE:
        raise HTTPException(400, f"Delete at most {MOST_AT_ONCE} {view.label_plural} at once.")
    parsed = {text: parse_key(view, text) for text in texts}
    keys = list(dict.fromkeys(key for key in parsed.values() if key is not None))
    return keys, sum(1 for key in parsed.values() if key is None)


def _load(context: Context, view: RecordView, keys: list[Any]) -> list[Any]:
    statement: Select[Any] = select(view.model).where(among(view, keys))
    statement = statement.order_by(*key_attributes(view))
    if context.posted:
        statement = statement.with_for_update()
    return list(context.session.scalars(statement))


def _ask(
    context: Context,
    view: RecordView,
    asked: _Asked,
    problems: list[str],
    status: int,
    *,
    may_delete: bool = True,
) -> Response:
    records = asked.records
    keys = [key_text(view, record) for record in records]
    if asked.missing:
        noun = view.label if asked.missing == 1 else view.label_plural
        verb = "does" if asked.missing == 1 else "do"
        problems = [f"{asked.missing} {noun} of those chosen {verb} not exist any more.", *problems]
    one = len(records) == 1
    heading = f"Delete “{records[0]}”?" if one else f"Delete {len(records)} {view.label_plural}?"
    back = next_value(context, view)
    list_href = list_url(context, view)
    cancel = list_href
    if one and context.may("details", view, records[0]):
        cancel = with_next(context.site.href(view.identity, "details", keys[0]), back)
    number = asked.number
    chosen = context.form.get(BELOW)
    page = DeletePage(
        heading=heading,
        label=view.label if one else view.label_plural,
        action=context.site.href(view.identity, "delete"),
        pks=join_keys(keys),
        records=tuple(record_link(context, view, record) for record in records),
        affected=_affected(view, asked),
        cancel_href=cancel,
        problems=tuple(problems),
        may_delete=may_delete,
        move=_move_choice(context, view, asked) if _can_move(context, asked) else None,
        below="move" if chosen == "move" else "delete" if chosen == "delete" else "",
        confirm=number if number > CONFIRM_ABOVE else None,
        confirm_text=f"Type {number} to delete them all",
        hidden=(*(((NEXT, back),) if back else ()), (SEEN, _seen(asked))),
    )
    crumbs = (Link(view.name_plural, list_href), Link("Delete"))
    return page_response(context, "delete.html", heading, page, crumbs=crumbs, status=status)


def _move_choice(context: Context, view: RecordView, asked: _Asked) -> Choice:
    """Where the records below may be moved to: any record but those that go."""
    below = asked.deleted[0]
    assert below.view is not None, "what no view shows is not moved"
    name = below.relation
    find = str(context.form.get(f"{name}_find", "")) if "find" in context.form else None
    chosen = str(context.form.get(MOVE_TO, ""))
    choice = build_choice(context, below.view, name, chosen, label=view.name, find_text=find)
    gone = {key_text(view, record) for record in asked.records}
    options = tuple(option for option in choice.options if option.value not in gone)
    return replace(choice, name=MOVE_TO, options=options)
