"""Every filter of every shape's list finds the records that have the value, and no others."""

import re
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

import pytest

from backoffice.columns import Key
from tests.shapes.reader import rows_of
from tests.shapes.views import EVERY_VIEW
from tests.shapes.walking import Stored, Walk, said, shape_name

FILTERED = [view for view in EVERY_VIEW if view.list_filters]
SearchClause = tuple[dict[str, str], set[str]]
"""Parameters of an address, and the records that they are to find."""


@pytest.mark.parametrize("walk", FILTERED, ids=shape_name, indirect=True)
def test_each_filter_finds_the_records_that_have_the_value(walk: Walk) -> None:
    walk.fill_up()
    everything = walk.all_stored()
    for name in (one.key for one in walk.view.list_filters):
        for query, expected in asked_of(walk, name, everything):
            page = walk.place.ada.get(f"{walk.href('list')}?{urlencode(query | {'pageSize': 200})}")
            told = said(page)
            assert "gnored the" not in told, (query, told[:300])
            assert set(rows_of(page)) == expected, query
            assert "Clear filters" in told
            # What comes a moment later, where a list is long, is what is in this page.
            later = walk.place.ada.get(f"{walk.href('counts')}?{urlencode(query)}")
            assert facets_of(later.text) == facets_of(page.text), query


@pytest.mark.parametrize("walk", EVERY_VIEW, ids=shape_name, indirect=True)
def test_every_list_has_an_answer_with_its_counts(walk: Walk) -> None:
    walk.fill_up()
    page, later = (walk.place.ada.get(walk.href(screen)) for screen in ("list", "counts"))
    assert later.status_code == 200
    assert "Counts are shown." in later.text
    assert facets_of(later.text) == facets_of(page.text)


def facets_of(page: str) -> list[str]:
    """The facets of a page, each as its HTML."""
    return re.findall(r'(?s)<fieldset class="facet".*?</fieldset>', page)


def asked_of(walk: Walk, name: str, everything: dict[str, Stored]) -> list[SearchClause]:
    """What a filter may be asked: for some of the values there are, each in its own way."""
    values = [record[name] for record in everything.values() if record[name] is not None]
    assert values, f"no record has a {name}"
    some = list({repr(value): value for value in values}.values())[:2]
    if name in walk.mapper.relationships:
        target = Key.of(walk.mapper.relationships[name].mapper)
        return [
            ({name: target.encode(key)}, having(everything, name, lambda one, key=key: one == key))
            for key in some
        ]
    kind = walk.kind(name)
    asked: list[SearchClause] = []
    for value in some:
        text = kind.write(value, walk.place.settings.zone)
        if kind.facet == "range":
            at_least = having(everything, name, lambda one, value=value: one >= value)
            same = having(everything, name, lambda one, value=value: one == value)
            asked += [({f"{name}_from": text}, at_least)]
            asked += [({f"{name}_from": text, f"{name}_to": text}, same)]
        elif kind.facet == "period":
            day = day_of(walk, name, value)
            same = having(everything, name, lambda one, day=day: day_of(walk, name, one) == day)
            asked += [({f"{name}_from": day, f"{name}_to": day}, same)]
        elif kind.facet == "text":
            line = " ".join(value.split())[:100]
            if line == value:
                same = having(everything, name, lambda one, value=value: same_text(one, value))
                asked += [({name: value, f"{name}_op": "is"}, same)]
        else:
            text = "yes" if value is True else "no" if value is False else kind.encode(value)
            same = having(everything, name, lambda one, value=value: one == value)
            asked += [({name: text}, same)]
    assert asked or kind.facet == "text"
    return asked


def having(everything: dict[str, Stored], name: str, fits: Any) -> set[str]:
    """The keys of the records whose value fits."""
    return {
        key for key, one in everything.items() if one[name] is not None and bool(fits(one[name]))
    }


def same_text(one: str, other: str) -> bool:
    """A filter takes small and capital letters for one."""
    return one.lower() == other.lower()


def day_of(walk: Walk, name: str, value: Any) -> str:
    """The day of a date or of a datetime without a zone; of a moment the day in UTC."""
    if walk.kind(name).name == "moment":
        value = value.astimezone(UTC) if value.tzinfo else value
    return str(value.isoformat())[:10]
