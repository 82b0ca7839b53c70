"""Primary keys in addresses: text in, a value the database takes out, or nothing."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    SmallInteger,
    any_,
    bindparam,
    inspect,
    select,
    true,
)
from sqlalchemy.orm import Mapper

from backoffice.admin.columns import python_type

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def primary_key(view: "RecordView") -> ColumnElement[Any]:
    """The one primary key column of a view's model."""
    return view.mapper.primary_key[0]


def key_attribute(view: "RecordView") -> Any:
    """The mapped attribute of the primary key, to put into statements."""
    return getattr(view.model, view.mapper.get_property_by_column(primary_key(view)).key)


def among(view: "RecordView", keys: Sequence[Any] | str) -> ColumnElement[bool]:
    """The condition that a record's key is one of ``keys``; or of those that the parameter of that
    name will give, as a list."""
    name, values = (keys, None) if isinstance(keys, str) else (None, list(keys))
    key = key_attribute(view)
    if view.site.database.dialect == "postgresql":
        # One parameter however many keys, so that the statement is one and can be prepared.
        array = bindparam(name, values, type_=ARRAY(primary_key(view).type))
        return key == any_(array)  # type: ignore[no-any-return]
    return key.in_(bindparam(name, values, expanding=True))  # type: ignore[no-any-return]


def keys_where(view: "RecordView", condition: ColumnElement[bool], visit: "Visit | None") -> Any:
    """A SELECT of the keys of a view's records that meet ``condition``, of those that the person
    may see at all."""
    keys = select(key_attribute(view)).where(condition)
    visible = view.visible(visit) if visit is not None else true()
    return keys if visible is true() else keys.where(visible)


def key_of(view: "RecordView", record: Any) -> Any:
    """A record's primary key."""
    return key_in(record)


def key_in(record: Any) -> Any:
    """A record's primary key, whatever its model."""
    model: Any = type(record)
    return getattr(record, _key_name(model))


def in_address(key: Any) -> str:
    """A primary key as a part of a path."""
    text = str(key)
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


@cache
def _key_name(model: type) -> str:
    mapper: Mapper[Any] = inspect(model)
    return mapper.get_property_by_column(mapper.primary_key[0]).key


def parse_key(view: "RecordView", text: str) -> Any | None:
    """The key that ``text`` writes, or None if no record can have it.

    A number beyond the column's range is None too: the database would answer with an error.
    """
    column = primary_key(view)
    if python_type(column.type) is not int:
        return text if 0 < len(text) <= 255 and "\x00" not in text else None
    if not _WHOLE.fullmatch(text):
        return None
    number = int(text)
    bits = 63 if isinstance(column.type, BigInteger) else 31
    bits = 15 if isinstance(column.type, SmallInteger) else bits
    return number if -(2**bits) <= number < 2**bits else None
