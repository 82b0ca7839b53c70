"""How values print."""

import pytest
from sqlalchemy.orm.attributes import set_committed_value

from backoffice.admin.records import cells
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category
from tests.cast import Browser, text_of


@pytest.mark.databases("sqlite")
def test_the_number_of_a_record_is_no_quantity(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        session.add(Category(id=1781, name="Bolts"))
    shown = text_of(ada.get("/admin/category/details/1781"))
    assert "Number 1781" in shown
    assert "1,781" not in shown


def test_several_related_records_are_named_by_their_labels() -> None:
    named, blank = Category(id=4, name="Bolts"), Category(id=5)
    set_committed_value(blank, "name", " ")  # by another program: ours refuse it
    assert cells._relations(None, [named, blank]).text == "#5, Bolts"  # type: ignore[arg-type]
