"""Relations to many that are fields of their owner: a user's roles, a role's grants, a post's tags.

A relation through a plain table is one: it is kept as the keys of the other records. Where both
sides declare it, one of them keeps it.
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

# Which relations ------------------------------------------------------------------------


def links_of_model(mapper: Mapper[Any]) -> tuple[str, ...]:
    """The relations that are fields of a model's records: those in its ``links``, and each many to
    many through a plain table, unless the other side keeps it.

    The other side does if it names the relation in its ``links``, or else if the table's first
    column leads to it.
    """
    return _links_of_model(mapper, audited.BASES)


@cache
def _links_of_model(mapper: Mapper[Any], _bases: Any) -> tuple[str, ...]:
    if not issubclass(mapper.class_, Audited):
        return ()
    audited_mappers()  # all are configured
    named = tuple(mapper.class_.links)
    others = (
        relation.key
        for relation in mapper.relationships
        if relation.key not in named and _is_plain(relation) and _is_owner_side(relation)
    )
    return (*named, *others)


def _is_plain(relation: RelationshipProperty[Any]) -> bool:
    """Whether a relation is written through a table that no audited model has for its own."""
    if relation.direction is not RelationshipDirection.MANYTOMANY or relation.viewonly:
        return False
    return not is_model_table(relation.secondary) and refers_to_keys(relation)


def is_model_table(table: Any) -> bool:
    """Whether a table is that of an audited model."""
    return any(
        part.table is table for mapper in audited_mappers().values() for part in parts_of(mapper)
    )


def refers_to_keys(relation: RelationshipProperty[Any]) -> bool:
    """Whether the table of a relation many to many holds the keys of both its sides."""
    try:
        return bool(own_columns(relation) and other_columns(relation))
    except StopIteration:
        return False


def _is_owner_side(relation: RelationshipProperty[Any]) -> bool:
    """Whether this side of a relation keeps it."""
    others = [one for one in _relations_through(relation.secondary) if one is not relation]
    if any(one.key in one.parent.class_.links for one in others):
        return False
    return (
        not others
        or _column_position(relation) == 0
        or all(_column_position(one) != 0 for one in others)
    )


def _relations_through(table: Any) -> Iterator[RelationshipProperty[Any]]:
    """The relations of audited models that are written through a table."""
    for base in audited_mappers().values():
        for mapper in base.self_and_descendants:
            for relation in mapper.relationships:
                own = relation.parent is mapper and not relation.viewonly
                if own and relation.secondary is table:
                    yield relation


def _column_position(relation: RelationshipProperty[Any]) -> int:
    """The place, in the table between, of the first column that leads to a relation's own side."""
    names = list(relation.secondary.c.keys())  # type: ignore[union-attr]
    return min(names.index(column.key) for _own, column in relation.synchronize_pairs)


def all_links_of(mapper: Mapper[Any]) -> tuple[str, ...]:
    """``links_of_model`` of all models of a history."""
    models = mapper.base_mapper.self_and_descendants
    return tuple(dict.fromkeys(name for one in models for name in links_of_model(one)))


def relation_of(mapper: Mapper[Any], name: str) -> RelationshipProperty[Any]:
    """The relation behind a link field of a model, or of one that inherits from it."""
    models = (mapper, *mapper.base_mapper.self_and_descendants)
    return next(one.relationships[name] for one in models if name in one.relationships)


def is_owned(relation: RelationshipProperty[Any]) -> bool:
    """Whether a link field holds records of its own, kept as tokens, not other records' keys."""
    return hasattr(relation.mapper.class_, "from_token")


def link_tables() -> set[Any]:
    """The tables that hold links, which are written through their owners alone."""
    return {table for _mapper, _name, table in link_relations()}


def has_links(mapper: Mapper[Any]) -> bool:
    """Whether deleting a record of ``mapper`` writes links, its own or others' to it."""
    return bool(all_links_of(mapper)) or any(
        relation_of(owner, name).mapper.base_mapper is mapper.base_mapper
        for owner, name, _table in link_relations()
    )


def link_relations() -> Iterator[tuple[Mapper[Any], str, Any]]:
    """Each link field there is: the model that declares it, its name, the table that holds it."""
    for base in audited_mappers().values():
        for mapper in base.self_and_descendants:
            for name in links_of_model(mapper):
                relation = relation_of(mapper, name)
                if relation.parent is mapper:
                    table = relation.secondary
                    yield mapper, name, relation.mapper.local_table if table is None else table


def own_columns(relation: RelationshipProperty[Any]) -> list[Any]:
    """The columns, of the table that holds a link field, that are its owner's key, in order."""
    return _key_columns(relation.parent, relation.synchronize_pairs)


def other_columns(relation: RelationshipProperty[Any]) -> list[Any]:
    """The columns, of the table between, that are the other record's key, in order."""
    return _key_columns(relation.mapper, relation.secondary_synchronize_pairs or [])


def _key_columns(mapper: Mapper[Any], pairs: Any) -> list[Any]:
    leads = dict(pairs)
    keys = zip(*(part.key.columns for part in parts_of(mapper)), strict=True)
    return [next(leads[column] for column in same if column in leads) for same in keys]


# What they hold -------------------------------------------------------------------------


def encode_link(mapper: Mapper[Any], value: Any) -> Any:
    """A record's key as a link field keeps it: of one column its kept value, else a text."""
    key = key_of(mapper)
    return key.kinds[0].encode(value) if key.is_single else key.encode(value)


def decode_link(mapper: Mapper[Any], kept: Any) -> Any:
    """The key that ``encode_link`` wrote; None if there is no such key."""
    return key_of(mapper).decode(str(kept))


def key_of_record(record: Any) -> Any:
    """The key of a record of the session."""
    mapper = object_mapper(record)
    return key_of(mapper).value(mapper.primary_key_from_instance(record))


def encode_links(related: Iterable[Any]) -> list[Any]:
    """A relation to many as the history keeps it: keys, or owned records' tokens, in order."""
    return sorted(
        str(record)
        if hasattr(record, "from_token")
        else encode_link(object_mapper(record), key_of_record(record))
        for record in related
    )


def link_field(record: Any, name: str) -> list[Any]:
    """A link field as the history keeps it."""
    return encode_links(getattr(record, name))


def link_fields(record: Any) -> dict[str, Any]:
    """All link fields of a record by name."""
    return {name: link_field(record, name) for name in links_of_model(object_mapper(record))}


def links_before_flush(record: Any) -> dict[str, Any]:
    """The link fields that a flush will change, as they are stored now."""
    found = {}
    for name in links_of_model(object_mapper(record)):
        if attributes.get_history(record, name, _WITHOUT_LOADING).has_changes():
            history = attributes.get_history(record, name, PassiveFlag.PASSIVE_OFF)
            found[name] = encode_links([*history.unchanged, *history.deleted])
    return found


_WITHOUT_LOADING = PassiveFlag.PASSIVE_NO_INITIALIZE | PassiveFlag.INCLUDE_PENDING_MUTATIONS
"""Without loading, but with links made from the other side, which wait for the list to load."""
