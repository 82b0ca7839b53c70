"""Choosing a related record: a plain select up to 200, above that search and choose."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from backoffice.admin.keys import key_attribute, key_of, parse_key
from backoffice.admin.listing import ListQuery
from backoffice.admin.pages import Choice, Option

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

PLAIN_LIMIT = 200
"""Records up to which a plain select is quicker than searching."""

FOUND_LIMIT = 20
"""Results of one search; more are said to exist."""


def find_records(
    visit: "Visit", target: "RecordView", text: str, limit: int = FOUND_LIMIT
) -> tuple[list[tuple[str, str]], bool]:
    """Key and label of the first records of ``target`` that ``text`` finds ("" finds all).

    By label, in one statement. Returns them and whether there are more; nothing if the person may
    not list them.
    """
    if not visit.may("list", target):
        return [], False
    query = ListQuery(target, search=text.strip()[:100])
    key, labels = key_attribute(target), target.label_attributes
    statement = select(key, *labels).where(query.predicate()).order_by(*labels, key)
    rows = visit.session.execute(statement.limit(limit + 1)).all()
    found = [(str(row[0]), " ".join(str(part) for part in row[1:])) for row in rows[:limit]]
    return found, len(rows) > limit


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
    found, more = find_records(visit, target, "", PLAIN_LIMIT)
    if not more:
        return Choice(name, label, _options(found, chosen))
    found_text = ""
    found = []
    if find_text is not None:
        found, more = find_records(visit, target, find_text)
        found_text = _found(target, len(found), more)
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
        found=found_text,
    )


def find_record(visit: "Visit", target: "RecordView", text: str) -> Any | None:
    """The record whose key ``text`` is, or None: it is gone, was never, or is not for them."""
    key = parse_key(target, text)
    if key is None or not visit.may("list", target):
        return None
    return visit.session.get(target.model, key)


def _options(found: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(key, text, key == chosen) for key, text in found)


def _found(target: "RecordView", number: int, more: bool) -> str:
    if more:
        return f"The first {number} {target.nouns}: type more to narrow the search."
    if number == 0:
        return f"No {target.nouns} match: try other words."
    return f"{number} {target.noun if number == 1 else target.nouns} found."
