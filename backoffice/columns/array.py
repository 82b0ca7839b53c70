"""PostgreSQL's arrays: lists of values of one kind, which may be NULL."""

import json
from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from backoffice.columns.json import Json
from backoffice.columns.kind import Control, Kind
from backoffice.columns.registry import kind_of_type, register
from backoffice.columns.sql import json_part
from backoffice.columns.text import LONGEST_TEXT
from backoffice.language import N_, _, number

_EMPTY = "[]"
_NULL = "null"


class Array(Kind):
    """Encoded as a list of the encoded items, None for NULL.

    Its text has one item on each line. An item that would be read otherwise (blank, with line
    breaks or a quote in front, the word null) is written as a JSON string, NULL as ``null``, an
    empty array as ``[]``. A type of more than one dimension is a problem; lists of lists in a type
    without dimensions are not supported.
    """

    name = "array"
    control: Control = "code"
    print = "code"
    hint = N_("One value on each line.")
    sortable = False

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        self.item: Kind = kind_of_type(type_.item_type)
        self.editable, self.has_one_encoding = self.item.editable, self.item.has_one_encoding
        if not self.editable:
            self.control = "none"
        self.example = self.item.example

    def problem(self, dialect: str) -> str:
        if dialect != "postgresql":
            return "is an array, which only PostgreSQL supports: write JSON()"
        if (self.type.dimensions or 1) > 1:
            return "is an array of more than one dimension: write JSONB()"
        return self.item.problem(dialect)

    @property
    def longest(self) -> int | None:
        return LONGEST_TEXT

    def too_long_to_edit(self, value: Any) -> bool:
        return len(self.write(value)) > LONGEST_TEXT

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        if not value:
            return _EMPTY
        return "\n".join(
            _NULL if item is None else _line(self.item.write(item, zone)) for item in value
        )

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        if text.strip() == _EMPTY:
            return self._value([])
        items = []
        for place, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
            if not line.strip():
                continue
            try:
                items.append(self._item(line.strip(), zone))
            except ValueError as error:
                raise ValueError(
                    _("Line {number}: {error}", number=number(place), error=error)
                ) from None
        return self._value(items)

    def _item(self, line: str, zone: tzinfo) -> Any:
        if line == _NULL:
            return None
        if line.startswith('"'):
            try:
                line = json.loads(line)
            except ValueError:
                raise ValueError(
                    _(
                        "Put a quote at the end too, and a backslash before each quote within: "
                        '"a\\"b".'
                    )
                ) from None
        return self.item.parse(line, zone)

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        if not value:
            return _EMPTY
        return ", ".join("–" if item is None else self._shown(item, zone) for item in value)

    def _shown(self, item: Any, zone: tzinfo) -> str:
        """An item for people, in quotes if it contains a comma."""
        text = self.item.show(item, zone)
        if "," in text:  # a number with grouped digits
            text = self.item.write(item, zone)
        plain = "," not in text and not text.startswith('"')
        return text if plain else json.dumps(text, ensure_ascii=False)

    def check(self, value: Any, dialect: str) -> None:
        for place, item in enumerate(value, start=1):
            if isinstance(item, list | tuple) and not isinstance(self.item, Json):
                raise ValueError(_("Enter a list of values, not of lists."))
            try:
                if item is not None:
                    self.item.check(item, dialect)
            except ValueError as error:
                raise ValueError(
                    _("Item {number}: {error}", number=number(place), error=error)
                ) from None

    def encode(self, value: Any) -> list[Any]:
        return [None if item is None else self.item.encode(item) for item in value]

    def decode(self, encoded: Any) -> Any:
        if not isinstance(encoded, list):
            raise ValueError(f"{encoded!r} is not a list")
        return self._value([None if item is None else self.item.decode(item) for item in encoded])

    def _value(self, items: list[Any]) -> Any:
        return tuple(items) if getattr(self.type, "as_tuple", False) else items

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        return all(item is None or self.item.stores_exactly(item, dialect) for item in value)

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return len(first) == len(second) and all(map(self.item.same, first, second))

    def same_encoded(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return len(first) == len(second) and all(map(self.item.same_encoded, first, second))

    def sql_encode(self, dialect: str, value: Any) -> Any:
        items = sa.func.unnest(value).table_valued(
            sa.column("item", self.item.type), with_ordinality="place", name="items"
        )
        items = items.render_derived()
        encoded = self.item.sql_encode(dialect, items.c.item)
        listed = sa.func.jsonb_agg(aggregate_order_by(encoded, items.c.place))
        nothing: Any = sa.literal_column("'[]'::jsonb")
        listing = sa.select(sa.func.coalesce(listed, nothing)).scalar_subquery()
        return sa.case((value.is_not(None), listing))

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return self._decoded(dialect, sa.cast(text, JSONB))

    def sql_field(self, dialect: str, values: Any, name: str) -> Any:
        return self._decoded(dialect, json_part(dialect, values, name))

    def _decoded(self, dialect: str, part: Any) -> Any:
        items = sa.func.jsonb_array_elements(part).table_valued(
            sa.column("item", JSONB), with_ordinality="place", name="items"
        )
        items = items.render_derived()
        # An item's kind reads a field of an object.
        wrapped = sa.func.jsonb_build_object(sa.literal_column("'item'"), items.c.item, type_=JSONB)
        item = self.item.sql_field(dialect, wrapped, "item")
        if isinstance(self.item, Json):  # an item that is NULL, not JSON's null
            item = sa.case((sa.func.jsonb_typeof(items.c.item) != "null", item))
        ordered = sa.select(item).order_by(items.c.place).scalar_subquery()
        listing = sa.cast(sa.func.array(ordered), self.type)
        is_list = sa.func.jsonb_typeof(part) == sa.literal_column("'array'")
        return sa.case((is_list, listing))

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        if isinstance(self.item, Json):
            first, second = (sa.cast(value, _JSONBS) for value in (first, second))
        return first.is_not_distinct_from(second)


_JSONBS = sa.ARRAY(JSONB)


def _line(text: str) -> str:
    plain = text and text == text.strip() and len(text.splitlines()) == 1
    if plain and not text.startswith('"') and text not in (_NULL, _EMPTY):
        return text
    return json.dumps(text, ensure_ascii=False)


register(sa.ARRAY, Array)
