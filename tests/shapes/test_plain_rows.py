"""A list that reads values prints the same table as one that loads records."""

import re

import pytest

from backoffice.admin.lists import fetch
from backoffice.admin.lists.plain_rows import row_shape
from tests.shapes.place import Place
from tests.shapes.views import EVERY_VIEW
from tests.shapes.walking import Walk, shape_name


@pytest.mark.parametrize("walk", EVERY_VIEW, ids=shape_name, indirect=True)
def test_values_and_records_print_the_same_table(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk.fill_up()
    # Three a page: the cursors of the next pages come from values, too.
    address = walk.href("list", pageSize="3")
    by_values = walk.place.ada.get(address).text
    view = walk.place.view_of(walk.model)
    del view.cache  # the statements for plain rows
    with monkeypatch.context() as patched:
        patched.setattr(fetch, "row_shape", lambda view, shown: None)
        by_records = walk.place.ada.get(address).text
    del view.cache

    assert table_of(by_values) == table_of(by_records)
    assert table_of(by_values).count("<tr>") > 1


def table_of(page: str) -> str:
    """The table of a list with the links to its other pages."""
    found = re.search(r'(?s)<table class="table records.*?</main>', page)
    assert found, "the page has no table"
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", found[0])


def test_most_shapes_are_listed_by_values(shapes: Place) -> None:
    views = shapes.site.record_views
    plain = [view for view in views if row_shape(view, view.get_list_columns()) is not None]
    assert len(plain) > len(views) / 2
