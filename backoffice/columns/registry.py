"""The kind of each column type, also under SQLAlchemy's decorated types."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.types import TypeDecorator, TypeEngine

from backoffice.columns.decorated import Decorated, decorates, is_beyond_python
from backoffice.columns.kind import Kind

MakeKind = Callable[[Any], Kind]

_KINDS: dict[type[Any], MakeKind] = {}
_DECORATED: list[tuple[Callable[[TypeDecorator[Any]], bool], MakeKind]] = []
_made: WeakKeyDictionary[TypeEngine[Any], Kind] = WeakKeyDictionary()


def register(type_: type[TypeEngine[Any]], make: MakeKind) -> None:
    """Register the kind of a type and of types derived from it.

    ``make``: returns the kind for one such type; a class derived from ``Kind`` does.

        register(Celsius, Float)
    """
    _KINDS[type_] = make
    _made.clear()


def register_decorated(matches: Callable[[TypeDecorator[Any]], bool], make: MakeKind) -> None:
    """Register the kind of decorated types for which ``matches`` is true, whatever their class."""
    _DECORATED.append((matches, make))
    _made.clear()


def kind_of(column: Any) -> Kind:
    """The kind of a column, an attribute or an expression, by its ``type``."""
    # An attribute searches for its type each time; its expression has it.
    return kind_of_type(getattr(column, "expression", column).type)


def kind_of_type(type_: TypeEngine[Any]) -> Kind:
    """The kind of a type; ``Other`` if none is registered."""
    kind = _made.get(type_)
    if kind is None:
        kind = _made[type_] = _make(type_)
    return kind


def _make(type_: TypeEngine[Any]) -> Kind:
    for known in type(type_).__mro__:
        if known is TypeDecorator:
            break
        if known in _KINDS:
            return _KINDS[known](type_)
    if isinstance(type_, TypeDecorator):
        if is_beyond_python(type_):
            return _KINDS[TypeEngine](type_)
        for matches, make in _DECORATED:
            if matches(type_):
                return make(type_)
        inner = kind_of_type(type_.impl_instance)
        return Decorated(type_, inner) if decorates(type_) else inner
    return _KINDS[TypeEngine](type_)
