"""What is wrong with counts and sums of related records stops the start with a sentence."""

from typing import Any

import pytest

from backoffice.admin.aggregates import RelatedCount, RelatedSum
from tests.admin.checks.shelves import Room, Shelf, Start, Tag, shelf


@pytest.mark.parametrize(
    ("aggregate", "problem"),
    [
        (
            RelatedCount("Rooms", Shelf.room),
            "ShelfView.column_aggregates: 'much' needs a to-many relation of Shelf.",
        ),
        (
            RelatedCount("Names", Shelf.name),
            "ShelfView.column_aggregates: 'much' needs a to-many relation of Shelf.",
        ),
        (
            "tags",
            "ShelfView.column_aggregates: 'much' is 'tags'. Write a RelatedCount or a RelatedSum.",
        ),
        (
            RelatedSum("Names", Shelf.tags, Tag.name),
            "ShelfView.column_aggregates: 'much' adds up something that is not a number (text).",
        ),
        (
            RelatedSum("Rooms", Shelf.tags, Room.id),
            "ShelfView.column_aggregates: 'much' reads rooms.id, which is not a column of Tag.",
        ),
    ],
)
def test_what_cannot_be_added_up_is_told(problems: Start, aggregate: Any, problem: str) -> None:
    options = {"column_list": ["name", "much"], "column_aggregates": {"much": aggregate}}
    assert problem in problems(shelf(**options))


def test_names_are_checked(problems: Start) -> None:
    count = RelatedCount("Tags", Shelf.tags)
    unshown = {"column_list": ["name"], "column_aggregates": {"tag_count": count}}
    assert problems(shelf(**unshown)) == [
        "ShelfView.column_aggregates: 'tag_count' is not shown anywhere. Put it into column_list "
        "or column_details_list, or remove it."
    ]
    taken = {"column_list": ["name"], "column_aggregates": {"name": count}}
    (told,) = problems(shelf(**taken))
    assert "Shelf already has 'name'. Write another name." in told


def test_a_list_is_sorted_by_them_only_where_an_index_finds_the_records(problems: Start) -> None:
    options: dict[str, Any] = {
        "column_list": ["name", "tag_count", "below_count"],
        "column_aggregates": {
            "tag_count": RelatedCount("Tags", Shelf.tags),
            "below_count": RelatedCount("Below", Shelf.below),
        },
        "column_sortable_list": ["name", "tag_count", "below_count"],
    }
    assert problems(shelf(**options)) == [
        "ShelfView.column_sortable_list: 'below_count' adds up records of the same table. Remove "
        "it."
    ]
