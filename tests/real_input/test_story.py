"""A day among real parts: one is found and repriced, a category is deleted with its items.

These change the records: what was loaded is looked at in a module of its own.
"""

import html
import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from httpx2 import Response

from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import Browser, count, links_of, text_of
from tests.real_input.conftest import Stock


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("4001", "4001"),
        ("max9715ete+", "MAX9715ETE+"),
        ("bridge_+-aa", "D_Bridge_+-AA"),
        ("2-mΩ Bidirectional", "INA253"),
        ("850 µA soic-14/tssop", "MCP6L94"),
        ("SOIC-14/TSSOP-14 850", "MCP6L94"),
        ("10% _ \\", None),
    ],
)
def test_a_part_is_found_by_what_is_printed_on_it(
    stock: Stock, ada_in_stock: Browser, typed: str, found: str | None
) -> None:
    page = ada_in_stock.get(f"/admin/item/list?{urlencode({'search': typed})}")

    assert page.status_code == 200
    assert f'value="{html.escape(typed)}"' in page.text  # the search box keeps it
    assert found in names_on(page) if found else not names_on(page)


def test_a_part_is_found_priced_anew_and_seen_in_the_list_it_was_found_in(
    stock: Stock, ada_in_stock: Browser
) -> None:
    ada = ada_in_stock
    found = ada.get(f"/admin/item/list?{urlencode({'search': 'MCP6L94 µA'})}")
    assert names_on(found) == ["MCP6L94"]
    (address,) = [href for href in links_of(found) if "/admin/item/edit/" in href]

    form = ada.get(address)
    assert 'name="price" value="0.85"' in form.text
    typed = {
        **hidden_fields(form),
        "name": "MCP6L94",
        "description": "10 MHz, 850 µA Op Amps, SOIC-14/TSSOP-14",
        "category": str(category_id(stock, "Amplifier Operational")),
        "price": "1,234.50",
        "quantity": "0",
        "save": "Save",
    }
    saved = ada.post(address, typed)

    assert saved.status_code == 303, text_of(saved)
    back = ada.get(saved.headers["location"])
    assert names_on(back) == ["MCP6L94"]
    assert "Item “MCP6L94” was saved." in text_of(back)
    assert "1,234.50" in text_of(back)
    with unit_of_work(stock.database) as session:
        item = session.scalars(sa.select(Item).where(Item.name == "MCP6L94")).one()
        assert item.price == Decimal("1234.50")


def test_a_form_offers_a_search_where_categories_are_too_many_to_choose_from(
    stock: Stock, ada_in_stock: Browser
) -> None:
    found = ada_in_stock.get("/admin/item/lookup/category?q=amplifier audio").json()
    assert [result["text"] for result in found["results"]] == ["Amplifier Audio"]

    ada_in_stock.get("/admin/item/create")
    searched = {"name": "LM386 X", "category_find": "amplifier audio", "find": "category"}
    form = ada_in_stock.post("/admin/item/create", searched)
    assert form.status_code == 200
    assert "LM386 X" in form.text
    assert "1 category found." in text_of(form)


def test_every_page_of_the_list_is_reached_once(stock: Stock, ada_in_stock: Browser) -> None:
    seen: list[str] = []
    address: str | None = "/admin/item/list?pageSize=200&search=regulator"
    while address:
        page = ada_in_stock.get(address)
        seen += names_on(page)
        address = next(iter(links_of(page, rel="next")), None)

    with unit_of_work(stock.database) as session:
        searched = (Item.name, Item.description, Category.name)
        anywhere = sa.or_(*(column.ilike("%regulator%") for column in searched))
        expected = session.scalars(sa.select(Item.name).join(Category).where(anywhere)).all()
    assert len(seen) == len(set(seen)) > 200
    assert set(seen) == set(expected)


def test_a_category_is_deleted_with_its_items_after_saying_how_many(
    stock: Stock, ada_in_stock: Browser
) -> None:
    key = category_id(stock, "Diode Bridge")
    with unit_of_work(stock.database) as session:
        belonging = sa.select(sa.func.count()).where(Item.category_id == key)
        number = session.scalar(belonging) or 0
        name = session.scalar(sa.select(Item.name).where(Item.category_id == key).limit(1))
    assert number > 1
    before = count(stock.database, Item)

    asked = ada_in_stock.get(f"/admin/category/delete?pks={key}")
    assert "Delete “Diode Bridge”?" in text_of(asked)
    assert f"{number} items" in text_of(asked).replace(",", "")
    assert count(stock.database, Item) == before

    seen = re.search(r'name="seen" value="([^"]*)"', asked.text)
    assert seen
    chosen = {"pks": str(key), "seen": seen[1], "below": "delete", "confirm": str(number)}
    deleted = ada_in_stock.post("/admin/category/delete", chosen)

    assert deleted.status_code == 303
    assert "Diode Bridge" not in names_on(ada_in_stock.get("/admin/category/list?pageSize=200"))
    assert count(stock.database, Item) == before - number
    gone = ada_in_stock.get(f"/admin/item/list?{urlencode({'search': name})}")
    assert name not in names_on(gone)


def names_on(page: Response) -> list[str]:
    """The names in the first column of a list."""
    texts = page.text.split('<td class="cell-name"')[1:]
    return [html.unescape(text.split(">", 2)[2].split("<", 1)[0]) for text in texts]


def hidden_fields(page: Response) -> dict[str, str]:
    """What an edit form sends along unchanged, but for its token."""
    tags = page.text.split('<input type="hidden" name="')[1:]
    pairs = [tag.split('"', 3) for tag in tags]
    fields = {name: html.unescape(value) for name, _between, value, _rest in pairs}
    return {name: value for name, value in fields.items() if name in ("next", "version")}


def category_id(stock: Stock, name: str) -> int:
    with unit_of_work(stock.database) as session:
        return session.scalars(sa.select(Category.id).where(Category.name == name)).one()
