"""What people type and read: every kind reads what it writes, and refuses with a sentence."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine

from backoffice.columns import kind_of_type
from tests.columns.samples import SAMPLES, Samples

BERLIN = ZoneInfo("Europe/Berlin")
EDITED = [samples for samples in SAMPLES if samples.kind.editable]


@pytest.mark.parametrize("samples", EDITED, ids=str)
@pytest.mark.parametrize("zone", [UTC, BERLIN], ids=["utc", "berlin"])
def test_what_is_written_is_read(samples: Samples, zone: tzinfo) -> None:
    kind = samples.kind
    for value in samples.values:
        if value == "" and kind.name == "text":
            continue  # a form's empty field is its caller's business
        text = kind.write(value, zone)
        assert kind.same(kind.parse(text, zone), value), text
        assert kind.same(kind.parse(kind.tidy(text), zone), value) or kind.name in (
            "text",
            "decorated",
        )
        assert isinstance(kind.show(value, zone), str)


@pytest.mark.parametrize(
    ("samples", "text"),
    [
        pytest.param(samples, text, id=f"{samples}-{text[:20]}")
        for samples in EDITED
        for text in samples.bad
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(samples: Samples, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is looked at below
        samples.kind.parse(text)
    _is_a_sentence(str(caught.value))


def _is_a_sentence(text: str) -> None:
    assert re.fullmatch(r"[A-Z].*\.", text, re.DOTALL), text
    assert not re.search(r"Error|<class|Decimal|invalid literal|isoformat|None", text), text


REFUSED_ON: list[tuple[TypeEngine[Any], Any, str]] = [
    (sa.String(3), "four", "postgresql"),
    (sa.String(3), "a\x00", "postgresql"),
    (sa.String(3), "\ud800", "sqlite"),
    (sa.Text(), "é" * 40_000, "mariadb"),
    (sa.SmallInteger(), 40_000, "mariadb"),
    (mysql.TINYINT(unsigned=True), 256, "mariadb"),
    (sa.Numeric(4, 2), Decimal("123.00"), "sqlite"),
    (sa.Numeric(4, 2), Decimal("NaN"), "sqlite"),
    (sa.Numeric(4, 2), Decimal("Infinity"), "postgresql"),
    (sa.Double(), float("nan"), "sqlite"),
    (sa.Double(), float("inf"), "mariadb"),
    (sa.REAL(), 1e39, "postgresql"),
    (sa.Interval(), timedelta(days=3_000_000), "sqlite"),
    (sa.Interval(), timedelta(days=-800_000), "mariadb"),
    (sa.Interval(), timedelta(microseconds=1), "mariadb"),
    (sa.Time(), time(1, 2, 3, 4), "mariadb"),
    (mysql.DATETIME(fsp=3), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "mariadb"),
    (postgresql.TIMESTAMP(precision=0), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "postgresql"),
    (sa.Uuid(as_uuid=False), "x", "sqlite"),
    (sa.JSON(), float("nan"), "postgresql"),
    (sa.JSON(), {"a": "\x00"}, "postgresql"),
    (sa.JSON(), {"\ud800": 1}, "sqlite"),
    (sa.JSON(), {1, 2}, "sqlite"),
    (sa.JSON(), 2**64, "sqlite"),
    (sa.JSON(), 0.1 + 0.2, "sqlite"),
    (sa.JSON(), [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]], "mariadb"),
    (sa.ARRAY(sa.SmallInteger()), [1, None, 40_000], "postgresql"),
    (sa.ARRAY(sa.SmallInteger()), [[1], [2]], "postgresql"),
    (sa.LargeBinary(), b"x" * 70_000, "mariadb"),
    (sa.VARBINARY(3), b"four", "mariadb"),
    (postgresql.INET(), "fe80::1%eth0", "postgresql"),
    (sa.Enum("a", "b"), "c", "sqlite"),
]


@pytest.mark.parametrize(("type_", "value", "dialect"), REFUSED_ON)
def test_what_a_database_cannot_hold_is_refused_before_it_is_stored(
    type_: TypeEngine[Any], value: Any, dialect: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is looked at below
        kind_of_type(type_).check(value, dialect)
    _is_a_sentence(str(caught.value))


@pytest.mark.parametrize("samples", EDITED, ids=str)
def test_what_can_be_stored_is_not_refused(samples: Samples) -> None:
    for database in samples.on:
        for value in samples.values_on(database):
            samples.kind.check(value, database)


@pytest.mark.parametrize("samples", [one for one in EDITED if one.kind.example], ids=str)
def test_the_example_is_one(samples: Samples) -> None:
    samples.kind.parse(samples.kind.example)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 day 02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("02:03", timedelta(hours=2, minutes=3)),
        ("26:00:00.5", timedelta(hours=26, microseconds=500_000)),
        ("90 min", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("1.5 hours", timedelta(minutes=90)),
        ("2 DAYS", timedelta(days=2)),
        ("-1 day 02:00", timedelta(hours=-26)),
        ("3 weeks", timedelta(days=21)),
        ("250 ms", timedelta(microseconds=250_000)),
        ("7 µs", timedelta(microseconds=7)),
    ],
)
def test_a_length_of_time_is_read_as_people_write_it(text: str, expected: timedelta) -> None:
    assert kind_of_type(sa.Interval()).parse(text) == expected


@pytest.mark.parametrize(
    ("type_", "value", "shown"),
    [
        (sa.Double(), 1234567.125, "1,234,567.125"),
        (sa.Double(), 12.0, "12"),
        (sa.Double(), 1e300, "1e+300"),
        (sa.Double(), float("-inf"), "-∞"),
        (sa.Double(), float("nan"), "NaN"),
        (sa.Numeric(12, 2), Decimal("1234567.50"), "1,234,567.50"),
        (sa.LargeBinary(), b"\x89PNG" * 300, "1.2 KB: 89504e4789504e4789504e4789504e47…"),
        (sa.LargeBinary(), b"a", "1 byte: 61"),
        (sa.LargeBinary(), b"", "0 bytes"),
        (sa.ARRAY(sa.Integer()), [], "[]"),
        (sa.ARRAY(sa.Integer()), [1, None, 3000], "1, –, 3000"),
        (sa.Interval(), timedelta(hours=-26), "-1 day 02:00:00"),
        (sa.JSON(), {"a": ["Ω"]}, '{"a": ["Ω"]}'),
    ],
)
def test_values_are_shown_for_reading(type_: TypeEngine[Any], value: Any, shown: str) -> None:
    assert kind_of_type(type_).show(value) == shown


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        (sa.Integer(), "1,234", 1234),
        (sa.Numeric(12, 2), "1,234.50", Decimal("1234.50")),
        (sa.Double(), "1,234.5", 1234.5),
        (sa.Double(), "∞", float("inf")),
        (postgresql.INET(), " 192.168.0.1/32 ", "192.168.0.1"),
        (postgresql.INET(), "2001:DB8::0:1", "2001:db8::1"),
        (postgresql.CIDR(), "10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        (postgresql.MACADDR(), "08-00-2B-01-02-03", "08:00:2b:01:02:03"),
        (postgresql.MACADDR8(), "0800.2b01.0203", "08:00:2b:ff:fe:01:02:03"),
        (sa.LargeBinary(), "DE AD\nbe ef", b"\xde\xad\xbe\xef"),
        (sa.Uuid(as_uuid=False), "{F47AC10B58CC4372A5670E02B2C3D479}",
         "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        (sa.Uuid(as_uuid=False), "urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479",
         "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        (sa.ARRAY(sa.Integer()), "1\r\n\r\nnull\r\n3", [1, None, 3]),
        (sa.JSON(), "null", None),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(type_: TypeEngine[Any], text: str, expected: Any) -> None:
    assert kind_of_type(type_).parse(text) == expected


def test_a_mistake_in_json_is_told_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"mistake in line 2, column 8: expecting value\.$"):
        kind_of_type(sa.JSON()).parse('{\n  "a": ,\n}')


def test_a_value_too_long_for_a_form_says_so() -> None:
    binary, text, json = (kind_of_type(type_) for type_ in (sa.LargeBinary(), sa.Text(), sa.JSON()))
    assert not binary.too_long_to_edit(b"x" * 4_096)
    assert binary.too_long_to_edit(b"x" * 4_097)
    assert not text.too_long_to_edit("x" * 200_000)
    assert text.too_long_to_edit("x" * 200_001)
    assert json.too_long_to_edit(["x" * 200_000])
    assert not kind_of_type(sa.Integer()).too_long_to_edit(1)


def test_the_hour_that_comes_twice_keeps_its_moment_when_its_zone_is_written() -> None:
    kind = kind_of_type(sa.DateTime(timezone=True))
    assert kind.parse("2026-10-25T02:30+01:00", BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert kind.parse("2026-10-25 02:30", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert kind.write(second, BERLIN) == "2026-10-25T02:30:00+01:00"
    assert kind.parse(kind.write(second, BERLIN), BERLIN) == second


def test_the_first_and_last_moments_are_written_in_any_zone() -> None:
    kind = kind_of_type(sa.DateTime(timezone=True))
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        for zone in (ZoneInfo("Pacific/Honolulu"), ZoneInfo("Pacific/Kiritimati")):
            assert kind.parse(kind.write(moment, zone), zone) == moment
            assert kind.show(moment, zone)
