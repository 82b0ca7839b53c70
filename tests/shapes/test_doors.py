"""Every shape's doors, asked by somebody whose role is limited to no field, and by somebody who may
see no record: nothing is told, and nothing fails."""

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sa

from backoffice.admin.attributes import label_names, table_column
from backoffice.admin.field_access import limitable_fields
from backoffice.admin.records.keys import key_names
from backoffice.admin.view import RecordView
from tests.cast import Browser, links_of, text_of
from tests.shapes.people import all_actions, sign_in_with
from tests.shapes.place import Place
from tests.shapes.reader import rows_of
from tests.shapes.views import EDITED_VIEWS
from tests.shapes.walking import Walk, said, shape_name

NUMBERS = count(1)
"""A worker may come back to this file, on the database of the first time."""

every_edited_shape = pytest.mark.parametrize("walk", EDITED_VIEWS, ids=shape_name, indirect=True)


@pytest.fixture(scope="module")
def tokens(shapes: Place) -> set[str]:
    """Every action on every view."""
    return all_actions(shapes, *(view.identity for view in shapes.site.record_views))


@pytest.fixture(scope="module")
def nia(shapes: Place, tokens: set[str]) -> Browser:
    """Somebody who may do everything, and read no field."""
    limited = {f"{view.identity}:read:" for view in shapes.site.record_views}
    return sign_in_with(shapes, f"nia{next(NUMBERS)}", tokens | limited)


@pytest.fixture(scope="module")
def ron(shapes: Place, tokens: set[str]) -> Browser:
    """Somebody who may do everything, whose records the tests hide."""
    return sign_in_with(shapes, f"ron{next(NUMBERS)}", tokens)


def doors(walk: Walk, key: object) -> Iterator[str]:
    """The pages about a record and its list, in every order."""
    yield walk.href("list")
    yield walk.href("counts")
    for name in walk.view.get_list_columns()[:2]:
        yield walk.href("list", sort=name, columns=name, counts="shown")
    for screen in ("details", "edit", "history"):
        yield walk.href(screen, key)
    yield f"{walk.href('delete')}?pks={walk.key.encode(key)}"
    yield walk.href("create")
    yield walk.href("views")
    yield f"/admin/changeset/details/{walk.latest()}"
    yield f"/admin/changeset/undo/{walk.latest()}"
    yield "/admin/changeset/list"


@every_edited_shape
def test_people_who_may_see_no_field_get_no_value_and_no_label(walk: Walk, nia: Browser) -> None:
    key = walk.add(0)
    stored = walk.stored(key)
    assert stored is not None
    words = {
        word
        for name in limitable_fields(walk.view)
        if name in stored and name in walk.mapper.columns
        if len(word := walk.words(name, stored[name])) > 5
        if word.lower() != walk.view.label  # a hierarchy stores what its records are called
    }
    shown = walk.shown("details", key)
    assert limitable_fields(walk.view), "the shape has fields"
    for path in doors(walk, key):
        answer = nia.get(path)
        assert answer.status_code in (200, 403, 404, 422), path
        if answer.headers["content-type"].startswith("text/html") and "<main" in answer.text:
            told = [word for word in words if word in shown and word in said(answer)]
            assert told == [], path
    page = nia.get(walk.href("details", key))
    if page.status_code == 200 and not set(label_names(walk.model)) <= set(key_names(walk.mapper)):
        assert f"#{walk.key.encode(key)}" in text_of(page), "the record is called by its key"


@every_edited_shape
def test_people_who_may_see_no_record_find_none(
    walk: Walk, ron: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    if type(walk.view).visible is not RecordView.visible:
        return  # it has a test of its own
    key = walk.add(0)
    assert rows_of(ron.get(walk.href("list"))), "the record is there"
    monkeypatch.setattr(type(walk.view), "visible", lambda view, context: sa.false())
    for path in doors(walk, key):
        answer = ron.get(path)
        assert answer.status_code in (200, 403, 404, 422), path
    for screen in ("details", "edit", "history"):
        assert ron.get(walk.href(screen, key)).status_code == 404, screen
    assert rows_of(ron.get(walk.href("list"))) == []
    assert ron.get(f"{walk.href('delete')}?pks={walk.key.encode(key)}").status_code == 404
    # The changeset may have added other records too, which Ron sees.
    changeset = ron.get(f"/admin/changeset/details/{walk.latest()}")
    assert walk.href("history", key) not in links_of(changeset)


@every_edited_shape
def test_a_deleted_record_is_judged_by_a_condition_on_every_kind_of_column(
    walk: Walk, ron: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The condition is true of what the record held; the history holds it as the database does."""
    if not walk.view.can_delete:
        return
    key = walk.add(0)
    stored = walk.stored(key)
    assert stored is not None
    with walk.session() as session:
        session.delete(session.get(walk.model, key))
    columns = [
        (column, stored[name])
        for name, column in walk.mapper.columns.items()
        if table_column(walk.mapper, name) is not None
        and column.computed is None
        and stored.get(name) is not None
        and walk.kind(name).facet in ("text", "range", "choices", "yes_no", "period")
    ]
    history = walk.href("history", key)
    for column, value in columns:
        holds = column == value
        monkeypatch.setattr(type(walk.view), "visible", lambda view, context, is_=holds: is_)
        assert ron.get(history).status_code == 200, column
        monkeypatch.setattr(type(walk.view), "visible", lambda view, context, is_=holds: ~is_)
        assert ron.get(history).status_code == 404, column
