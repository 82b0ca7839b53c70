"""Choosing a related record: a plain select up to 200, above that search and choose."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, true
from wtforms import Form

from backoffice.admin.forms.fields import LinksField, RelationField
from backoffice.admin.lists.counting import count_found
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.parts import Choice, Option, OptionGroup
from backoffice.admin.records.keys import among, key_for, key_text, parse_key, write_key
from backoffice.admin.records.labels import found_text, record_label
from backoffice.admin.records.values import find_each
from backoffice.admin.view import Context, RecordView
from backoffice.db.queries.search import without_index

PLAIN_LIMIT = 200
"""Records up to which a plain select is quicker than searching."""

FOUND_LIMIT = 20
"""Results of one search; more are said to exist."""


def find_records(
    context: Context, target: RecordView, text: str
) -> tuple[list[tuple[str, str]], bool]:
    """Key and label of the first 20 records of ``target`` that ``text`` finds ("" finds all).

    By label; counted first, so that what a word finds among millions is sorted, and what it finds
    everywhere is walked. Returns them and whether there are more; nothing if the person may not
    list them.
    """
    if not context.may("list", target):
        return [], False
    query = ListQuery.of_words(target, text.strip()[:100], context)
    key, labels = key_for(target), target.label_attributes
    order: list[Any] = [*labels, *key.columns]
    if query.asked:
        counted, keys = count_found(context.session, query)
        query = replace(query, found=keys)
        order = order if counted.more else [without_index(one) for one in order]
    statement = select(*key.columns, *labels).select_from(target.model)
    statement = statement.where(query.predicate()).order_by(*order)
    rows = context.session.execute(statement.limit(FOUND_LIMIT + 1)).all()
    return [_key_and_label(target, row) for row in rows[:FOUND_LIMIT]], len(rows) > FOUND_LIMIT


def all_records(context: Context, target: RecordView) -> list[tuple[str, str]] | None:
    """Key and label of all records of ``target``, by label; None if they are too many for that.

    One statement, which counts first and fetches nothing where there are more than
    ``PLAIN_LIMIT``. Empty if the person may not list them.
    """
    if not context.may("list", target):
        return []
    visible = target.visible(context)
    statement = _made(target).everything if visible is true() else _everything(target, visible)
    rows = context.session.execute(statement).all()
    if rows[0][0] > PLAIN_LIMIT:
        return None
    return [_key_and_label(target, row[1:]) for row in rows if row[1] is not None]


def _key_and_label(target: RecordView, row: Sequence[Any]) -> tuple[str, str]:
    """A row of key columns and label columns, as texts."""
    key = key_for(target)
    width = len(key.columns)
    written = write_key(target, key.value(row[:width]))
    label = " ".join(str(part) for part in row[width:] if part is not None)
    return written, label if label.strip() else f"#{written}"


def _everything(target: RecordView, visible: ColumnElement[bool]) -> Select[Any]:
    some = select(literal(1)).select_from(target.model).where(visible).limit(PLAIN_LIMIT + 1)
    counted = select(func.count().label("number")).select_from(some.subquery()).subquery()
    keys, labels = key_for(target).columns, target.label_attributes
    # Joined from the count's side, so that there is a row to read the count from in any case.
    fits = and_(counted.c.number <= PLAIN_LIMIT, visible)
    statement = select(counted.c.number, *keys, *labels).select_from(counted)
    return statement.outerjoin(target.model, fits).order_by(*labels, *keys)


class _Statements:
    """Of one view's records, made once: to make them costs more than to run them.

    ``everything``: for ``all_records``, of whoever sees all of them. ``by_keys``: the records whose
    keys are in the list ``keys``.
    """

    def __init__(self, target: RecordView) -> None:
        self.everything = _everything(target, true())
        self.by_keys: Select[Any] = select(target.model).where(among(target, "keys"))


def _made(target: RecordView) -> _Statements:
    if "choices" not in target.cache:
        target.cache["choices"] = _Statements(target)
    made: _Statements = target.cache["choices"]
    return made


def build_choice(
    context: Context,
    view: RecordView,
    name: str,
    chosen: str,
    *,
    label: str,
    posted: str = "",
    find_text: str | None = None,
) -> Choice:
    """The choice for the relation ``name`` of ``view``, with ``chosen`` (a key as text, or "").

    ``posted``: what it is called where it is posted, if not by its name. ``find_text``: what to
    search for without a script; None if nobody asked.
    """
    posted = posted or name
    target = view.related_view(name)
    everything = all_records(context, target)
    if everything is not None:
        return Choice(posted, label, _options(everything, chosen))
    told = ""
    found: list[tuple[str, str]] = []
    if find_text is not None:
        found, more = find_records(context, target, find_text)
        told = found_text(target, len(found), more)
    current = find_record(context, target, chosen) if chosen else None
    if current is not None and chosen not in [key for key, _text in found]:
        found.insert(0, (key_text(target, current), record_label(current)))
    return Choice(
        name=posted,
        label=label,
        options=_options(found, chosen),
        lookup_href=context.site.href(view.identity, "lookup", name),
        find_name=f"{posted}_find",
        find_text=find_text or "",
        found=told,
    )


def find_record(context: Context, target: RecordView, text: str) -> Any | None:
    """The record whose key ``text`` is, or None: it is gone, was never, or is not for them."""
    key = parse_key(target, text)
    if key is None or not context.may("list", target):
        return None
    visible = target.visible(context)
    if visible is true():  # the usual case, which what is loaded already answers
        return context.session.get(target.model, key)
    statement: Select[Any] = select(target.model)
    return context.session.scalars(statement.where(among(target, [key]), visible)).one_or_none()


def label_of(context: Context, target: RecordView, text: str) -> str:
    """What the record with that key as text is called; the text itself where there is none."""
    found = find_record(context, target, text)
    return text if found is None else str(found)


def labels_of(context: Context, target: RecordView, texts: Sequence[str]) -> list[str]:
    """``label_of`` for several, in the order of the labels."""
    found = find_each(context, target, texts)
    return sorted(str(found.get(text, text)) for text in texts)


def build_links(
    context: Context,
    view: RecordView,
    one: LinksField,
    name: str,
    *,
    find_text: str | None = None,
) -> tuple[tuple[OptionGroup, ...], Choice | None]:
    """The checkboxes of a many-to-many field, and the search that adds to them.

    Up to ``PLAIN_LIMIT`` records all have a box, and there is no search. Above that those have one
    that are chosen, and those that ``find_text`` finds.
    """
    target = view.related_view(name)
    everything = all_records(context, target)
    if everything is not None:
        return (OptionGroup("", _ticked(everything, one.chosen)),), None
    current = find_each(context, target, one.chosen)
    boxes = sorted(
        ((key, record_label(record)) for key, record in current.items()), key=lambda box: box[1]
    )
    told = ""
    if find_text is not None:
        found, more = find_records(context, target, find_text)
        told = found_text(target, len(found), more)
        boxes += [(key, text) for key, text in found if key not in current]
    search = Choice(
        name=one.name,
        label=str(one.label.text),
        options=(),
        lookup_href=context.site.href(view.identity, "lookup", name),
        find_name=f"{one.name}_find",
        find_text=find_text or "",
        found=told,
    )
    return (OptionGroup("", _ticked(boxes, one.chosen)),), search


def load_chosen(context: Context, view: RecordView, record: Any, form: Form) -> list[Any]:
    """Load what the relations of a record lead to, and what the posted ``form`` is to put there.

    One statement for each relation, instead of one for each record. The session finds them by key
    for as long as the list returned is kept.
    """
    loaded: list[Any] = []
    for name, one in form._fields.items():
        if not isinstance(one, RelationField):
            continue
        target = view.related_view(name)
        keys = {parse_key(target, one._value()), _key_of_related(view, target, record, name)}
        if keys := keys - {None}:
            loaded += context.session.scalars(_made(target).by_keys, {"keys": list(keys)})
    return loaded


def _key_of_related(view: RecordView, target: RecordView, record: Any, name: str) -> Any:
    """The key of the record that a relation leads to, without loading it; None where it leads to
    none, or goes by other columns than the key."""
    ours = {theirs: ours for ours, theirs in view.mapper.relationships[name].local_remote_pairs}
    parts = []
    for column in key_for(target).columns:
        if column not in ours:
            return None
        parts.append(getattr(record, view.mapper.get_property_by_column(ours[column]).key))
    return None if None in parts else key_for(target).value(parts)


def _options(found: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(key, text, key == chosen) for key, text in found)


def _ticked(found: list[tuple[str, str]], chosen: Sequence[str]) -> tuple[Option, ...]:
    ticked = set(chosen)
    return tuple(Option(key, text, key in ticked) for key, text in found)
