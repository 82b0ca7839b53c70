"""Two people, or a person and another program, change one record: nothing is lost in silence."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.cast import text_of
from tests.shapes.reader import form_of
from tests.shapes.views import EDITED_VIEWS
from tests.shapes.walking import Stored, Walk, shape_name

every_edited_shape = pytest.mark.parametrize("walk", EDITED_VIEWS, ids=shape_name, indirect=True)


@every_edited_shape
def test_a_field_that_two_forms_change_is_asked_about(walk: Walk) -> None:
    ada = walk.place.ada
    key = walk.add(0)
    name, first, second = contested(walk, key)
    mine = ada.form(walk.href("edit", key))
    theirs = ada.form(walk.href("edit", key))
    walk.fill(theirs, {name: first})
    ada.send(theirs)

    walk.fill(mine, {name: second})
    asked = ada.send(mine, 409)
    assert "Which value do you want to keep" in text_of(asked)
    assert same(walk, key, name, first)

    again = form_of(asked, "the conflict")
    (choice,) = {one.name for one in again.controls if one.type == "radio"}
    again.fill(choice, "mine")
    ada.send(again)
    assert same(walk, key, name, second)
    walk.see_that_history_agrees(key)


@every_edited_shape
def test_the_form_also_asks_about_a_change_by_another_program(walk: Walk) -> None:
    ada = walk.place.ada
    key = walk.add(0)
    name, first, second = contested(walk, key)
    before = walk.stored(key)
    assert before is not None
    form = ada.form(walk.href("edit", key))
    write_by_sql(walk, key, name, first)

    walk.fill(form, {name: second})
    ada.send(form, 409)
    assert same(walk, key, name, first)
    write_by_sql(walk, key, name, before[name])


@every_edited_shape
def test_fields_that_only_one_side_changed_are_merged(walk: Walk) -> None:
    ada = walk.place.ada
    key = walk.add(0)
    name, first, _second = contested(walk, key)
    before = walk.stored(key)
    assert before is not None
    changed = walk.plan(1)
    others = [
        other
        for other in walk.fields
        if other != name
        and other not in walk.keys_typed()
        and not walk.alike(other, before[other], changed[other])
    ]
    if not others:
        pytest.skip("it has one field that can be changed")
    form = ada.form(walk.href("edit", key))
    write_by_sql(walk, key, name, first)

    walk.fill(form, {others[0]: changed[others[0]]})
    ada.send(form)

    assert same(walk, key, name, first)
    assert same(walk, key, others[0], changed[others[0]])
    write_by_sql(walk, key, name, before[name])


def contested(walk: Walk, key: Any) -> tuple[str, Any, Any]:
    """A field that is a column, and two other values than it has now."""
    before = walk.stored(key)
    assert before is not None
    plans = [walk.plan(number) for number in (1, 3, 4, 6)]
    for name in reversed(walk.fields):
        if name not in walk.mapper.columns or name in walk.keys_typed():
            continue
        others = [walk.kept_of(name, one[name]) for one in plans]
        others = [one for one in others if not walk.alike(name, one, before[name])]
        if isinstance(before[name], bool):
            continue
        others = [one for one in others if not walk.alike(name, one, others[0])][:1] + others[:1]
        if len(others) == 2:
            return name, others[1], others[0]
    pytest.skip("it has no column that two people could change to different values")


def write_by_sql(walk: Walk, key: Any, name: str, value: Any) -> None:
    """Another program: plain SQL, which knows of no history and no version."""
    column = walk.mapper.columns[name]
    table = column.table
    keys = list(table.primary_key.columns)
    condition = sa.and_(*(one == part for one, part in zip(keys, walk.key.parts(key), strict=True)))
    with walk.place.database.engine.begin() as connection:
        written = connection.execute(sa.update(table).where(condition).values({column: value}))
        assert written.rowcount == 1


def same(walk: Walk, key: Any, name: str, value: Any) -> bool:
    """Whether a record has that value now."""
    stored: Stored | None = walk.stored(key)
    assert stored is not None
    return walk.alike(name, stored[name], walk.kept_of(name, value))
