"""Choosing a related record: a plain select up to 200, above that search and choose."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

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
) -> tuple[list[Any], bool]:
    """The first records of ``target`` that ``text`` finds ("" finds all), by label; one statement.

    Returns them and whether there are more. Empty if the person may not list them.
    """
    if not visit.may("list", target):
        return [], False
    query = ListQuery(target, search=text.strip()[:100])
    statement: Select[Any] = select(target.model).where(query.predicate())
    statement = statement.order_by(target.label_attribute, key_attribute(target))
    records = list(visit.session.scalars(statement.limit(limit + 1)))
    return records[:limit], len(records) > limit


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
    records, more = find_records(visit, target, "", PLAIN_LIMIT)
    if not more:
        return Choice(name, label, _options(target, records, chosen))
    found_text = ""
    records = []
    if find_text is not None:
        records, beyond = find_records(visit, target, find_text)
        found_text = _found(target, len(records), beyond)
    current = find_record(visit, target, chosen) if chosen else None
    if current is not None and current not in records:
        records.insert(0, current)
    return Choice(
        name=name,
        label=label,
        options=_options(target, records, chosen),
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


def _options(target: "RecordView", records: list[Any], chosen: str) -> tuple[Option, ...]:
    keys = [str(key_of(target, record)) for record in records]
    return tuple(
        Option(key, str(record), key == chosen) for key, record in zip(keys, records, strict=True)
    )


def _found(target: "RecordView", number: int, more: bool) -> str:
    if more:
        return f"The first {number} {target.nouns}: type more to narrow the search."
    if number == 0:
        return f"No {target.nouns} match: try other words."
    return f"{number} {target.noun if number == 1 else target.nouns} found."
