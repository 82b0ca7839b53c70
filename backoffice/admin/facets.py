"""The filters at a list's side, and the chips of what is ticked already, as they are shown."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backoffice.admin.choices import found_text
from backoffice.admin.filters import (
    TEXT_OPERATORS,
    BooleanFilter,
    ChoiceFilter,
    DateFilter,
    Filter,
    RangeFilter,
    RelationFilter,
    TextFilter,
)
from backoffice.admin.list_pages import Chip, Facet, FacetOption
from backoffice.admin.listing import ListQuery
from backoffice.admin.periods import PRESETS
from backoffice.admin.searching import without
from backoffice.admin.summing import FOUND, Summary

if TYPE_CHECKING:
    from backoffice.admin.visit import Visit


def chips(query: ListQuery, summary: Summary, here: str) -> tuple[Chip, ...]:
    """What narrows the list besides words, each with the list without it."""
    shown = []
    for narrowing in query.narrowings:
        one = query.view.filters[narrowing.name]
        for part in narrowing.parts:
            text = _value_text(one, part.text, summary)
            href = here + query.without(narrowing, part.left)
            shown.append(Chip(one.label, text, href))
    for asked in query.asked:
        if asked.term.field:
            term = asked.term
            text = query.search[term.start : term.end]
            href = here + query.query_string(search=without(query.search, term) or None)
            shown.append(Chip("Search", text, href))
    return tuple(shown)


def facets(
    visit: "Visit", query: ListQuery, summary: Summary, typed: Mapping[str, str]
) -> list[Facet]:
    """The facets as they are shown."""
    return [_facet(visit, query, one, summary, typed) for one in query.filters.values()]


# How they look ------------------------------------------------------------------------------


def _facet(
    visit: "Visit", query: ListQuery, one: Filter, summary: Summary, typed: Mapping[str, str]
) -> Facet:
    ticked = next((n for n in query.narrowings if n.name == one.name), None)
    values = ticked.values if ticked else ()
    common: dict[str, Any] = {"name": one.name, "label": one.label, "active": ticked is not None}
    if isinstance(one, RangeFilter):
        low, high = (ticked.value(p) if ticked else "" for p in one.parameters)
        bounds = summary.bounds.get(one.name)
        return Facet(
            kind="range",
            unit=query.view.unit_for(one.name),
            low=low,
            high=high,
            bounds=" to ".join(_number(end) for end in bounds) if bounds else "",
            **common,
        )
    if isinstance(one, TextFilter):
        chosen = (ticked.value(f"{one.name}_op") if ticked else "") or "contains"
        options = tuple(
            FacetOption("" if key == "contains" else key, words, key == chosen)
            for key, (words, _compare) in TEXT_OPERATORS.items()
        )
        text = ticked.value(one.name) if ticked else ""
        return Facet(kind="text", options=options, low=text, **common)
    counts = summary.counts.get(one.name, {})
    if isinstance(one, RelationFilter):
        labels = summary.labels.get(one.name, {})
        find_text = typed.get(one.name, "")
        more = summary.searched.get(one.name, 0)
        return Facet(
            kind="options",
            options=tuple(
                FacetOption(key, label, key in values, counts.get(key, ""))
                for key, label in sorted(labels.items(), key=lambda item: item[0] not in values)
            ),
            lookup_href=visit.site.href(query.view.identity, "lookup", one.name),
            find_name=f"{one.name}_find",
            find_text=find_text,
            found=found_text(one.target, min(more, FOUND), more > FOUND) if find_text else "",
            **common,
        )
    choices = _choices(one, summary)
    options = tuple(
        FacetOption(value, text, value in values, counts.get(str(place), ""))
        for place, (value, text) in enumerate(choices)
    )
    if isinstance(one, DateFilter):
        low, high = (ticked.value(p) if ticked else "" for p in one.parameters[1:])
        anytime = FacetOption("", "Any time", not values)
        return Facet(kind="dates", options=(anytime, *options), low=low, high=high, **common)
    return Facet(kind="options", options=options, **common)


def _choices(one: Filter, summary: Summary) -> Sequence[tuple[str, str]]:
    if isinstance(one, BooleanFilter):
        return (("yes", "Yes"), ("no", "No"))
    if isinstance(one, DateFilter):
        return tuple(PRESETS.items())
    return summary.options.get(one.name, ())


def _value_text(one: Filter, text: str, summary: Summary) -> str:
    """What a chip says: a value's label where it has one."""
    if isinstance(one, RelationFilter):
        return summary.labels.get(one.name, {}).get(text, f"#{text}")
    if isinstance(one, BooleanFilter | ChoiceFilter):
        return dict(_choices(one, summary)).get(text, text)
    return text


def missing_choices(query: ListQuery, summary: Summary) -> list[str]:
    """What to say of related records that the address names and that are not there to be chosen."""
    if not summary.asked:
        return []
    return [
        f"There is no {one.target.noun} #{value} (any more)."
        for narrowing in query.narrowings
        if isinstance(one := query.filters.get(narrowing.name), RelationFilter)
        for value in narrowing.values
        if str(one.target_key(value)) not in summary.labels.get(one.name, {})
    ]


def _number(text: str) -> str:
    """A number as the database casts it to text, without digits that say nothing."""
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(whole):,}" + (f".{fraction.ljust(2, '0')}" if fraction else "")
