"""The real parts go in: every row is a record, or is refused with its reason."""

import csv
from collections import Counter
from decimal import Decimal

import sqlalchemy as sa

from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import count
from tests.real_input.conftest import Stock
from tests.real_input.parts import TAKEN


def test_every_row_is_a_record_or_refused_with_its_reason(stock: Stock) -> None:
    # What the file itself says, without a word of the models: a row needs a description, and a
    # name that no row with one has had before.
    with stock.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = set()
    expected: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if not row["description"].strip():
            expected["description", "This field is required."] += 1
        elif row["name"] in names:
            expected["name", TAKEN] += 1
        else:
            names.add(row["name"])

    report = stock.report

    assert report.reasons() == expected
    assert report.read == len(rows)
    assert report.loaded + len(report.refused) == len(rows)
    assert report.loaded == len(names) == count(stock.database, Item)
    assert report.categories == len({row["category"] for row in rows})
    assert report.categories == count(stock.database, Category)
    for one in report.refused:
        row = rows[one.part.line - 2]  # the header is line 1, and no cell holds a line break
        assert (row["name"], row["description"]) == (one.part.name, one.part.description)


def test_what_was_loaded_is_what_the_file_says(stock: Stock) -> None:
    with unit_of_work(stock.database) as session:
        statement = sa.select(
            Item.name, Item.description, Category.name, Item.price, Item.quantity
        ).join_from(Item, Category)
        loaded = {row[0]: tuple(row[1:]) for row in session.execute(statement)}

    refused = {one.part.line for one in stock.report.refused}
    with stock.path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if line not in refused:
                assert loaded.pop(row["name"]) == (
                    row["description"].strip(),
                    row["category"],
                    Decimal(row["price"]),
                    int(row["quantity"]),
                )
    assert loaded == {}
