"""Choosing a related record: a plain select up to 200, above that search and choose."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, true
from wtforms import Form

from backoffice.admin.counting import count_found
from backoffice.admin.fields import RelationField
from backoffice.admin.keys import among, key_attribute, key_of, parse_key, primary_key
from backoffice.admin.listing import ListQuery
from backoffice.admin.lists.wording import found_text
from backoffice.admin.pages import Choice, Option
from backoffice.db.search import unserved

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

PLAIN_LIMIT = 200
"""Records up to which a plain select is quicker than searching."""

FOUND_LIMIT = 20
"""Results of one search; more are said to exist."""


def find_records(
    visit: "Visit", target: "RecordView", text: str
) -> tuple[list[tuple[str, str]], bool]:
    """Key and label of the first 20 records of ``target`` that ``text`` finds ("" finds all).

    By label; counted first, so that what a word finds among millions is sorted, and what it finds
    everywhere is walked. Returns them and whether there are more; nothing if the person may not
    list them.
    """
    if not visit.may("list", target):
        return [], False
    query = ListQuery.of_words(target, text.strip()[:100], visit)
    key, labels = key_attribute(target), target.label_attributes
    order = [*labels, key]
    if query.asked:
        counted, keys = count_found(visit.session, query)
        query = replace(query, found=keys)
        order = order if counted.more else [unserved(one) for one in order]
    statement = select(key, *labels).where(query.predicate()).order_by(*order)
    rows = visit.session.execute(statement.limit(FOUND_LIMIT + 1)).all()
    found = [(str(row[0]), _label(row[1:])) for row in rows[:FOUND_LIMIT]]
    return found, len(rows) > FOUND_LIMIT


def all_records(visit: "Visit", target: "RecordView") -> list[tuple[str, str]] | None:
    """Key and label of all records of ``target``, by label; None if they are too many for that.

    One statement, which counts first and fetches nothing where there are more than
    ``PLAIN_LIMIT``. Empty if the person may not list them.
    """
    if not visit.may("list", target):
        return []
    visible = target.visible(visit)
    statement = _made(target).everything if visible is true() else _everything(target, visible)
    rows = visit.session.execute(statement).all()
    if rows[0][0] > PLAIN_LIMIT:
        return None
    return [(str(row[1]), _label(row[2:])) for row in rows if row[1] is not None]


def _everything(target: "RecordView", visible: ColumnElement[bool]) -> Select[Any]:
    some = select(literal(1)).select_from(target.model).where(visible).limit(PLAIN_LIMIT + 1)
    counted = select(func.count().label("number")).select_from(some.subquery()).subquery()
    key, labels = key_attribute(target), target.label_attributes
    # Joined from the count's side, so that there is a row to read the count from in any case.
    fits = and_(counted.c.number <= PLAIN_LIMIT, visible)
    statement = select(counted.c.number, key, *labels).select_from(counted)
    return statement.outerjoin(target.model, fits).order_by(*labels, key)


class _Statements:
    """Of one view's records, made once: to make them costs more than to run them.

    ``everything``: for ``all_records``, of whoever sees all of them. ``by_keys``: the records whose
    keys are in the list ``keys``.
    """

    def __init__(self, target: "RecordView") -> None:
        self.everything = _everything(target, true())
        self.by_keys: Select[Any] = select(target.model).where(among(target, "keys"))


def _made(target: "RecordView") -> _Statements:
    if "choices" not in target.statements:
        target.statements["choices"] = _Statements(target)
    made: _Statements = target.statements["choices"]
    return made


def build_choice(
    visit: "Visit",
    view: "RecordView",
    name: str,
    chosen: str,
    *,
    label: str,
    find_text: str | None = None,
) -> Choice:
    """The choice for the relation ``name`` of ``view``, with ``chosen`` (a key as text, or "").

    ``find_text``: what to search for without a script; None if nobody asked.
    """
    target = view.related_view(name)
    everything = all_records(visit, target)
    if everything is not None:
        return Choice(name, label, _options(everything, chosen))
    told = ""
    found: list[tuple[str, str]] = []
    if find_text is not None:
        found, more = find_records(visit, target, find_text)
        told = found_text(target, len(found), more)
    current = find_record(visit, target, chosen) if chosen else None
    if current is not None and chosen not in [key for key, _text in found]:
        found.insert(0, (str(key_of(target, current)), str(current)))
    return Choice(
        name=name,
        label=label,
        options=_options(found, chosen),
        lookup_href=visit.site.href(view.identity, "lookup", name),
        find_name=f"{name}_find",
        find_text=find_text or "",
        found=told,
    )


def find_record(visit: "Visit", target: "RecordView", text: str) -> Any | None:
    """The record whose key ``text`` is, or None: it is gone, was never, or is not for them."""
    key = parse_key(target, text)
    if key is None or not visit.may("list", target):
        return None
    visible = target.visible(visit)
    if visible is true():  # the usual case, which what is loaded already answers
        return visit.session.get(target.model, key)
    statement: Select[Any] = select(target.model)
    statement = statement.where(key_attribute(target) == key, visible)
    return visit.session.scalars(statement).one_or_none()


def load_chosen(visit: "Visit", view: "RecordView", record: Any, form: Form) -> list[Any]:
    """Load what the relations of a record lead to, and what the posted ``form`` is to put there.

    One statement for each relation, instead of one for each record. The session finds them by key
    for as long as the list returned is kept.
    """
    loaded: list[Any] = []
    for name, one in form._fields.items():
        if not isinstance(one, RelationField):
            continue
        target = view.related_view(name)
        relation = view.mapper.relationships[name]
        (ours, theirs), *others = relation.local_remote_pairs
        keys: set[Any] = {parse_key(target, one._value())}
        if not others and theirs is primary_key(target):
            keys.add(getattr(record, view.mapper.get_property_by_column(ours).key))
        if keys := keys - {None}:
            loaded += visit.session.scalars(_made(target).by_keys, {"keys": list(keys)})
    return loaded


def _label(parts: Sequence[Any]) -> str:
    return " ".join(str(part) for part in parts)


def _options(found: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(key, text, key == chosen) for key, text in found)
