"""Relations to many that are fields of their owner: a user's roles, a role's grants, a post's tags.

The history stores them as a list: the keys of the other records, where the relation goes through a
plain table, or tokens of records that the owner owns. Where both sides declare a relation, one of
them owns it.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy.orm import (
    Mapper,
    PassiveFlag,
    RelationshipDirection,
    RelationshipProperty,
    attributes,
    object_mapper,
)

from backoffice.history import audited
from backoffice.history.audited import audited_mappers, key_of, parts_of
from backoffice.models import Audited

WITHOUT_LOADING = PassiveFlag.PASSIVE_NO_INITIALIZE | PassiveFlag.INCLUDE_PENDING_MUTATIONS
"""Load nothing, but include links set from the other side, which are pending until a load."""

# Relations ------------------------------------------------------------------------------


def links_of_model(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The names of the relations that are fields of a model's records.

    These are the relations in its ``links``, and each many-to-many relation through a plain table,
    unless the other side owns it. The other side does if its ``links`` name the relation, or else
    if the first column of the table refers to it.
    """
    return _links_of_model(mapper, audited.BASES)


@cache
def _links_of_model(mapper: Mapper[Any], _bases: Any) -> tuple[str, ...]:
    if not issubclass(mapper.class_, Audited):
        return ()
    audited_mappers()  # configures all mappers
    named = tuple(mapper.class_.links)
    others = (
        relation.key
        for relation in mapper.relationships
        if relation.key not in named and _is_plain(relation) and _is_owner_side(relation)
    )
    return (*named, *others)


def _is_plain(relation: RelationshipProperty[Any]) -> bool:
    """Whether a relation is many to many, through a table without an audited model."""
    if relation.direction is not RelationshipDirection.MANYTOMANY or relation.viewonly:
        return False
    return not is_model_table(relation.secondary) and refers_to_keys(relation)


def is_model_table(table: Any) -> bool:
    """Whether a table belongs to an audited model."""
    return any(
        part.table is table for mapper in audited_mappers().values() for part in parts_of(mapper)
    )


def refers_to_keys(relation: RelationshipProperty[Any]) -> bool:
    """Whether the association table of a relation holds the keys of both sides."""
    try:
        return bool(own_columns(relation) and other_columns(relation))
    except StopIteration:
        return False


def _is_owner_side(relation: RelationshipProperty[Any]) -> bool:
    """Whether this side of a relation owns it."""
    others = [other for other in _relations_through(relation.secondary) if other is not relation]
    if any(other.key in other.parent.class_.links for other in others):
        return False
    return (
        not others
        or _column_position(relation) == 0
        or all(_column_position(other) != 0 for other in others)
    )


def _relations_through(table: Any) -> Iterator[RelationshipProperty[Any]]:
    """The relations of audited models that write an association table."""
    for base in audited_mappers().values():
        for mapper in base.self_and_descendants:
            for relation in mapper.relationships:
                own = relation.parent is mapper and not relation.viewonly
                if own and relation.secondary is table:
                    yield relation


def _column_position(relation: RelationshipProperty[Any]) -> int:
    """The position, in the association table, of the first column that refers to the own side."""
    assert relation.secondary is not None
    names = list(relation.secondary.c.keys())
    return min(names.index(str(column.key)) for _own, column in relation.synchronize_pairs)


def all_links_of(mapper: Mapper[Any]) -> tuple[str, ...]:
    """``links_of_model`` of all models of a hierarchy."""
    models = mapper.base_mapper.self_and_descendants
    return tuple(dict.fromkeys(name for model in models for name in links_of_model(model)))


def relation_of(mapper: Mapper[Any], name: str) -> RelationshipProperty[Any]:
    """The relation of a link field, of the model or another of its hierarchy."""
    models = (mapper, *mapper.base_mapper.self_and_descendants)
    return next(model.relationships[name] for model in models if name in model.relationships)


def is_owned(relation: RelationshipProperty[Any]) -> bool:
    """Whether a link field holds records that its owner owns, stored as tokens instead of keys."""
    return hasattr(relation.mapper.class_, "from_token")


def link_tables() -> set[Any]:
    """The tables that hold links. They are written through the owner's field only."""
    return {table for _mapper, _name, table in link_relations()}


def has_links(mapper: Mapper[Any]) -> bool:
    """Whether a delete of a ``mapper`` record also deletes links, from it or to it."""
    return bool(all_links_of(mapper)) or any(
        relation_of(owner, name).mapper.base_mapper is mapper.base_mapper
        for owner, name, _table in link_relations()
    )


def link_relations() -> Iterator[tuple[Mapper[Any], str, Any]]:
    """All link fields: the model that declares the field, its name, the table that holds it."""
    for base in audited_mappers().values():
        for mapper in base.self_and_descendants:
            for name in links_of_model(mapper):
                relation = relation_of(mapper, name)
                if relation.parent is mapper:
                    table = relation.secondary
                    yield mapper, name, relation.mapper.local_table if table is None else table


def own_columns(relation: RelationshipProperty[Any]) -> list[Any]:
    """The columns that hold the owner's key, in the table of a link field; in the key's order."""
    return _key_columns(relation.parent, relation.synchronize_pairs)


def other_columns(relation: RelationshipProperty[Any]) -> list[Any]:
    """The columns that hold the other record's key, in the association table."""
    return _key_columns(relation.mapper, relation.secondary_synchronize_pairs or [])


def _key_columns(mapper: Mapper[Any], pairs: Any) -> list[Any]:
    referring = dict(pairs)
    keys = zip(*(part.key.columns for part in parts_of(mapper)), strict=True)
    return [next(referring[column] for column in same if column in referring) for same in keys]


# Values ---------------------------------------------------------------------------------


def encode_link(mapper: Mapper[Any], value: Any) -> Any:
    """A key as the history stores it in a link field: one column's encoded value, or a text."""
    key = key_of(mapper)
    return key.kinds[0].encode(value) if key.is_single else key.encode(value)


def decode_link(mapper: Mapper[Any], encoded: Any) -> Any:
    """The key that ``encode_link`` encoded; None if it is not a key of this model."""
    return key_of(mapper).decode(str(encoded))


def key_of_record(record: Any) -> Any:
    """The key of a record of the session."""
    mapper = object_mapper(record)
    return key_of(mapper).value(mapper.primary_key_from_instance(record))


def encode_links(related: Iterable[Any]) -> list[Any]:
    """Related records as the history stores them: keys or tokens, sorted."""
    return sorted(
        str(record)
        if hasattr(record, "from_token")
        else encode_link(object_mapper(record), key_of_record(record))
        for record in related
    )


def link_field(record: Any, name: str) -> list[Any]:
    """A record's link field, encoded."""
    return encode_links(getattr(record, name))


def link_fields(record: Any) -> dict[str, Any]:
    """All link fields of a record by name, encoded."""
    return {name: link_field(record, name) for name in links_of_model(object_mapper(record))}


def links_before_flush(record: Any) -> dict[str, Any]:
    """The link fields that a flush will change, with their stored values, encoded."""
    found = {}
    for name in links_of_model(object_mapper(record)):
        if attributes.get_history(record, name, WITHOUT_LOADING).has_changes():
            history = attributes.get_history(record, name, PassiveFlag.PASSIVE_OFF)
            found[name] = encode_links([*history.unchanged, *history.deleted])
    return found
