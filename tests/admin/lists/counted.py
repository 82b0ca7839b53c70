"""Lists that are long enough for their counts to matter, and what a page says of them."""

import re
from collections.abc import Sequence
from html import unescape

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import load
from backoffice.models import Category, Item


def fill(
    database: Database,
    number: int,
    categories: Sequence[str] = ("All of them",),
    *,
    first: int = 0,
) -> None:
    """Items "Part 0" …, or from the ``first`` number on, taking turns in ``categories``."""
    with load(database) as session:
        made = [Category(name=name) for name in categories]
        session.add_all(made)
        session.flush()
        rows = [
            {"name": f"Part {n}", "description": "-", "price": 1, "quantity": n % 50,
             "category_id": made[n % len(made)].id}
            for n in range(first, first + number)
        ]  # fmt: skip
        session.connection().execute(sa.insert(Item), rows)
        session.count_loaded("items", number)


def options(page: str, name: str) -> dict[str, tuple[str, bool, str]]:
    """A facet's boxes by value: text, whether ticked, and the count beside it."""
    found = {}
    for box in re.finditer(
        rf'<input type="checkbox"[^>]*name="{name}"[^>]*>(.*?)</label>', page, re.DOTALL
    ):
        value = re.search(r'value="([^"]*)"', box[0])
        assert value is not None
        texts = [unescape(part).strip() for part in re.findall(r">([^<>]+)<", box[0])]
        texts = [text for text in texts if text]
        count = texts.pop() if re.fullmatch(r"[\d,]+\+?", texts[-1]) and len(texts) > 1 else ""
        found[value[1]] = (texts[0], "checked" in box[0], count)
    return found


def bounds(page: str) -> list[str]:
    """What the page says of the lowest and highest values, in the order of its facets."""
    return re.findall(r'<p class="facet-bounds[^"]*">([^<]*)</p>', page)


def totals(page: str) -> list[str]:
    """The totals below the rows, as the page says them."""
    found = re.search(r'<p class="totals">(.*?)</p>', page)
    return re.sub(r"<[^>]+>", " ", found[1]).split() if found else []


def counts_address(page: str) -> str | None:
    """Where the page's script gets the counts that come later; None if they are in the page."""
    found = re.findall(r'data-counts="([^"]*)"', page)
    assert len(found) <= 1
    return unescape(found[0]) if found else None
