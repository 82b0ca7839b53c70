"""Two people, one record: what merges by itself, and what somebody has to decide."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from wtforms import Form

from backoffice.admin.changes.describe import who
from backoffice.admin.forms.choices import label_of, labels_of
from backoffice.admin.forms.fields import (
    UNTOUCHED,
    ChecksField,
    Delta,
    LinksField,
    RecordField,
    RelationField,
)
from backoffice.admin.forms.originals import Original, Originals, compared_fields
from backoffice.admin.pages.form import FieldConflict
from backoffice.admin.pages.parts import Cell
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.records.keys import key_text
from backoffice.admin.records.values import column_of
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.columns import kind_of
from backoffice.history.audited import history_name
from backoffice.history.encoding import is_secret
from backoffice.history.links import link_field
from backoffice.history.queries import record_history

SOMEBODY = "Somebody else"
"""Who is named where the person may not see who it was, or nobody knows."""

YOURSELF = "You (in another window)"

MOST_LOOKED_AT = 20
"""Changes of a record that are searched for the one that changed a field."""

Chosen = Literal["", "theirs", "mine"]
Outcome = Literal["mine", "theirs", "ask"]


def decide(
    *,
    was: Callable[[Any], bool] | None,
    theirs: Any,
    mine: Any,
    chosen: Chosen | None,
    same: Callable[[Any, Any], bool],
) -> Outcome:
    """What becomes of one field.

    ``was``: whether a value is the one that the form was opened with; None where nobody knows that
    one. ``theirs``: the value that is stored now. ``mine``: the one that was posted, or
    ``UNTOUCHED``. ``chosen``: what the person chose when they were asked, "" for nothing yet, None
    if they were not asked. ``same``: whether two values mean the same.

    "mine" where it may be written, "theirs" where what is stored stays, "ask" where both sides
    changed the field, or may have.
    """
    if mine is UNTOUCHED:
        return "theirs"
    if same(mine, theirs):
        return "mine"
    if was is None:
        return "ask"
    if was(theirs):  # nobody changed it since
        if chosen is None:
            return "mine"
        return chosen or "ask"
    return "theirs" if chosen is None and was(mine) else "ask"


@dataclass
class Merge:
    """What became of a posted form.

    ``values``: what is to be written: the form's, with those that are stored in place of the ones
    that only somebody else changed (``taken``, with sentences in ``news``). ``conflicts``: fields
    that both changed and nobody has decided yet; ``asked`` their values before either edit.
    ``given_up``: fields in which what was posted is not written, for it was not what was meant.
    """

    values: dict[str, Any]
    taken: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    conflicts: dict[str, FieldConflict] = field(default_factory=dict)
    asked: dict[str, Original | None] = field(default_factory=dict)


def choice_name(one: Any) -> str:
    """The name of the two radio buttons that decide about a field."""
    return f"choice_{one.name}"


def merge(
    context: Context,
    view: RecordView,
    record: Any,
    form: Form,
    theirs: Form,
    values: dict[str, Any],
    current: dict[str, Any],
    originals: Originals,
    *,
    is_trusted: bool,
) -> Merge:
    """Put a posted form together with the record as it is stored, which is locked.

    ``theirs``: the form as it would be opened now; ``current``: the record's values by field name.
    ``is_trusted``: whether a form that posts no originals at all is taken for one that was opened
    with what is stored now, since it named that very version.
    """
    merged = Merge(dict(values))
    stored = compared_fields(theirs)
    for name, one in compared_fields(form).items():
        if name not in current or isinstance(values.get(name), Delta):
            # Nothing is stored of it; or it is a signed count, added to whatever is there now.
            if values.get(name) is UNTOUCHED:
                merged.values[name] = None
            continue
        now = stored[name].kept()
        original = originals.values.get(name)
        if original is None and is_trusted:
            original = Original.of(one, now)
        mine = UNTOUCHED if values.get(name) is UNTOUCHED else one.kept()
        given = context.form.get(choice_name(one))
        chosen: Chosen = "theirs" if given == "theirs" else "mine" if given == "mine" else ""
        outcome = decide(
            was=_is_original(one, original),
            theirs=now,
            mine=mine,
            chosen=chosen if name in originals.asked else None,
            same=one.same_encoded,
        )
        if outcome == "mine":
            continue
        if outcome == "theirs":
            merged.values[name] = current[name]
            merged.given_up.append(name)
            is_news = original is not None and not original.is_same(one, now)
            if is_news and name not in originals.asked:
                merged.taken.append(name)
            continue
        before = originals.asked.get(name, original)
        author, at = _author(context, view, record, name)
        merged.asked[name] = before
        merged.conflicts[name] = FieldConflict(
            name=choice_name(one),
            was=_told(context, view, name, one, before) if before else None,
            theirs=_told(context, view, name, one, now),
            mine=_told(context, view, name, one, mine),
            who=author,
            at=at,
            chosen=chosen,
        )
    for name in merged.taken:
        one = stored[name]
        author, _at = _author(context, view, record, name)
        now_told = _told(context, view, name, one, one.kept())
        label = view.field_label(name)
        merged.news.append(
            f"{author} changed {label} to “{now_told}” while you were editing. That stays."
        )
    return merged


def _is_original(one: RecordField, original: Original | None) -> Callable[[Any], bool] | None:
    if original is None:
        return None
    known = original
    return lambda kept: known.is_same(one, kept)


def _told(context: Context, view: RecordView, name: str, one: RecordField, value: Any) -> str:
    """A field's original or kept value for reading: a related record by its name."""
    if isinstance(value, Original):
        if value.digest:
            return value.told(one)
        value = value.kept
    if isinstance(one, RelationField):
        return label_of(context, view.related_view(name), str(value)) if value else ""
    if isinstance(one, LinksField):
        return ", ".join(labels_of(context, view.related_view(name), value or [])) or "none"
    if isinstance(one, ChecksField):
        labels = {
            option.value: option.text
            for group in view.option_groups(context, name, [])
            for option in group.options
        }
        return ", ".join(labels.get(part, part) for part in value or []) or "none"
    try:
        return one.told(value)
    except (ValueError, TypeError, ArithmeticError):
        return str(value)


def _author(context: Context, view: RecordView, record: Any, name: str) -> tuple[str, Cell]:
    """Who gave a field of a record the value that is stored now, and when; that is history, and
    told to who may see it. The others learn that it was somebody else, and so does everybody where
    a program wrote past the history."""
    nobody = SOMEBODY, Cell("", "moment")
    if not context.may(HISTORY, view, record):
        return nobody
    names = [name]
    if name in view.mapper.relationships:
        columns = view.mapper.relationships[name].local_columns
        names += [view.mapper.get_property_by_column(column).key for column in columns]
    found = record_history(
        context.session,
        history_name(view.mapper),
        key_text(view, record),
        before=None,
        limit=MOST_LOOKED_AT,
    )
    for change, changeset in found:
        after = change.after or {}
        if changed := [one_name for one_name in names if one_name in after]:
            if not all(_is_stored(view, record, one_name, after[one_name]) for one_name in changed):
                return nobody
            is_own = changeset.actor_id == context.person.user_id
            return YOURSELF if is_own else who(changeset), datetime_cell(
                context.settings, changeset.at
            )
    return nobody


def _is_stored(view: RecordView, record: Any, name: str, kept: Any) -> bool:
    """Whether the history's value of a field is the one that is stored now."""
    if name in view.mapper.relationships:
        return bool(kept == link_field(record, name))
    column = column_of(view, name)
    if column is None or is_secret(column):
        return True
    kind, value = kind_of(column), getattr(record, name)
    return kind.same_encoded(kept, None if value is None else kind.encode(value))
