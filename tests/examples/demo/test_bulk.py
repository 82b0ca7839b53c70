"""Items are written by the million in each database's own way."""

import pytest

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category
from examples.demo.bulk import CopyText, Row, insert_items


def test_a_name_that_is_taken_is_an_error_unless_it_is_to_be_skipped(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        shelf = Category(name="Shelf")
        session.add(shelf)
    rows: list[Row] = [(shelf.id, "One", "First", 100, 1), (shelf.id, "Two", "Second", 200, 0)]
    with unit_of_work(database, writes=True) as session:
        assert insert_items(session, iter(rows), 2, skip_existing=True).number == 2
    with unit_of_work(database, writes=True) as session:
        again = [*rows, (shelf.id, "Three", "Third", 300, 0)]
        assert insert_items(session, iter(again), 3, skip_existing=True).number == 1
    with (
        pytest.raises(Exception, match=r"(?i)unique|duplicate"),
        unit_of_work(database, writes=True) as session,
    ):
        insert_items(session, iter(rows), 2, skip_existing=False)


def test_what_copy_reads_is_the_same_in_pieces_of_any_size() -> None:
    rows: list[Row] = [
        (1, "Back\\slash", "Tab\there", 5, 1),
        (2, "Ω 4.7 µF", "Line\nbreak", 123456, 0),
    ]
    whole = CopyText(iter(rows)).read()
    assert whole == (
        "1\tBack\\\\slash\tTab\\there\t0.05\t1\n2\tΩ 4.7 µF\tLine\\nbreak\t1234.56\t0\n"
    )
    for size in (1, 3, 16, 1000):
        text, pieces = CopyText(iter(rows)), []
        while piece := text.read(size):
            assert len(piece) <= size
            pieces.append(piece)
        assert "".join(pieces) == whole
