"""Which kind a column's type is, seen through SQLAlchemy's decorated types."""

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
    """Say which kind the columns of a type, and of types derived from it, are.

    ``make``: gives the kind for one such type; a class derived from ``Kind`` does.

        register(Celsius, Float)
    """
    _KINDS[type_] = make
    _made.clear()


def register_decorated(is_it: Callable[[TypeDecorator[Any]], bool], make: MakeKind) -> None:
    """Say which kind decorated types are that ``is_it`` knows by what they do, whatever their
    class is called."""
    _DECORATED.append((is_it, make))
    _made.clear()


def kind_of(column: Any) -> Kind:
    """The kind of a column, an attribute or an expression, by its ``type``."""
    # An attribute looks for its own type at length, each time; its expression has it at hand.
    return kind_of_type(getattr(column, "expression", column).type)


def kind_of_type(type_: TypeEngine[Any]) -> Kind:
    """The kind of a type; one that nothing here knows is ``Other``."""
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
        for is_it, make in _DECORATED:
            if is_it(type_):
                return make(type_)
        inner = kind_of_type(type_.impl_instance)
        return Decorated(type_, inner) if decorates(type_) else inner
    return _KINDS[TypeEngine](type_)
