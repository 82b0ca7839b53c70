"""Records as they are now, by key, each field as the history keeps it."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import columns_of, key_column, table_of
from backoffice.history.encoding import is_secret, sql_encode, sql_object
from backoffice.history.links import links_of, relation_of
from backoffice.history.unit import RecordSession
from backoffice.models.changeset import VALUES

Values = dict[str, Any]

FIELDS_AT_ONCE = 40
"""PostgreSQL's functions take a hundred arguments, and a field is two."""

UNREADABLE = "(unreadable)"
"""The value of each field of a row that SQLite cannot turn into JSON."""


class LiveRecords:
    """Reads the records of one model: a statement for their columns and one for each relation.

    Values are encoded by the database, as ``history.setwise`` records them: what plain SQL may
    have put into SQLite's columns, which take anything, is read as well.
    """

    def __init__(self, session: RecordSession, mapper: Mapper[Any]) -> None:
        self.session = session
        self.mapper = mapper
        self.key = key_column(mapper)
        self.columns = {
            name: column for name, column in columns_of(mapper).items() if not is_secret(column)
        }
        self.links: tuple[str, ...] = mapper.class_.links
        table = table_of(mapper)
        names = iter(self.columns)
        objects = []
        while some := list(islice(names, FIELDS_AT_ONCE)):
            encoded = {
                name: sql_encode(
                    session.dialect, self.columns[name], table.c[self.columns[name].name]
                )
                for name in some
            }
            objects.append(sa.type_coerce(sql_object(session.dialect, encoded), VALUES))
        self._statement = sa.select(self.key, *objects)

    def read(self, record_ids: Sequence[str], links: Collection[str]) -> dict[str, Values]:
        """Those of these records that exist, by key; ``links``: the relations that are wanted."""
        keys = [key for key in map(self.parse, record_ids) if key is not None]
        found = self._rows(keys)
        for name in links:
            for values in found.values():
                values[name] = []
            for key, linked in self._linked(name, keys):
                if key in found:
                    found[key][name] = linked
        return found

    def parse(self, record_id: str) -> Any:
        """A key that the history keeps, as its column's type; None if it is none."""
        try:
            return self.key.type.python_type(record_id)
        except ValueError:
            return None

    def _rows(self, keys: Sequence[Any]) -> dict[str, Values]:
        try:
            rows = self.session.connection().execute(self._statement.where(self.key.in_(keys)))
            return {str(key): _joined(objects) for key, *objects in rows}
        except sa.exc.OperationalError:
            if self.session.dialect != "sqlite":
                raise
            if len(keys) == 1:
                return {str(keys[0]): dict.fromkeys(self.columns, UNREADABLE)}
            middle = len(keys) // 2
            return self._rows(keys[:middle]) | self._rows(keys[middle:])

    def _linked(self, name: str, keys: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
        relation = relation_of(self.mapper, name)
        ((_, own),) = relation.synchronize_pairs
        found: dict[str, list[Any]] = {}
        if relation.secondary is not None:
            ((_, other),) = relation.secondary_synchronize_pairs or []
            pairs = sa.select(own, other).where(own.in_(keys))
            for key, linked in self.session.connection().execute(pairs):
                found.setdefault(str(key), []).append(linked)
            for key, all_linked in found.items():
                yield key, sorted(all_linked)
            return
        owned = relation.mapper.class_
        for key, one in self.session.execute(sa.select(own, owned).where(own.in_(keys))):
            found.setdefault(str(key), []).append(one)
        for key, all_owned in found.items():
            yield key, links_of(all_owned)


def _joined(objects: Sequence[Values]) -> Values:
    values: Values = {}
    for one in objects:
        values |= one
    return values
