"""How values print."""

import pytest

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category
from tests.cast import Browser, text_of


@pytest.mark.databases("sqlite")
def test_the_number_of_a_record_is_no_quantity(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        session.add(Category(id=1781, name="Bolts"))
    shown = text_of(ada.get("/admin/category/details/1781"))
    assert "ID 1781" in shown
    assert "1,781" not in shown
