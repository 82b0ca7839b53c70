"""Records as they are stored now, encoded as the history stores them."""

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
"""The value of every field of a row that SQLite cannot convert to JSON."""


class CurrentRecords:
    """Reads records of one model: one statement for their columns, and one for each link field.

    The database encodes the values, so it also reads what plain SQL has put into SQLite's columns,
    which take any type. ``secrets``: whether to include secrets, as ``NOT_KEPT``.
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
        """The values of records that exist, by record id. ``links``: the link fields to read."""
        keys = [key for key in map(self.key.decode, record_ids) if key is not None]
        found = self._rows(keys)
        for values in found.values():
            own = links_of_model(model_of(self.mapper, values))
            values |= {name: [] for name in own if name in links}
        for name in links:
            for record_id, linked in self._linked(name, keys):
                if name in found.get(record_id, ()):
                    found[record_id][name] = linked
        return found

    def read_whole(self, record_ids: Sequence[str]) -> dict[str, Values]:
        """``read`` with all link fields; each record has the fields of its own model only."""
        found = self.read(record_ids, self.links)
        for record_id, values in found.items():
            model = model_of(self.mapper, values)
            own = {*columns_of(model), *links_of_model(model)}
            found[record_id] = {name: value for name, value in values.items() if name in own}
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
        is_link_of_keys = (own[0] if len(own) == 1 else sa.tuple_(*own)).in_(keys)
        found: dict[str, list[Any]] = {}
        if is_owned(relation):
            owned = sa.select(*own, relation.mapper.class_).where(is_link_of_keys)
            for *key, record in self.session.execute(owned):
                found.setdefault(self.key.encode(self.key.value(key)), []).append(record)
            for record_id, records in found.items():
                yield record_id, encode_links(records)
            return
        pairs = sa.select(*own, *other_columns(relation)).where(is_link_of_keys)
        other_key, width = key_of(relation.mapper), len(own)
        for row in self.session.connection().execute(pairs):
            record_id = self.key.encode(self.key.value(row[:width]))
            link = encode_link(relation.mapper, other_key.value(row[width:]))
            found.setdefault(record_id, []).append(link)
        for record_id, links in found.items():
            yield record_id, sorted(links)
