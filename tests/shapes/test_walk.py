"""Every shape through every screen: what is typed is what is stored, what is undone is what was."""

import zlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import ONETOMANY

from backoffice.admin.lists.sorting import sortable_names
from tests.cast import links_of, text_of
from tests.shapes import samples
from tests.shapes.reader import rows_of
from tests.shapes.views import EDITED_VIEWS, EVERY_VIEW
from tests.shapes.walking import Walk, said, see, shape_name
from tests.size import thorough

every_shape = pytest.mark.parametrize("walk", EVERY_VIEW, ids=shape_name, indirect=True)
every_edited_shape = pytest.mark.parametrize("walk", EDITED_VIEWS, ids=shape_name, indirect=True)


@every_edited_shape
def test_what_is_typed_is_stored_shown_and_left_alone_by_other_edits(walk: Walk) -> None:
    for number in (0, 2):  # every field filled, and every optional one left blank
        key = create(walk, walk.plan(number))
        stored = walk.stored(key)
        assert stored is not None
        page = walk.shown("details", key)
        for name in walk.view.get_details_columns():
            see(walk.words(name, stored.get(name)), page)

        # A form that is opened and saved changes nothing.
        latest = walk.latest()
        walk.place.ada.send(walk.place.ada.form(walk.href("edit", key)))
        after = walk.stored(key)
        assert after is not None
        assert walk.differences(after, stored) == []
        assert walk.latest() == latest


def create(walk: Walk, planned: dict[str, Any]) -> Any:
    """Make a record through its form, and see that it holds what was typed; its key."""
    ada = walk.place.ada
    before = set(walk.keys())
    form = ada.form(walk.href("create"))
    walk.fill(form, planned)
    ada.send(form)
    (key,) = set(walk.keys()) - before
    stored = walk.stored(key)
    assert stored is not None
    for name, value in planned.items():
        assert walk.alike(name, stored[name], walk.kept_of(name, value)), (
            name,
            stored[name],
            value,
        )
    return key


@every_edited_shape
def test_edits_are_recorded_and_undone_and_leave_other_fields_alone(walk: Walk) -> None:
    key = walk.add(0)
    before = walk.stored(key)
    assert before is not None
    wanted = {name: walk.kept_of(name, value) for name, value in walk.plan(1).items()}
    changed = {
        name: value
        for name, value in wanted.items()
        if name not in walk.keys_typed() and not walk.alike(name, before[name], value)
    }
    if not changed:
        pytest.skip("its form has its key alone")
    *rest, last = changed
    # One field first: the others keep every byte. Then all others at once.
    for names in filter(None, ([last], rest)):
        was = walk.stored(key)
        assert was is not None
        edit(walk, key, {name: changed[name] for name in names})
        edited = walk.stored(key)
        assert edited is not None
        for name in walk.fields:
            expected = changed[name] if name in names else was[name]
            assert walk.alike(name, edited[name], expected), (name, edited[name], expected)

        number = walk.latest()
        walk.place.ada.get("/admin/password")  # shows and forgets the notice
        changeset = said(walk.place.ada.get(f"/admin/changeset/details/{number}"))
        for page in (walk.shown("history", key), changeset):
            for name in names:
                see(walk.view.label_for(name), page)
                see(walk.words(name, edited[name])[:20], page)
        walk.undo(number)
        undone = walk.stored(key)
        assert undone is not None
        assert walk.differences(undone, was) == []
    walk.see_that_history_agrees(key)


def edit(walk: Walk, key: Any, values: dict[str, Any]) -> None:
    """Change fields of a record through its form."""
    form = walk.place.ada.form(walk.href("edit", key))
    walk.fill(form, values)
    walk.place.ada.send(form)


@every_edited_shape
def test_a_deleted_record_comes_back_whole(walk: Walk) -> None:
    key = walk.add(0)
    add_belongings(walk, key)
    before = walk.stored(key)
    assert before is not None

    page = walk.delete(key)
    assert walk.stored(key) is None
    assert "delete" in text_of(page)
    walk.shown("details", key, 404)
    assert "deleted" in walk.shown("history", key)

    walk.undo(walk.latest())
    after = walk.stored(key)
    assert after is not None
    assert walk.differences(after, before) == []
    walk.shown("details", key)
    walk.see_that_history_agrees(key)


def add_belongings(walk: Walk, key: Any) -> None:
    """Give a record what goes with it: children that the database deletes, and memberships."""
    with walk.session() as session:
        record = session.get(walk.model, key)
        for relation in walk.mapper.relationships:
            if relation.direction is ONETOMANY and relation.passive_deletes:
                for number in (3, 4)[: 1 + bool(relation.uselist)]:
                    theirs = {str(relation.back_populates): record}
                    samples.add(session, relation.mapper.class_, number, **theirs)
            elif relation.secondary is not None and not samples.is_field(walk.mapper, relation):
                getattr(record, relation.key).extend(
                    samples.pool(session, relation.mapper.class_)[:2]
                )


@every_shape
def test_every_sort_shows_every_record_once_forward_and_backward(walk: Walk) -> None:
    walk.fill_up()
    everything = walk.all_stored()
    third = str(-(-len(everything) // 3))  # three pages, however many records there are
    for name in sortable_names(walk.view):
        forward: Any = (name, "next", {})
        backward: Any = (f"-{name}", "prev", {"page": "last"})
        for sort, rel, page in in_turn(f"{shape_name(walk.view)} {name}", forward, backward):
            seen = walked(walk, rel, {"sort": sort, "pageSize": third, **page})
            assert sorted(seen) == sorted(everything), sort
            in_order(walk, name, [everything[key] for key in seen], backward=sort != name)


def in_turn(name: str, *ways: Any) -> Sequence[Any]:
    """One of ``ways``, another one for another name; in the long form all of them."""
    return ways if thorough() else (ways[zlib.crc32(name.encode()) % len(ways)],)


def walked(walk: Walk, rel: str, query: dict[str, str]) -> list[str]:
    """The keys of a list's records, page by page, in the list's order."""
    seen: list[str] = []
    pages = 0
    address: str | None = walk.href("list", **query)
    while address:
        shown = walk.place.ada.get(address)
        assert "Can't sort" not in shown.text
        rows = rows_of(shown)
        seen = seen + rows if rel == "next" else rows + seen
        pages += 1
        assert pages <= 4, f"{query} has no end"
        address = next(iter(links_of(shown, rel=rel)), None)
    assert pages > 1
    return seen


def in_order(walk: Walk, name: str, records: list[Any], *, backward: bool) -> None:
    """See that values ascend or descend, wherever those that are missing go."""
    if name not in walk.mapper.columns or walk.kind(name).name in ("text", "enum", "decorated"):
        return  # in the database's own order, which depends on its collation
    values = [record[name] for record in records if record[name] is not None]
    assert values == sorted(values, reverse=backward), name


@every_shape
def test_a_search_finds_the_records_that_hold_the_word(walk: Walk) -> None:
    walk.fill_up()
    everything = walk.all_stored()
    names = [name for name in walk.view.searchable_names() if name in walk.mapper.columns]
    for name in names:
        word = next(record[name] for record in everything.values() if record[name])
        word = word.splitlines()[0][:30].replace('"', "").split(" ")[0]
        found = rows_of(walk.place.ada.get(walk.href("list", search=f'"{word}"', pageSize="200")))
        expected = {
            key
            for key, record in everything.items()
            for searched in names
            if word.lower() in (record[searched] or "").lower()
        }
        assert expected <= set(found), (name, word)


@every_shape
def test_a_key_that_no_record_has_is_not_found(walk: Walk) -> None:
    for key in ("abc", "99999999999999999999", "%00", '["a"]', "%ff"):
        path = walk.href("details")
        walk.place.ada.get(f"{path}/{quote(key, safe='%')}", 404)
