"""Records that others lead to, by names and keys that nothing else has, and what tells of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from httpx2 import Response
from sqlalchemy.orm import MANYTOONE

from backoffice.admin.records.keys import key_for
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset
from backoffice.views import VIEWS
from tests.views.samples import Sample

PLANTED = {7654321: "Quixotry", 8765432: "Zephyrine"}
"""Keys and names of the records that the others lead to."""


def relations_of(view: type[RecordView]) -> list[str]:
    """The names of a view's relations to one record."""
    mapper: Any = sa.inspect(view.model)
    return [one.key for one in mapper.relationships if one.direction is MANYTOONE]


RELATIONS = [
    (view.identity, name) for view in VIEWS if view.can_edit for name in relations_of(view)
]


@dataclass(frozen=True)
class Shelf:
    """Records of ``view`` that lead by ``relation`` to the planted ones in turn. ``keys``: theirs;
    the first one was led to the other and back."""

    view: RecordView
    relation: str
    keys: Sequence[int]
    made: Sample

    @property
    def typed(self) -> dict[str, str]:
        return self.made.typed

    @property
    def list(self) -> str:
        return f"/admin/{self.view.identity}/list"

    def at(self, screen: str) -> str:
        return f"/admin/{self.view.identity}/{screen}/{self.keys[0]}"

    @property
    def unseen(self) -> dict[str, str]:
        """What somebody types who does not see the relation."""
        return {name: value for name, value in self.typed.items() if name != self.relation}


def plant(database: Database, target: RecordView, old: int, key: int, name: str) -> None:
    """Give a record that key and that name, which nothing else has."""
    column, label = key_for(target).columns[0], target.label_attribute.key
    with database.writer.begin() as connection:
        table = target.mapper.local_table
        assert isinstance(table, sa.Table)
        connection.execute(
            sa.update(table).where(column == old).values({column.name: key, label: name})
        )


def tells(response: Response) -> list[str]:
    """What a page tells of the planted records."""
    told = [*map(str, PLANTED), *PLANTED.values()]
    return [one for one in told if one.lower() in response.text.lower()]


def related(shelf: Shelf, database: Database) -> Any:
    """The key that the first record leads to now."""
    (column,) = shelf.view.mapper.relationships[shelf.relation].local_columns
    with unit_of_work(database) as session:
        statement = sa.select(column).where(key_for(shelf.view).columns[0] == shelf.keys[0])
        return session.scalar(statement)


def rows_of(page: Response) -> list[str]:
    return re.findall(r'name="pks" value="([^"]+)"', page.text)


def count_of(page: Response) -> str:
    counted = re.search(r'<p class="count">([^<]*)', page.text)
    assert counted
    return counted[1].strip()


def last(database: Database) -> int:
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.max(Changeset.id))) or 0
