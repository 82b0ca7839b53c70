"""Keys of records: in addresses, forms and statements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import ARRAY, Column, ColumnElement, any_, bindparam, inspect, select, true, tuple_
from sqlalchemy.orm import Mapper

from backoffice.columns import Key

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit


def key_for(view: "RecordView") -> Key:
    """The key that records of a view are found by."""
    return _key_of_mapper(view.mapper)


_KEYS: dict[Mapper[Any], Key] = {}


def _key_of_mapper(mapper: Mapper[Any]) -> Key:
    if mapper not in _KEYS:
        _KEYS[mapper] = Key.of(mapper)
    return _KEYS[mapper]


def primary_key(view: "RecordView") -> ColumnElement[Any]:
    """The one primary key column of a view's model."""
    return view.mapper.primary_key[0]


def key_attributes(view: "RecordView") -> list[Any]:
    """The mapped attributes of the key."""
    return [
        getattr(view.model, view.mapper.get_property_by_column(column).key)
        for column in view.mapper.primary_key
        if isinstance(column, Column)
    ]


def key_attribute(view: "RecordView") -> Any:
    """The mapped attribute of the primary key, to put into statements."""
    return key_attributes(view)[0]


def key_expression(view: "RecordView") -> Any:
    """The mapped key: an attribute, or a tuple of them."""
    attributes = key_attributes(view)
    return attributes[0] if len(attributes) == 1 else tuple_(*attributes)


def among(view: "RecordView", keys: Sequence[Any] | str) -> ColumnElement[bool]:
    """The condition that a record's key is one of ``keys``; or of those that the parameter of that
    name will give, as a list."""
    name, values = (keys, None) if isinstance(keys, str) else (None, list(keys))
    key = key_expression(view)
    if view.site.database.dialect == "postgresql" and key_for(view).is_single:
        # One parameter however many keys, so that the statement is one and can be prepared.
        array = bindparam(name, values, type_=ARRAY(primary_key(view).type))
        return key == any_(array)  # type: ignore[no-any-return]
    return key.in_(bindparam(name, values, expanding=True))  # type: ignore[no-any-return]


def keys_where(view: "RecordView", condition: ColumnElement[bool], visit: "Visit | None") -> Any:
    """A SELECT of the keys of a view's records that meet ``condition``, of those that the person
    may see at all."""
    keys = select(*key_attributes(view)).where(condition)
    visible = view.visible(visit) if visit is not None else true()
    return keys if visible is true() else keys.where(visible)


def key_of(view: "RecordView", record: Any) -> Any:
    """A record's primary key."""
    return key_in(record)


def key_in(record: Any) -> Any:
    """A record's primary key, whatever its model."""
    mapper: Mapper[Any] = inspect(type(record))
    return _key_of_mapper(mapper).value(mapper.primary_key_from_instance(record))


def write_key(view: "RecordView", key: Any) -> str:
    """A key as text."""
    return key_for(view).encode(key)


def key_text(view: "RecordView", record: Any) -> str:
    """A record's key as text."""
    return write_key(view, key_of(view, record))


def in_address(key: Any) -> str:
    """A primary key as a part of a path."""
    text = str(key)
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


def parse_key(view: "RecordView", text: str) -> Any | None:
    """The key that ``text`` writes, or None if no record can have it."""
    return key_for(view).decode(text)
