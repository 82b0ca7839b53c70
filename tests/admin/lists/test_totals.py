"""The totals below a list are exact to the cent, on every database."""

from decimal import Decimal

import pytest

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import Browser, text_of


@pytest.mark.every_database
def test_sums_are_exact_to_the_cent(ada: Browser, database: Database) -> None:
    # As binary fractions these add up to a cent less: their fifteenth digits do not cancel.
    prices = [Decimal("9999999.99"), *[Decimal("0.07")] * 90, *[Decimal("0.1")] * 30]
    quantities = [2_000_000, *[3] * 90, *[7] * 30]
    with unit_of_work(database, writes=True) as session:
        metal = Category(name="Metal")
        session.add_all(
            Item(name=f"Bolt {place}", description="x", price=price, quantity=n, category=metal)
            for place, (price, n) in enumerate(zip(prices, quantities, strict=True))
        )
    value = sum(price * n for price, n in zip(prices, quantities, strict=True))
    assert f"Stock value {value:,.2f} EUR" in text_of(ada.get("/admin/item/list"))


def test_an_empty_list_has_no_sum_to_show(ada: Browser) -> None:
    assert ada.get("/admin/item/list?search=nothing").status_code == 200
