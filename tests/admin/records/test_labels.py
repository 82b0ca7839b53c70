"""A label is never blank: links have it as their text."""

from typing import Any

import pytest

from backoffice.admin.records.labels import label_of_values


@pytest.mark.parametrize(
    ("values", "label"),
    [
        (["Bolts"], "Bolts"),
        (["Ada", "Lovelace"], "Ada Lovelace"),
        (["Ada", None], "Ada"),
        ([None], "#5"),
        (["", " "], "#5"),
        ([0], "0"),
    ],
)
def test_a_record_is_called_by_its_values_or_else_by_its_key(values: list[Any], label: str) -> None:
    assert label_of_values(values, "5") == label
