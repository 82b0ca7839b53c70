"""An action on records of every shape, whatever their keys: it asks, acts once and is undone."""

from typing import Any
from urllib.parse import urlencode

import pytest

from backoffice.admin.acting.preview import preview_changes
from backoffice.admin.actions import Action
from backoffice.admin.records.keys import join_keys, key_of
from backoffice.admin.view import Context
from tests.shapes.views import EDITED_VIEWS
from tests.shapes.walking import Walk, said, see, shape_name

every_edited_shape = pytest.mark.parametrize("walk", EDITED_VIEWS, ids=shape_name, indirect=True)

SET = Action("set", "Set", "set_values", permission="action:set", preview="preview_set")


def plain_fields(walk: Walk) -> list[str]:
    """The columns of the form that are no part of the key."""
    return [
        name
        for name in walk.fields
        if name in walk.mapper.columns and name not in walk.keys_typed()
    ]


@every_edited_shape
def test_two_records_are_set_in_one_changeset_and_set_back(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = plain_fields(walk)
    if not names:
        pytest.skip("its form has no column beside its key")
    keys = [walk.add(0), walk.add(2)]
    new = {
        walk.key.encode(key): {name: walk.kept_of(name, walk.plan(number)[name]) for name in names}
        for key, number in zip(keys, (1, 3), strict=True)
    }
    before = [walk.stored(key) for key in keys]

    def values_for(record: Any) -> dict[str, Any]:
        return new[walk.key.encode(key_of(record))]

    def set_values(self: Any, context: Context, records: Any, form: None) -> str:
        for record in records:
            for name, value in values_for(record).items():
                setattr(record, name, value)
        return f"{len(records)} set."

    def preview_set(self: Any, context: Context, records: Any, form: None) -> Any:
        return preview_changes(context, self, [(record, values_for(record)) for record in records])

    monkeypatch.setattr(walk.view, "actions", (SET,))
    monkeypatch.setattr(type(walk.view), "set_values", set_values, raising=False)
    monkeypatch.setattr(type(walk.view), "preview_set", preview_set, raising=False)

    path = walk.place.site.href(walk.view.identity, "action", "set")
    query = urlencode({"pks": join_keys(map(walk.key.encode, keys))})
    page = walk.place.ada.get(f"{path}?{query}")
    see(f"Set 2 {walk.view.label_plural}?", said(page))
    see("What will happen", said(page))
    form = walk.place.ada.form(f"{path}?{query}", path)
    latest = walk.latest()
    walk.place.ada.post(path, form.data | {"do": ["act"]})

    assert walk.latest() == latest + 1
    for key in keys:
        stored = walk.stored(key)
        assert stored is not None
        for name, value in new[walk.key.encode(key)].items():
            assert walk.alike(name, stored[name], value), (name, stored[name], value)
    walk.place.ada.post(path, form.data | {"do": ["act"]}, 409)
    assert walk.latest() == latest + 1

    walk.undo(latest + 1)
    for key, stored_before in zip(keys, before, strict=True):
        again = walk.stored(key)
        assert again is not None
        assert stored_before is not None
        assert walk.differences(again, stored_before) == []
