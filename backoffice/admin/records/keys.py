"""Primary keys of records: in statements, as text, and in addresses.

A key is what ``session.get`` takes: the value of its column, or a tuple if it has several columns.
``columns.Key`` reads and writes it as text.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import ARRAY, ColumnElement, and_, any_, bindparam, inspect, select, tuple_
from sqlalchemy.orm import Mapper

from backoffice.admin.view import Context, RecordView
from backoffice.columns import Key, Kind


def key_for(view: RecordView) -> Key:
    """The description of the primary key of a view's records."""
    return mapper_key(view.mapper)


def key_attributes(view: RecordView) -> list[Any]:
    """The attributes of the primary key, one for each of its columns, to select and sort by."""
    return [getattr(view.model, name) for name in key_names(view.mapper)]


def key_expression(view: RecordView) -> Any:
    """The primary key to compare with: its attribute, or a row value of several attributes.

    No database selects a row value: a SELECT names ``key_attributes``.
    """
    attributes = key_attributes(view)
    return attributes[0] if len(attributes) == 1 else tuple_(*attributes)


def key_from_row(view: RecordView, row: Sequence[Any]) -> Any:
    """The key in a row of a statement that selects ``key_attributes`` first."""
    return row[0] if key_for(view).is_single else tuple(row[: len(key_names(view.mapper))])


def has_key(view: RecordView, key: Any) -> ColumnElement[bool]:
    """The SQL condition that a record has that key."""
    return has_key_in(view, [key]) if not key_for(view).is_single else key_expression(view) == key


def binds_as_array(view: RecordView) -> bool:
    """Whether a list of keys is one parameter, an array. Then a statement is the same for any
    number of keys and can be prepared. Only PostgreSQL does this, for keys that are numbers."""
    key = key_for(view)
    is_number = key.is_single and key.kinds[0].is_number and key.kinds[0].encoded_as_number
    return is_number and view.site.database.dialect == "postgresql"


def has_key_in(view: RecordView, keys: Sequence[Any] | str) -> ColumnElement[bool]:
    """The SQL condition that a record's key is one of ``keys``.

    ``keys``: the keys, or the name of a parameter that is bound to a list of them later.
    """
    name, values = (keys, None) if isinstance(keys, str) else (None, list(keys))
    key: ColumnElement[Any] = key_expression(view)
    if binds_as_array(view):
        array = bindparam(name, values, type_=ARRAY(key_for(view).columns[0].type))
        return key == any_(array)
    return key.in_(bindparam(name, values, expanding=True))


def has_bound_key(view: RecordView) -> ColumnElement[bool]:
    """The SQL condition that a record has the key of ``key_parameters``, which are bound later."""
    columns = key_for(view).columns
    return and_(
        *(column == bindparam(f"key_{n}", type_=column.type) for n, column in enumerate(columns))
    )


def key_parameters(view: RecordView, key: Any) -> dict[str, Any]:
    """The parameters of ``has_bound_key``."""
    return {f"key_{n}": part for n, part in enumerate(key_for(view).parts(key))}


def select_keys(view: RecordView, condition: ColumnElement[bool], context: Context | None) -> Any:
    """A SELECT of the keys of a view's records that meet ``condition`` and that the person may see,
    with a column for each column of the key. ``context``: None to select all of them."""
    keys = select(*key_attributes(view)).where(condition)
    if context is None or context.sees_all(view):
        return keys
    return keys.where(context.visible(view))


# Of records -----------------------------------------------------------------------------


def key_of(record: Any) -> Any:
    """A record's primary key."""
    model: Any = type(record)
    return _reader(model)(record)


def write_key(view: RecordView, key: Any) -> str:
    """A key as text, for addresses, pages and the history."""
    return key_for(view).encode(key)


def parse_key(view: RecordView, text: str) -> Any | None:
    """The key that ``text`` means; None if no record can have it.

    A number outside the column's range is None, because the database would raise an error.
    """
    return key_for(view).decode(text)


def key_text(record: Any) -> str:
    """A record's key as text."""
    model: Any = type(record)
    return key_writer(model)(record)


# In addresses ---------------------------------------------------------------------------


def quote_key(text: str) -> str:
    """A key's text, quoted for a path or for a parameter with several keys separated by commas."""
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


def join_keys(texts: Iterable[str]) -> str:
    """The value of a parameter with several keys, from their texts."""
    return ",".join(map(quote_key, texts))


def split_keys(values: Iterable[str]) -> list[str]:
    """The texts of the keys in the values of a parameter, each once and without blanks at the ends.
    Each value may have several keys, separated by commas."""
    texts = (unquote(part.strip()) for value in values for part in value.split(","))
    return list(dict.fromkeys(text for text in texts if text))


# Made once for each model --------------------------------------------------------------


@cache
def mapper_key(mapper: Mapper[Any]) -> Key:
    """The description of the primary key of a mapper's records."""
    return Key.of(mapper)


@cache
def key_names(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The names of the key's attributes, in order."""
    return tuple(mapper.get_property_by_column(column).key for column in mapper_key(mapper).columns)


@cache
def _reader(model: type) -> Callable[[Any], Any]:
    """The function that returns the key of a record of ``model``."""
    names = key_names(inspect(model))
    if len(names) == 1:
        (name,) = names
        return lambda record: getattr(record, name)
    return lambda record: tuple(getattr(record, name) for name in names)


@cache
def key_writer(model: type) -> Callable[[Any], str]:
    """``key_text`` for the records of ``model`` only: faster for the many rows of a list."""
    key, read, names = mapper_key(inspect(model)), _reader(model), key_names(inspect(model))
    if not key.is_single:
        return lambda record: key.encode(read(record))
    (name,), encode = names, key_part_writer(key.kinds[0])
    return lambda record: encode(getattr(record, name))


def key_part_writer(kind: Kind) -> Callable[[Any], str]:
    """The function that writes a key of one column as text."""
    if kind.is_number and kind.encoded_as_number:  # the encoded value is the number
        return str
    return lambda value: str(kind.encode(value))
