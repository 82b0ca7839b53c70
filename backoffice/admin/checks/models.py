"""Problems with a model: keys and columns that the history or an address cannot hold."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import MANYTOMANY, ColumnProperty, Mapper

from backoffice.admin.checks.names import qualified, suggestion
from backoffice.admin.view import RecordView
from backoffice.columns import LONGEST_KEY, Key, kind_of
from backoffice.history.audited import history_name
from backoffice.history.checks import history_problems
from backoffice.history.encoding import is_secret

LONGEST_NAME = 130
"""Characters of a table's name, with its schema, that the history keeps."""


def key_problems(view: RecordView) -> Iterator[str]:
    """The problems with a key that no address, cursor or history could hold."""
    key, model = Key.of(view.mapper), view.model.__name__
    view_name = type(view).__name__
    if not key.columns:
        yield f"{view_name}: {model} has no primary key. Name its columns in primary_key=…"
        return
    unlimited = [
        column
        for column, kind in zip(key.columns, key.kinds, strict=True)
        if kind.key_length("") is None
    ]
    for column in unlimited:
        name = qualified(view, _attribute(view.mapper, column))
        kind = kind_of(column)
        write = "Use another column."
        if kind.facet == "text":
            write = "Give it a length, such as String(100)."
        yield f"{view_name}: {name} ({kind.name}) has no length and cannot be a key. {write}"
    if not unlimited and (key.longest or 0) > LONGEST_KEY:
        yield (
            f"{view_name}: the key of {model} may have {key.longest} characters, but the history "
            f"stores {LONGEST_KEY}. Make its columns shorter."
        )


def model_problems(mapper: Mapper[Any], dialect: str) -> Iterator[str]:
    """The problems with recording an audited model. ``dialect``: SQLAlchemy's name of the
    database."""
    name = mapper.class_.__name__
    if mapper.concrete:
        yield (
            f"{name} is mapped with concrete inheritance, whose records the history cannot tell "
            "apart. Map it on its own, or with joined inheritance, or remove Audited."
        )
        return
    full = history_name(mapper)
    if len(full) > LONGEST_NAME:
        yield (
            f"{name}: its table's name has {len(full)} characters, but the history stores "
            f"{LONGEST_NAME}. Give it a shorter __tablename__."
        )
    yield from _version_problems(mapper)
    yield from _link_problems(mapper)
    yield from history_problems(mapper)
    for key, column in mapper.columns.items():
        if not isinstance(column, Column):
            continue
        if is_secret(column):
            if column.primary_key:
                yield (
                    f"{name}.{key} is a key and a secret, but the history needs the keys. Remove "
                    '"secret" from its info, or use another key.'
                )
            continue
        if problem := kind_of(column).problem(dialect):
            yield f"{name}.{key} {problem}."


def _attribute(mapper: Mapper[Any], column: Any) -> str:
    prop = mapper.get_property_by_column(column)
    return prop.key


def _version_problems(mapper: Mapper[Any]) -> Iterator[str]:
    """A column or counter of the model itself where ``Audited`` has its version counter."""
    name = mapper.class_.__name__
    if not getattr(mapper.class_, "versioned", True):
        return
    version = mapper.attrs.get("version")
    column = version.columns[0] if isinstance(version, ColumnProperty) else None
    if version is not None and not _is_version_counter(column):
        yield (
            f"{name}.version is a column of your own, but Audited adds a counter. "
            f"Write versioned = False in {name}."
        )
        return
    counter = mapper.version_id_col
    if counter is not None and counter is not column:
        where = mapper.get_property_by_column(counter).key
        yield (
            f"{name}.{where} is a version_id_col of your own, but Audited adds a "
            f"counter. Write versioned = False in {name}."
        )


def _is_version_counter(column: Any) -> bool:
    default = getattr(getattr(column, "server_default", None), "arg", None)
    return (
        isinstance(column, Column)
        and kind_of(column).name == "integer"
        and not column.nullable
        and str(default) == "1"
    )


def _link_problems(mapper: Mapper[Any]) -> Iterator[str]:
    name = mapper.class_.__name__
    relations = mapper.relationships
    for link in mapper.class_.links:
        if link not in relations:
            yield (
                f"{name}.links: {name} has no relation {link!r}."
                f"{suggestion(link, relations.keys())}"
            )
            continue
        relation = relations[link]
        if relation.viewonly or not relation.uselist:
            yield (
                f"{name}.links: {name}.{link} is not a to-many relation that can be changed. "
                "Remove it from links."
            )
        elif relation.direction is not MANYTOMANY and not hasattr(
            relation.mapper.class_, "from_token"
        ):
            target = relation.mapper.class_.__name__
            yield (
                f"{name}.links: {target} has no from_token, so its records cannot be "
                f"restored. Write one, or remove {link!r} from links."
            )
