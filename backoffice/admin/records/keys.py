"""Primary keys of a view's records: in addresses, in statements, and as text on a page.

A key is what ``session.get`` takes: the value of its column, or a tuple where the key has several.
How it is written as text is for ``columns.Key`` to say; here are views, records and addresses.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam, inspect, select, true, tuple_
from sqlalchemy.orm import Mapper

from backoffice.admin.view import Context, RecordView
from backoffice.columns import Key


def key_for(view: RecordView) -> Key:
    """The primary key that a view's records are found by."""
    return _key(view.mapper)


def key_attributes(view: RecordView) -> list[Any]:
    """The mapped attributes of the primary key, one for each of its columns, to put into
    statements."""
    return [getattr(view.model, name) for name in _names(view.mapper)]


def key_expression(view: RecordView) -> Any:
    """The primary key to compare with, or to look for: its attribute, or a row of several.

    No database selects a row: a SELECT names ``key_attributes``.
    """
    attributes = key_attributes(view)
    return attributes[0] if len(attributes) == 1 else tuple_(*attributes)


def key_in_row(view: RecordView, row: Sequence[Any]) -> Any:
    """The key that a row begins with which selected ``key_attributes``."""
    return row[0] if key_for(view).is_single else tuple(row[: len(_names(view.mapper))])


def is_key(view: RecordView, key: Any) -> ColumnElement[bool]:
    """The condition that a record is the one with that key."""
    return among(view, [key]) if not key_for(view).is_single else key_expression(view) == key


def goes_as_array(view: RecordView) -> bool:
    """Whether the database takes any number of keys as one parameter, so that a statement is one
    however many they are, and can be prepared: PostgreSQL, of numbers."""
    key = key_for(view)
    is_number = key.is_single and key.kinds[0].is_number and key.kinds[0].encoded_as_number
    return is_number and view.site.database.dialect == "postgresql"


def among(view: RecordView, keys: Sequence[Any] | str) -> ColumnElement[bool]:
    """The condition that a record's key is one of ``keys``; or of those that the parameter of that
    name will give, as a list."""
    name, values = (keys, None) if isinstance(keys, str) else (None, list(keys))
    key = key_expression(view)
    if goes_as_array(view):
        array = bindparam(name, values, type_=ARRAY(key_for(view).columns[0].type))
        return key == any_(array)  # type: ignore[no-any-return]
    return key.in_(bindparam(name, values, expanding=True))  # type: ignore[no-any-return]


def keys_where(view: RecordView, condition: ColumnElement[bool], context: Context | None) -> Any:
    """A SELECT of the keys of a view's records that meet ``condition``, of those that the person
    may see at all: a column for each of the key's."""
    keys = select(*key_attributes(view)).where(condition)
    visible = view.visible(context) if context is not None else true()
    return keys if visible is true() else keys.where(visible)


# Of records -----------------------------------------------------------------------------


def key_of(view: RecordView, record: Any) -> Any:
    """A record's primary key."""
    return key_in(record)


def key_in(record: Any) -> Any:
    """A record's primary key, whatever its model."""
    model: Any = type(record)
    return _reader(model)(record)


def write_key(view: RecordView, key: Any) -> str:
    """A key as text, for addresses, pages and the history."""
    return key_for(view).encode(key)


def parse_key(view: RecordView, text: str) -> Any | None:
    """The key that ``text`` writes, or None if no record can have it.

    A number beyond the column's range is None too: the database would answer with an error.
    """
    return key_for(view).decode(text)


def key_text(view: RecordView, record: Any) -> str:
    """A record's key as text."""
    return text_of(record)


def text_of(record: Any) -> str:
    """A record's key as text, whatever its model."""
    model: Any = type(record)
    return key_writer(model)(record)


# In addresses ---------------------------------------------------------------------------


def in_address(text: str) -> str:
    """A key's text as a part of a path; or as one of several in a parameter, where commas part
    them: a tick box's value."""
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


def join_keys(texts: Iterable[str]) -> str:
    """Keys' texts as the one value of a parameter."""
    return ",".join(map(in_address, texts))


def split_keys(values: Iterable[str]) -> list[str]:
    """The keys' texts in the values of a parameter, each of which may name several; without blanks
    around them, once each."""
    texts = (unquote(part.strip()) for value in values for part in value.split(","))
    return list(dict.fromkeys(text for text in texts if text))


# What is asked once for each model ------------------------------------------------------


@cache
def _key(mapper: Mapper[Any]) -> Key:
    return Key.of(mapper)


@cache
def _names(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The attributes of the key's columns, in order."""
    return tuple(mapper.get_property_by_column(column).key for column in _key(mapper).columns)


@cache
def _reader(model: type) -> Callable[[Any], Any]:
    """What reads the key of a record of ``model``."""
    names = _names(inspect(model))
    if len(names) == 1:
        (name,) = names
        return lambda record: getattr(record, name)
    return lambda record: tuple(getattr(record, name) for name in names)


@cache
def key_writer(model: type) -> Callable[[Any], str]:
    """``text_of`` for the records of ``model`` alone: for the many rows of a list."""
    key, read, names = _key(inspect(model)), _reader(model), _names(inspect(model))
    if not key.is_single:
        return lambda record: key.encode(read(record))
    (kind,), (name,) = key.kinds, names
    if kind.is_number and kind.encoded_as_number:  # it is kept as it is
        return lambda record: str(getattr(record, name))
    encode = kind.encode
    return lambda record: str(encode(getattr(record, name)))
