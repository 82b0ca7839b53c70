"""Names in a view's options: whether its model has them, and which one may have been meant."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from sqlalchemy.orm import Mapper

from backoffice.admin.attributes import attribute_name
from backoffice.admin.view import RecordView


def option(view: RecordView, name: str) -> str:
    """How a sentence names an option: "ItemView.column_list"."""
    return f"{type(view).__name__}.{name}"


def described(view: RecordView, name: str) -> str:
    """How a sentence names an attribute: "Item.price"."""
    return f"{view.model.__name__}.{name}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to write instead of a misspelt name, as a sentence; "" if nothing is like it."""
    found = get_close_matches(name, sorted(known), n=1)
    return f" Write {found[0]!r}." if found else ""


def mapped_names(mapper: Mapper[Any]) -> set[str]:
    """All attributes that a model's statements can read: columns, relations, hybrids."""
    return set(mapper.all_orm_descriptors.keys())


def own(view: RecordView, name: str) -> bool:
    """Whether an option or method is the view's own, and not what every view has."""
    for class_ in type(view).__mro__:
        if class_ is RecordView:
            return False
        if name in vars(class_):
            return True
    return False


def names_in(
    view: RecordView, name: str, given: Iterable[Any], more: Collection[str] = ()
) -> Iterator[str]:
    """What is wrong with the attributes that an option names.

    ``given``: names, or attributes of the model. ``more``: further names that it may have.
    """
    model, known = view.model, mapped_names(view.mapper) | set(more)
    where, seen = option(view, name), set()
    for one in given:
        if not isinstance(one, str) and not isinstance(getattr(one, "key", None), str):
            yield f"{where}: {one!r} is no attribute: write {model.__name__}.… or its name."
            continue
        key = attribute_name(one)
        owner = getattr(one, "class_", None)
        if key not in known:
            yield f"{where}: {model.__name__} has no {key!r}.{suggestion(key, known)}"
        elif isinstance(owner, type) and not issubclass(model, owner):
            yield f"{where}: {owner.__name__}.{key} is no attribute of {model.__name__}."
        elif key in seen:
            yield f"{where} names {key!r} twice: take one out."
        seen.add(key)
