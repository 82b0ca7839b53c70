"""What a walk through a shape's screens is made of: its records as stored, and as somebody types
them."""

import html
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from httpx2 import Response
from sqlalchemy.orm import ColumnProperty, Mapper, object_mapper

from backoffice.admin.forms.build import posted_name
from backoffice.admin.view import RecordView
from backoffice.columns import Key, Kind, kind_of
from backoffice.history import RecordSession, unit_of_work
from backoffice.history.comparison.records import Comparison
from backoffice.models import Audited, Changeset
from tests.cast import links_of, text_of
from tests.shapes import samples
from tests.shapes.models.places import HeavyRow, PlainRow
from tests.shapes.place import Place
from tests.shapes.reader import Form

ROWS = 7
"""Records of a list: at three a page, three pages."""

Stored = dict[str, Any]
"""A record's values by attribute; of relations to many the related records' keys, in order."""


@dataclass(frozen=True)
class Walk:
    """One shape's screens, in one place."""

    place: Place
    view: RecordView

    @property
    def model(self) -> type[Any]:
        model: type[Any] = self.view.model
        return model

    @cached_property
    def mapper(self) -> Mapper[Any]:
        mapper: Mapper[Any] = sa.inspect(self.model)
        return mapper

    @cached_property
    def key(self) -> Key:
        return Key.of(self.mapper)

    # Addresses ------------------------------------------------------------------------

    def href(self, screen: str, key: Any = None, **query: str) -> str:
        """The address of one of its screens; ``key``: of the record."""
        parts = (screen,) if key is None else (screen, self.key.encode(key))
        path = self.place.site.href(self.view.identity, *parts)
        return f"{path}?{urlencode(query)}" if query else path

    def shown(self, screen: str, key: Any, status: int = 200) -> str:
        """What a record's page says."""
        return said(self.place.ada.get(self.href(screen, key), status))

    # Records --------------------------------------------------------------------------

    def add(self, number: int) -> Any:
        """A record made by a program; its key."""
        with self.session() as session:
            return key_of(samples.add(session, self.model, number))

    def session(self) -> Any:
        return unit_of_work(self.place.database, writes=True)

    def fill_up(self, rows: int = ROWS) -> None:
        """See that there are so many records at least, also of what cannot be written here."""
        if not issubclass(self.model, Audited):
            self._fill_up_by_sql(rows)
            return
        with self.session() as session:
            there = session.scalar(sa.select(sa.func.count()).select_from(self.model)) or 0
            for number in range(there, rows):
                samples.add(session, self.model, number)

    def _fill_up_by_sql(self, rows: int) -> None:
        table: Any = (PlainRow if self.model is HeavyRow else self.model).__table__
        columns = [column for column in table.columns if not column.primary_key]
        with self.place.database.engine.begin() as connection:
            there = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for number in range(there, rows):
                values = {
                    column: 100 + number
                    if isinstance(column.type, sa.Integer)
                    else f"Row {number // 2}"
                    for column in columns
                    if number % 3 != 2 or not column.nullable
                }
                connection.execute(sa.insert(table).values(values))

    def keys(self) -> list[Any]:
        """The keys of all records, in order."""
        with unit_of_work(self.place.database) as session:
            columns = self.mapper.primary_key
            ordered = sa.select(self.model).order_by(*columns)
            return [key_of(record) for record in session.scalars(ordered)]

    def all_stored(self) -> dict[str, Stored]:
        """Every record by its key's text."""
        with unit_of_work(self.place.database) as session:
            records = session.scalars(sa.select(self.model))
            return {self.key.encode(key_of(record)): stored_in(record) for record in records}

    def stored(self, key: Any) -> Stored | None:
        """A record as the database has it; None if there is none."""
        with unit_of_work(self.place.database) as session:
            record = session.get(self.model, key)
            return None if record is None else stored_in(record)

    def kind(self, name: str) -> Kind:
        return kind_of(self.mapper.columns[name])

    def differences(self, one: Stored, other: Stored) -> list[str]:
        """In which attributes two states of a record differ, with both values."""
        return [
            f"{name}: {short(value)} is not {short(other[name])}"
            for name, value in one.items()
            if name != self.counter and not self.alike(name, value, other[name])
        ]

    @property
    def counter(self) -> str:
        """The attribute that counts a record's changes, "" if it has none."""
        is_ours = getattr(self.model, "versioned", True) and "version" in self.mapper.columns
        return "version" if is_ours else ""

    def alike(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of an attribute are the same, by its kind and by their type."""
        if name not in self.mapper.columns:
            return bool(one == other)
        return type(one) is type(other) and self.kind(name).same(one, other)

    def kept_of(self, name: str, value: Any) -> Any:
        """What is stored of a value that somebody types: no blanks at the ends of a text."""
        return value.strip() if type(value) is str else value

    # Forms ----------------------------------------------------------------------------

    @property
    def fields(self) -> list[str]:
        return list(self.view.get_form_columns())

    def keys_typed(self) -> set[str]:
        """The fields that make up the key."""
        columns = set(self.mapper.primary_key)
        found = set()
        for name in self.fields:
            attribute = self.mapper.attrs[name]
            if isinstance(attribute, ColumnProperty):
                is_key = attribute.columns[0] in columns
            else:
                is_key = bool(columns & self.mapper.relationships[name].local_columns)
            found |= {name} if is_key else set()
        return found

    def plan(self, number: int) -> Stored:
        """Values for the form, those of relations as keys; what they lead to is made."""
        with self.session() as session:
            planned = samples.plan(session, self.model, number)
            return {
                name: kept(planned[name]) if name in self.mapper.relationships else planned[name]
                for name in self.fields
            }

    def fill(self, form: Form, values: Stored) -> None:
        """Type values into a form, as a person would."""
        for name, value in values.items():
            texts = self.typed(form, name, value)
            if texts or posted_name(name) in form.names:  # nothing can be chosen where nothing is
                form.fill(posted_name(name), *texts)

    def typed(self, form: Form, name: str, value: Any) -> Sequence[str]:
        if name in self.mapper.relationships:
            target = Key.of(self.mapper.relationships[name].mapper)
            keys = value if isinstance(value, list) else [] if value is None else [value]
            return [target.encode(key) for key in keys]
        if value is None:
            return []
        (control, *_) = [control for control in form.controls if control.name == posted_name(name)]
        if control.type == "checkbox":
            return [control.value] if value else []
        return [self.kind(name).write(value, self.place.settings.zone)]

    def words(self, name: str, value: Any) -> str:
        """How a page tells a value; "" if it may be told in more than one way."""
        if value is None or name in self.mapper.relationships or name not in self.mapper.columns:
            return ""
        if self.mapper.columns[name].primary_key:
            return ""  # a key is written, not told
        kind = self.kind(name)
        if kind.print in ("moment", "boolean") or kind.name in ("bytes", "duration", "json"):
            return ""
        return " ".join(kind.show(value, self.place.settings.zone).split())[:50]

    # History --------------------------------------------------------------------------

    def latest(self) -> int:
        """The last changeset's number."""
        with unit_of_work(self.place.database) as session:
            return session.scalar(sa.select(sa.func.max(Changeset.id))) or 0

    def undo(self, number: int) -> int:
        """Undo a changeset through its page; the number of the new one."""
        path = f"/admin/changeset/undo/{number}"
        form = self.place.ada.form(path, "/changeset/undo/")
        done = self.place.ada.send(form)
        return int(done.headers["location"].rpartition("/")[2])

    def delete(self, key: Any) -> Response:
        """Delete a record as its form offers it; what the page said before."""
        ada = self.place.ada
        (asking,) = {
            href for href in links_of(ada.get(self.href("edit", key))) if "/delete?" in href
        }
        page = ada.get(asking)
        form = self.place.ada.form(asking, "/delete")
        if "below" in form.names:
            form.fill("below", "delete")
        ada.send(form)
        return page

    def see_that_history_agrees(self, key: Any) -> None:
        """Compare a record with what the history last knew of it."""
        with unit_of_work(self.place.database) as session:
            comparison = OneRecord(session, self.history_name, self.key.encode(key))
            for _change in comparison.steps():
                pass
            assert comparison.differences == 0, comparison.first_difference
            assert comparison.unrecorded == 0, comparison.first_unrecorded
            assert comparison.counts.records

    @cached_property
    def history_name(self) -> str:
        """What the history calls the table."""
        base = self.mapper.base_mapper.local_table
        assert isinstance(base, sa.Table)
        return base.name if base.schema is None else f"{base.schema}.{base.name}"


class OneRecord(Comparison):
    """The comparison of one record, so that no other test's failure is this one's."""

    def __init__(self, session: RecordSession, table: str, record_id: str) -> None:
        super().__init__(session)
        self.table, self.record_id = table, record_id

    def _tables(self) -> list[str]:
        return [self.table]

    def _changes(self, table: str) -> Generator[Any]:
        for change in super()._changes(table):
            if change.record_id == self.record_id:
                yield change


def key_of(record: Any) -> Any:
    """A record's key, as ``session.get`` takes it."""
    parts = object_mapper(record).primary_key_from_instance(record)
    return parts[0] if len(parts) == 1 else tuple(parts)


def kept(related: Any) -> Any:
    """A relation's value as keys: in order, where it leads to many."""
    if related is None:
        return None
    if isinstance(related, list):
        return sorted(key_of(one) for one in related)
    return key_of(related)


def stored_in(record: Any) -> Stored:
    """A record's columns, and the keys of what it leads to."""
    mapper = object_mapper(record)
    found = {column.key: getattr(record, column.key) for column in mapper.column_attrs}
    related = {one.key: kept(getattr(record, one.key)) for one in mapper.relationships}
    return found | related


def short(value: Any) -> str:
    """A value in a sentence."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:60]} … {text[-40:]} ({len(text)})"


def said(response: Response) -> str:
    """What a page says, without the navigation around it."""
    main = re.search(r"(?s)<main.*</main>", response.text)
    assert main, text_of(response)
    without_tags = re.sub(r"<[^>]+>", " ", main[0])
    return plain(html.unescape(without_tags))


def see(words: str, page: str) -> None:
    """See that a page says something."""
    # What marks a difference within a value parts it, here but not for a reader.
    there = "".join(words.split()) in "".join(page.split())
    assert there, f"{words!r} is not in {page[:3000]!r}"


def plain(text: str) -> str:
    """A text with its blanks as a page shows them."""
    return re.sub(r"\s+", " ", text).strip()


def shape_name(view: Any) -> str:
    """What the tests of a shape are called by."""
    return str(view.model.__name__)
