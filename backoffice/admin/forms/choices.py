"""Choosing related records: a select of all of them up to 200, a search beyond that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, true

from backoffice.admin.forms.fields import LinksField, RecordForm, RelationField
from backoffice.admin.lists.counting import count_matches
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.parts import Choice, Option, OptionGroup
from backoffice.admin.records.keys import (
    has_bound_key,
    has_key_in,
    key_for,
    key_parameters,
    key_text,
    parse_key,
    write_key,
)
from backoffice.admin.records.labels import (
    label_columns,
    label_of_values,
    record_label,
    search_result_text,
)
from backoffice.admin.records.values import find_records_by_key
from backoffice.admin.view import Context, RecordView
from backoffice.db.queries.search import without_index
from backoffice.language import _

PLAIN_LIMIT = 200
"""Records up to which a select is quicker to use than a search."""

FOUND_LIMIT = 20
"""Most results of one search; the page says if there are more."""


def find_records(
    context: Context, target: RecordView, text: str
) -> tuple[list[tuple[str, str]], bool]:
    """The first 20 records of ``target`` that ``text`` finds, and whether there are more.

    Each record is a key and a label, both text, in the order of the labels. "" finds all records. A
    person who may not list the records finds none. The results are counted first: few results are
    sorted, and many are read from an index in the order of the labels.
    """
    if not context.may("list", target):
        return [], False
    query = ListQuery.of_words(target, text.strip()[:100], context)
    key, labels = key_for(target), label_columns(target, context)
    order: list[Any] = [*labels, *key.columns]
    if query.clauses:
        counted, keys = count_matches(context.session, query)
        query = replace(query, matched_keys=keys)
        order = order if counted.more else [without_index(column) for column in order]
    statement = select(*key.columns, *labels).select_from(target.model)
    statement = statement.where(query.predicate()).order_by(*order)
    rows = context.session.execute(statement.limit(FOUND_LIMIT + 1)).all()
    return [_key_and_label(target, row) for row in rows[:FOUND_LIMIT]], len(rows) > FOUND_LIMIT


def all_records(context: Context, target: RecordView) -> list[tuple[str, str]] | None:
    """Key and label of all records of ``target``, in the order of the labels.

    None if there are more than ``PLAIN_LIMIT``; empty if the person may not list them.

    One statement, which counts first and reads no record if there are too many.
    """
    if not context.may("list", target):
        return []
    labels = label_columns(target, context)
    is_usual = context.sees_all(target) and labels
    statement = (
        _statements(target).all_records
        if is_usual
        else _select_all(target, context.visible(target), labels)
    )
    rows = context.session.execute(statement).all()
    if rows[0][0] > PLAIN_LIMIT:
        return None
    return [_key_and_label(target, row[1:]) for row in rows if row[1] is not None]


def _key_and_label(target: RecordView, row: Sequence[Any]) -> tuple[str, str]:
    """Key and label, both as text, from a row of key columns and label columns."""
    key = key_for(target)
    width = len(key.columns)
    key_written = write_key(target, key.value(row[:width]))
    return key_written, label_of_values(row[width:], key_written)


def _select_all(
    target: RecordView, visible: ColumnElement[bool], labels: Sequence[Any]
) -> Select[Any]:
    """SELECT the number of records with the key and the ``labels`` of each."""
    bounded = select(literal(1)).select_from(target.model).where(visible).limit(PLAIN_LIMIT + 1)
    counted = select(func.count().label("number")).select_from(bounded.subquery()).subquery()
    keys = key_for(target).columns
    # The count is joined with the records, so that there is a row with it even if no record fits.
    fits = and_(counted.c.number <= PLAIN_LIMIT, visible)
    statement = select(counted.c.number, *keys, *labels).select_from(counted)
    return statement.outerjoin(target.model, fits).order_by(*labels, *keys)


class _Statements:
    """Statements for one view, made once: making them takes longer than running them.

    ``all_records``: for a person who may see all records. ``by_key``: the record with the key of
    ``key_parameters``. ``by_keys``: the records whose keys are in the parameter ``keys``, a list.
    """

    def __init__(self, target: RecordView) -> None:
        self.all_records = _select_all(target, true(), target.label_attributes)
        self.by_key: Select[Any] = select(target.model).where(has_bound_key(target))
        self.by_keys: Select[Any] = select(target.model).where(has_key_in(target, "keys"))


def _statements(target: RecordView) -> _Statements:
    return target.cache.get("choices", lambda: _Statements(target), always=True)


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
    """The choice for the relation ``name`` of ``view``.

    ``chosen``: the key of the chosen record as text, or "". ``posted``: the name of the form's
    field, if it is not ``name``. ``find_text``: what to search for, where the browser runs no
    script; None if the form was not sent for a search.
    """
    posted = posted or name
    target = view.related_view(name)
    options = all_records(context, target)
    if options is not None:
        return Choice(posted, label, _options(options, chosen))
    result = ""
    found: list[tuple[str, str]] = []
    if find_text is not None:
        found, more = find_records(context, target, find_text)
        result = search_result_text(target, len(found), more)
    record = find_record(context, target, chosen) if chosen else None
    if record is not None and chosen not in [key for key, _label in found]:
        found.insert(0, (key_text(record), record_label(context, record)))
    return Choice(
        name=posted,
        label=label,
        options=_options(found, chosen),
        lookup_href=context.site.href(view.identity, "lookup", name),
        find_name=f"{posted}_find",
        find_text=find_text or "",
        found=result,
    )


def find_record(context: Context, target: RecordView, text: str) -> Any | None:
    """The record whose key is ``text``; None if there is none, or the person may not see it."""
    key = parse_key(target, text)
    if key is None or not context.may("list", target):
        return None
    if context.sees_all(target):
        return _find_by_key(context, target, key)
    return find_records_by_key(context, target, [text]).get(write_key(target, key))


def _find_by_key(context: Context, target: RecordView, key: Any) -> Any | None:
    """The record with that key. A record that is loaded already needs no statement.

    ``Session.get`` would build and compare its statement each time.
    """
    session = context.session
    parts = key_for(target).parts(key)
    if target.mapper.identity_key_from_primary_key(parts) in session.identity_map:
        return session.get(target.model, key)
    found = session.scalars(_statements(target).by_key, key_parameters(target, key))
    return found.unique().one_or_none()


def related_label(context: Context, target: RecordView, key: str) -> str:
    """The label of the record with that key (as text); the key if there is no such record."""
    record = find_record(context, target, key)
    return f"#{key}" if record is None else record_label(context, record)


def related_labels(context: Context, target: RecordView, keys: Sequence[str]) -> list[str]:
    """``related_label`` for several records, in the order of the labels."""
    records = find_records_by_key(context, target, keys)
    return sorted(
        record_label(context, records[key]) if key in records else f"#{key}" for key in keys
    )


def build_links(
    context: Context,
    view: RecordView,
    form_field: LinksField,
    name: str,
    *,
    find_text: str | None = None,
) -> tuple[tuple[OptionGroup, ...], Choice | None]:
    """The checkboxes of a many-to-many field, and a search that adds further ones.

    Up to ``PLAIN_LIMIT`` records each have a checkbox, and there is no search (None). If there are
    more, only the chosen ones and those that ``find_text`` finds have one.
    """
    target = view.related_view(name)
    options = all_records(context, target)
    if options is not None:
        return (OptionGroup("", _ticked(options, form_field.chosen)),), None
    chosen = find_records_by_key(context, target, form_field.chosen)
    boxes = sorted(
        ((key, record_label(context, record)) for key, record in chosen.items()),
        key=lambda box: box[1],
    )
    result = ""
    if find_text is not None:
        found, more = find_records(context, target, find_text)
        result = search_result_text(target, len(found), more)
        boxes += [(key, label) for key, label in found if key not in chosen]
    search = Choice(
        name=form_field.name,
        label=_(str(form_field.label.text)),
        options=(),
        lookup_href=context.site.href(view.identity, "lookup", name),
        find_name=f"{form_field.name}_find",
        find_text=find_text or "",
        found=result,
    )
    return (OptionGroup("", _ticked(boxes, form_field.chosen)),), search


def load_related(context: Context, view: RecordView, record: Any, form: RecordForm) -> list[Any]:
    """Load the records that a record's relations refer to, and those that a posted form chose.

    One statement for each relation, instead of one for each record. While the caller holds the
    list, the session finds these records by key without a statement.
    """
    loaded: list[Any] = []
    for name, form_field in form.fields.items():
        if not isinstance(form_field, RelationField):
            continue
        target = view.related_view(name)
        chosen = parse_key(target, form_field.input_text())
        keys = {chosen, _related_key(view, target, record, name)} - {None}
        if keys:
            loaded += context.session.scalars(_statements(target).by_keys, {"keys": list(keys)})
    return loaded


def _related_key(view: RecordView, target: RecordView, record: Any, name: str) -> Any:
    """The key of the record that a relation refers to, without loading that record; None if there
    is none, or the foreign key refers to other columns than the key."""
    pairs = view.mapper.relationships[name].local_remote_pairs
    local_columns = {remote: local for local, remote in pairs}
    parts = []
    for column in key_for(target).columns:
        if column not in local_columns:
            return None
        local = view.mapper.get_property_by_column(local_columns[column]).key
        parts.append(getattr(record, local))
    return None if None in parts else key_for(target).value(parts)


def _options(records: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(key, label, key == chosen) for key, label in records)


def _ticked(records: list[tuple[str, str]], chosen: Sequence[str]) -> tuple[Option, ...]:
    ticked = set(chosen)
    return tuple(Option(key, label, key in ticked) for key, label in records)
