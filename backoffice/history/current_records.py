"""Records as they are now, by key, each field as the history keeps it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, Session

from backoffice.history.audited import all_columns_of, columns_of, key_of, model_of, records_from
from backoffice.history.encoding import Values, encoded_object, is_secret
from backoffice.history.links import (
    all_links_of,
    encode_link,
    encode_links,
    is_owned,
    links_of_model,
    other_columns,
    own_columns,
    relation_of,
)

UNREADABLE = "(unreadable)"
"""The value of each field of a row that SQLite cannot turn into JSON."""


class CurrentRecords:
    """Reads the records of one model: a statement for their columns and one for each relation.

    Values are encoded by the database, as ``history.setwise`` records them: what plain SQL may
    have put into SQLite's columns, which take anything, is read as well. ``secrets``: whether to
    tell of those that they are set.
    """

    def __init__(self, session: Session, mapper: Mapper[Any], *, secrets: bool = False) -> None:
        self.session = session
        self.mapper = mapper
        self.key = key_of(mapper)
        self.columns = {
            name: column
            for name, column in all_columns_of(mapper).items()
            if secrets or not is_secret(column)
        }
        self.links = all_links_of(mapper)
        dialect = session.get_bind().dialect.name
        self._statement = sa.select(
            *self.key.columns, encoded_object(dialect, self.columns)
        ).select_from(records_from(mapper))

    def read(self, record_ids: Sequence[str], links: Collection[str]) -> dict[str, Values]:
        """Those of these records that exist, by key; ``links``: the relations that are wanted."""
        keys = [key for key in map(self.key.decode, record_ids) if key is not None]
        found = self._rows(keys)
        for values in found.values():
            own = links_of_model(model_of(self.mapper, values))
            values |= {name: [] for name in own if name in links}
        for name in links:
            for key, linked in self._linked(name, keys):
                if name in found.get(key, ()):
                    found[key][name] = linked
        return found

    def whole(self, record_ids: Sequence[str]) -> dict[str, Values]:
        """``read`` with all links, each record with the fields of its own model alone."""
        found = self.read(record_ids, self.links)
        for text, values in found.items():
            model = model_of(self.mapper, values)
            own = {*columns_of(model), *links_of_model(model)}
            found[text] = {name: value for name, value in values.items() if name in own}
        return found

    def _rows(self, keys: Sequence[Any]) -> dict[str, Values]:
        if not keys:
            return {}
        try:
            rows = self.session.connection().execute(self._statement.where(self.key.among(keys)))
            return {self.key.encode(self.key.value(key)): values for *key, values in rows}
        except sa.exc.OperationalError:
            if self.session.get_bind().dialect.name != "sqlite":
                raise
            if len(keys) == 1:
                return {self.key.encode(keys[0]): dict.fromkeys(self.columns, UNREADABLE)}
            middle = len(keys) // 2
            return self._rows(keys[:middle]) | self._rows(keys[middle:])

    def _linked(self, name: str, keys: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
        relation = relation_of(self.mapper, name)
        own = own_columns(relation)
        mine = (own[0] if len(own) == 1 else sa.tuple_(*own)).in_(keys)
        number, found = len(own), dict[str, list[Any]]()
        if is_owned(relation):
            owned = sa.select(*own, relation.mapper.class_).where(mine)
            for *key, record in self.session.execute(owned):
                found.setdefault(self.key.encode(self.key.value(key)), []).append(record)
            for text, records in found.items():
                yield text, encode_links(records)
            return
        pairs = sa.select(*own, *other_columns(relation)).where(mine)
        others = key_of(relation.mapper)
        for row in self.session.connection().execute(pairs):
            text = self.key.encode(self.key.value(row[:number]))
            linked = encode_link(relation.mapper, others.value(row[number:]))
            found.setdefault(text, []).append(linked)
        for text, all_linked in found.items():
            yield text, sorted(all_linked)
