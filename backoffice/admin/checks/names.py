"""Names in a view's options: whether its model has them, and which name may have been meant."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from sqlalchemy.orm import Mapper

from backoffice.admin.attributes import attribute_name
from backoffice.admin.view import RecordView


def option(view: RecordView, name: str) -> str:
    """An option as problems name it: "ItemView.column_list"."""
    return f"{type(view).__name__}.{name}"


def qualified(view: RecordView, name: str) -> str:
    """An attribute of the view's model as problems name it: "Item.price"."""
    return f"{view.model.__name__}.{name}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence with the known name that is most like ``name``; "" if none is."""
    found = get_close_matches(name, sorted(known), n=1)
    return f" Write {found[0]!r}." if found else ""


def mapped_names(mapper: Mapper[Any]) -> set[str]:
    """The names of all attributes that statements can read: columns, relations, hybrids."""
    return set(mapper.all_orm_descriptors.keys())


def sets(view: RecordView, name: str) -> bool:
    """Whether the view's class, or one between it and ``RecordView``, sets an option or method."""
    for class_ in type(view).__mro__:
        if class_ is RecordView:
            return False
        if name in vars(class_):
            return True
    return False


def attribute_problems(
    view: RecordView, name: str, attributes: Iterable[Any], more: Collection[str] = ()
) -> Iterator[str]:
    """The problems with the attributes in the option ``name``.

    ``attributes``: names, or attributes of the model. ``more``: names that the option may have
    beside those of the model.
    """
    model, known = view.model, mapped_names(view.mapper) | set(more)
    where, seen = option(view, name), set()
    for attribute in attributes:
        if not isinstance(attribute, str) and not isinstance(getattr(attribute, "key", None), str):
            write = f"write {model.__name__}.… or its name"
            yield f"{where}: {attribute!r} is not an attribute: {write}."
            continue
        key = attribute_name(attribute)
        owner = getattr(attribute, "class_", None)
        if key not in known:
            yield f"{where}: {model.__name__} has no {key!r}.{suggestion(key, known)}"
        elif isinstance(owner, type) and not issubclass(model, owner):
            yield f"{where}: {owner.__name__}.{key} is not an attribute of {model.__name__}."
        elif key in seen:
            yield f"{where} names {key!r} twice: remove one."
        seen.add(key)
