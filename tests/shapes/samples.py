"""Values for each shape's columns, chosen to be hard: the longest, the last digit, markup, none.

A record is made by a number. Number 0 has every field, 1 is what it is changed to, 2 leaves out
whatever may be left out, and so on in turn.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import MANYTOONE, ColumnProperty, Mapper, RelationshipProperty

from backoffice.history import RecordSession
from tests.shapes.models.columns import Bookmark, Box, Software
from tests.shapes.models.keys import Country, Reading, Seat, Star
from tests.shapes.models.numbers import Amount, Fortune, Measure, Oven, Ratio, Tally
from tests.shapes.models.texts import Note, Paint, Ware
from tests.shapes.models.times import Appointment, Holiday, Lease, Meeting, Shift, Sighting
from tests.shapes.models.values import Article, Attachment, Host, Page, Profile

LINES = (
    "Zinc & <b>co</b>",
    'Ümlaut "quoted" \\ back',
    "100%_like",
    "a,b;c\td",
    "O'Brien 😀",
    "zinc & <B>CO</B>",
    "trailing dot.",
)
BODIES = (
    "First line\nsecond <i>line</i>\n\nlast",
    "\nbegins with a break",
    "tab\tand 😀 and ' and \" and \\",
    "x" * 3_000,
    "-- not a comment",
)
MOMENTS = tuple(
    map(
        datetime.fromisoformat,
        (
            "2026-03-31T14:30:00",
            "1999-12-31T23:59:59",
            "2026-03-29T02:30:00",
            "2038-01-19T03:14:08",
            "2026-03-31T00:00:00",
        ),
    )
)
DECIMALS = ("1234.50", "-0.01", "0.00", "9999999999.99", "3.10")
FLOATS = (0.1, -2.5e-300, 1e300, 5e-324, 123456789.12345679, 0.0, 2.0)

VALUES: dict[Any, Sequence[Any]] = {
    Note.line: LINES,
    Note.line_or_none: LINES[1:],
    Note.body: BODIES,
    Note.body_or_none: BODIES[2:],
    Ware.sku: ("AB-1234", "CD-99", "EF-0", "AB-1"),
    Paint.colour: ("red", "blue <b>", "green"),
    Tally.small: (32767, -32768, 0, 12),
    Tally.small_or_none: (-1, 5),
    Tally.normal: (2**31 - 1, -(2**31), 0, 1234567),
    Tally.big: (2**63 - 1, -(2**63), 2**31, 10_000_000_001),
    Tally.big_or_none: (2**53 + 1, 0),
    Amount.price: tuple(map(Decimal, DECIMALS)),
    Amount.rate: tuple(map(Decimal, ("0.000001", "9999.999999", "1.100000"))),
    Amount.whole: tuple(map(Decimal, ("12345678", "0", "-1"))),
    Amount.loose: (0.125, 123456.7891, -1.5),
    Amount.money: tuple(map(Decimal, DECIMALS)),
    Fortune.sum: tuple(
        map(Decimal, ("1234567890123456789012345678.0123456789", "-0.0000000001", "0.0000000000"))
    ),
    Ratio.value: tuple(map(Decimal, ("0.1", "123456789012345678901234567890.5", "-1E-30", "7"))),
    Measure.value: FLOATS,
    Measure.plain: FLOATS[2:],
    Oven.heat: tuple(map(Decimal, ("180.25", "-273.15", "0"))),
    Holiday.day: (date(2026, 3, 31), date(2, 1, 1), date(9999, 12, 31), date(2024, 2, 29)),
    Shift.starts: (time(14, 30), time(0, 0), time(23, 59, 59), time(6, 5)),
    Appointment.at: MOMENTS,
    Meeting.at: tuple(moment.replace(tzinfo=UTC) for moment in MOMENTS),
    Sighting.at: tuple(
        moment.replace(tzinfo=UTC, microsecond=place * 120) for place, moment in enumerate(MOMENTS)
    ),
    Lease.lasts: (
        timedelta(days=3, hours=4, minutes=5),
        timedelta(seconds=1),
        timedelta(0),
        timedelta(days=400),
    ),
    Profile.data: (
        {"name": "O'Brien & <co>", "tags": ["ä", 1, 2.5, None, True], "deep": {"": []}},
        ["x", {"y": 10_000_000_001}],
        "text",
        17,
        False,
    ),
    Attachment.content: (b"\x00\xff<b>\r\n", b"", b"plain"),
    Attachment.content_or_none: (bytes(range(256)), b"\x00"),
    Article.words: (["a", "b,c", 'd"e', "ä\\{}"], [], ["<b>"]),
    Article.numbers: ([1, -2, 3], [], [2**31 - 1]),
    Host.address: ("10.0.0.1", "2001:db8::1", "192.168.0.0/24"),
    Page.words: ("'a' 'b'",),
    # No digits of base 16 after the %: the tests' client decodes an address twice.
    Country.code: ("DE", "a/b,c%x", 'q"\\é ?#', "F R", "x;y&z=1", "50%", "GB", "+49"),
    Star.number: tuple(2**62 + 7 * number for number in range(12)),
    Seat.row: ("A", 'B"', "C,1", "D/2", "E%", "F\\"),
    Reading.meter: ("north/1", "north, 2", 'n"3'),
    Box.width: (3, 30_000, 1),
    Bookmark.next: ("/admin/", "2", "last"),
    Bookmark.search: ("zinc", "is:out"),
    Software.version: ("1.0-beta <2>", "2", "10", "3.1"),
}
"""By attribute; the same for the one that may be missing beside it (``line_or_none``)."""


def values_of(mapper: Mapper[Any], name: str) -> Sequence[Any]:
    """Values for an attribute, each another."""
    for wanted in (name, name.removesuffix("_or_none")):
        for attribute, values in VALUES.items():
            if attribute.key == wanted and issubclass(mapper.class_, attribute.class_):
                return values
    column = mapper.columns[name]
    type_ = column.type
    if isinstance(type_, sa.Enum):
        return list(type_.enum_class) if type_.enum_class is not None else type_.enums
    if isinstance(type_, sa.Boolean):
        return (True, False)
    if isinstance(type_, sa.Integer):
        return tuple(range(11, 60, 7))
    if isinstance(type_, sa.Uuid):
        return tuple(uuid.UUID(int=2**127 + number) for number in range(7))
    if isinstance(type_, sa.Date):
        return tuple(date(2026, 3, day) for day in range(1, 12))
    if isinstance(type_, sa.Numeric):
        return tuple(Decimal(f"{number}.50") for number in range(1, 8))
    if isinstance(type_, sa.DateTime):
        return MOMENTS
    assert isinstance(type_, sa.String), f"say in tests/shapes/samples.py what {name} may hold"
    words = (f"{mapper.class_.__name__} {word}" for word in ("one", "two & <b>", "three", "4"))
    return tuple(word[-(type_.length or 80) :].strip() for word in words)


def is_written(mapper: Mapper[Any], name: str) -> bool:
    """Whether somebody gives a column its value; not the database, a default or a relation."""
    attribute = mapper.attrs[name]
    if not isinstance(attribute, ColumnProperty):
        return False
    column = attribute.columns[0]
    if not isinstance(column, sa.Column) or column.computed is not None or column.foreign_keys:
        return False
    if column is mapper.polymorphic_on or column is mapper.version_id_col:
        return False
    if name == "version" and getattr(mapper.class_, "versioned", True):
        return False
    given = column.default is not None or column.identity is not None
    numbered = column is column.table.autoincrement_column
    return not (column.primary_key and (given or numbered))


def plan(session: RecordSession, model: type[Any], number: int) -> dict[str, Any]:
    """Values for a record of ``model``, by attribute. Records that it leads to are made."""
    mapper: Mapper[Any] = sa.inspect(model)
    found: dict[str, Any] = {}
    leave_out = number % 3 == 2
    for name in [attribute.key for attribute in mapper.column_attrs]:
        if not is_written(mapper, name):
            continue
        column = mapper.columns[name]
        if leave_out and column.nullable:
            found[name] = None
            continue
        values = values_of(mapper, name)
        found[name] = values[number % len(values)]
    _make_unique(session, mapper, found, number)
    for relation in mapper.relationships:
        if relation.direction is MANYTOONE:
            found[relation.key] = _target(session, mapper, relation, number, leave_out)
        elif is_field(mapper, relation):
            if relation.mapper is mapper:  # friends among those who are there
                targets = list(session.scalars(sa.select(model).limit(3)))
            else:
                targets = pool(session, relation.mapper.class_)
            found[relation.key] = [] if leave_out else targets[number % 2 : 2 + number % 2]
    return found


def is_field(mapper: Mapper[Any], relation: RelationshipProperty[Any]) -> bool:
    """Whether a relation to many is written by this side: where its table is named first."""
    if relation.secondary is None:
        return False
    first: Any = next(iter(relation.secondary.columns))
    (leads_to,) = first.foreign_keys
    return leads_to.column.table is mapper.local_table and first in _pairs(relation)


def _pairs(relation: RelationshipProperty[Any]) -> list[Any]:
    """The columns of the table between that lead to a relation's own side."""
    return [column for _own, column in relation.synchronize_pairs]


def _make_unique(
    session: RecordSession, mapper: Mapper[Any], found: dict[str, Any], number: int
) -> None:
    """Change the key that somebody types until no record has it."""
    keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    if not all(key in found for key in keys):
        return
    for turn in range(number, number + 100):
        for place, key in enumerate(reversed(keys)):
            found[key] = _another(values_of(mapper, key), turn // (1 + 2 * place))
        if session.get(mapper.class_, tuple(found[key] for key in keys)) is None:
            return
    raise AssertionError(f"no key is left for {mapper.class_.__name__}")


def _another(values: Sequence[Any], turn: int) -> Any:
    """One of ``values`` or, once those are used, one made of them."""
    value, extra = values[turn % len(values)], turn // len(values)
    if not extra or isinstance(value, Enum):
        return value
    if isinstance(value, date):
        return value + timedelta(days=30 * extra)
    return value + 1000 * extra if isinstance(value, int) else f"{value}{extra}"


def _target(
    session: RecordSession,
    mapper: Mapper[Any],
    relation: RelationshipProperty[Any],
    number: int,
    leave_out: bool,
) -> Any:
    columns = relation.local_columns
    if leave_out and all(column.nullable for column in columns):
        return None
    if any(column.primary_key or column.unique for column in columns):
        return add(session, relation.mapper.class_, number)
    if relation.mapper is mapper:  # a tree has a root
        found = list(session.scalars(sa.select(mapper.class_).limit(3)))
        return found[number % len(found)] if found else None
    targets = pool(session, relation.mapper.class_)
    return targets[number % len(targets)]


POOLED = 5
"""The number that records made for others to lead to begin with."""


def pool(session: RecordSession, model: type[Any]) -> list[Any]:
    """Three records to lead to, the oldest there are."""
    mapper: Mapper[Any] = sa.inspect(model)
    found = list(session.scalars(sa.select(model).order_by(*mapper.primary_key).limit(3)))
    while len(found) < 3:
        found.append(add(session, model, POOLED if not found else POOLED + 1 + len(found)))
    return found


def add(session: RecordSession, model: type[Any], number: int, **others: Any) -> Any:
    """A record of that number, in the database; ``others``: values that it is to have instead."""
    record = model(**{**plan(session, model, number), **others})
    session.add(record)
    session.flush()
    return record
