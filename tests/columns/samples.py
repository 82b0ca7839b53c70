"""Every kind of column with values that are hard for it, and the databases that have its type."""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine

from backoffice.columns import Kind, kind_of_type
from backoffice.db.types import Money, UniqueText, UTCDateTime, long_text
from tests import databases
from tests.columns.company_types import (
    Cents,
    GUIDBytes,
    GUIDDashes,
    GUIDDigits,
    Level,
    LevelNumber,
    Loud,
    Reversed,
)

PLUS_2 = timezone(timedelta(hours=2))
ALL = databases.KINDS
POSTGRESQL: tuple[databases.Kind, ...] = ("postgresql",)
MARIADB: tuple[databases.Kind, ...] = ("mariadb",)


class Colour(Enum):
    RED = "Red wine"
    SEA_GREEN = "Sea green"
    BLUE = "it's \\ “blue”, 5 %"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


def _values_of(enumeration: type[Colour]) -> list[str]:
    return [member.value for member in enumeration]


@dataclass(frozen=True)
class Samples:
    """``not_on``: values that some databases lack, by their names. ``bad``: texts that a form
    refuses."""

    name: str
    type: TypeEngine[Any]
    values: list[Any]
    on: tuple[databases.Kind, ...] = ALL
    not_on: dict[str, list[Any]] = field(default_factory=dict)
    bad: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        return kind_of_type(self.type)

    def values_on(self, database: str) -> list[Any]:
        missing = [repr(value) for value in self.not_on.get(database, [])]
        return [value for value in self.values if repr(value) not in missing]

    def __str__(self) -> str:
        return self.name


TEXTS = [
    "", "a", "Ümlaut", "ümlaut", "Ümlaut ", "umlaut", " edge", "it's 5 % of \"that\" \\ %s :x $1",
    "line\nbreak\r\n\ttab", "null", "true", "1", "🦜 Ω", "[]", "{}", "2026-01-01",
    "a/b\x01\b\f<&>",
    "x" * 50,
]  # fmt: skip
WHOLE = [0, 1, -1, 12, 32_767, -32_768]
MOMENTS = [
    datetime(2026, 3, 31, 14, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, 0, 120, tzinfo=UTC),
    datetime(1, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
]
NAIVE = [value.replace(tzinfo=None) for value in MOMENTS]
FLOATS = [
    0.1, -0.1, 1 / 3, 0.0, -0.0, 12.0, 1e15, 1e16, 1e22, 123456789.123456789, 5e-324, 2.5e-310,
    1.7976931348623157e308, -1.7976931348623157e308, 4.35, 0.1 + 0.2, math.inf, -math.inf, math.nan,
]  # fmt: skip
NOT_FINITE = [math.inf, -math.inf, math.nan]
LENGTHS = [
    timedelta(), timedelta(days=1, hours=2, minutes=3, seconds=4), timedelta(microseconds=1),
    timedelta(minutes=-90), timedelta(days=-2), timedelta(days=-1, seconds=-1, microseconds=-7),
    timedelta(days=400, microseconds=999_999), timedelta(days=2_900_000), timedelta(days=-700_000),
]  # fmt: skip
FARTHEST = [timedelta.max, timedelta.min]
WORDS = ["draft", "it's live", "5 %"]
IDS = [
    UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"), UUID(int=0), UUID(int=1), UUID(int=2**128 - 1),
    UUID("12345678901234567890123456789012"), UUID("000000000000000000000000000001e5"),
]  # fmt: skip
DEEP: list[Any] = []
for _level in range(29):
    DEEP = [DEEP]
JSONS = [
    {}, [], "", "text", "it's \"5 %\" \\ \n", "null", "1", 0, 1, True, False, 1.0, 1.5, -7,
    {"b": [1, 2.5, {"c": None}], "a": "Ω 🦜"}, {"a": "Ω 🦜", "b": [1.0, 2.5, {"c": None}]},
    [12345678901234567890123], [12345678901234567890124], [0.1, 1e300, 1e30, 5e-324], [True], [1],
    DEEP, {"": 1}, {"$.a": {"b": [[]]}}, [None], 2**53 + 1, {"x": "y" * 200_000},
]  # fmt: skip
BYTES = [b"", b"\x00", b"\xff\xfe\x00'\"\\%", b"plain", bytes(range(256)) * 800]

SAMPLES = [
    Samples("text", sa.String(50), TEXTS),
    Samples("unique text", UniqueText(50), TEXTS),
    Samples("long text", long_text(), [*TEXTS, "é" * 200_000, "%\\'\"\n" * 9_000]),
    Samples("characters", sa.CHAR(5), ["ab", "abcde", "é"]),
    Samples("citext", postgresql.CITEXT(), ["Ab", "ab", "é"], POSTGRESQL),
    Samples("integer", sa.Integer(), [*WHOLE, 2**31 - 1, -(2**31)], bad=("x", "1.5", "2147483648")),
    Samples("small integer", sa.SmallInteger(), WHOLE, bad=("40000", "-32769", "²")),
    Samples("big integer", sa.BigInteger(), [*WHOLE, 2**63 - 1, -(2**63)], bad=(str(2**63),)),
    Samples("unsigned", mysql.BIGINT(unsigned=True), [0, 1, 2**64 - 1], MARIADB, bad=("-1",)),
    Samples(
        "decimal",
        sa.Numeric(12, 2),
        [Decimal(text) for text in ("0", "-0.00", "12.5", "0.01", "-9999999999.99", "4.35")],
        bad=("x", "1.234", "10000000000", "NaN", "1e3000", "Infinity"),
    ),
    Samples("money", Money(), [Decimal("19.90"), Decimal("0.1"), Decimal("-1234567.89")]),
    Samples("no places", sa.Numeric(9), [Decimal(7), Decimal(-999_999_999)], bad=("1.5",)),
    Samples("decimal as float", sa.Numeric(9, 3, asdecimal=False), [0.0, 12.345, -999999.999]),
    Samples(
        "long decimal",
        sa.Numeric(30, 10),
        [Decimal("12345678901234567890.0123456789"), Decimal("-0.0000000001")],
        ("postgresql", "mariadb"),
    ),
    Samples(
        "any decimal",
        sa.Numeric(),
        [Decimal(text) for text in ("1", "1.50", "1E+40", "1E-40", "NaN", "-0.1")],
        POSTGRESQL,
    ),
    Samples(
        "float",
        sa.Double(),
        FLOATS,
        not_on={"mariadb": NOT_FINITE, "sqlite": [math.nan]},
        bad=("x", "1.5.2", "1_000", "1e999", "0x1p3"),
    ),
    Samples("float 53", sa.Float(53), FLOATS, not_on={"mariadb": NOT_FINITE, "sqlite": [math.nan]}),
    Samples("plain float", sa.Float(), FLOATS, ("postgresql",)),
    Samples(
        "real", sa.REAL(), [0.1, 0.5, 1e30, 0.0, 16777216.0, math.nan, math.inf, 3e-45], POSTGRESQL
    ),
    Samples("boolean", sa.Boolean(), [True, False], bad=("maybe", "2")),
    Samples("enum", sa.Enum(Colour, name="colour"), list(Colour), bad=("GREEN", "")),
    Samples("enum of values", sa.Enum(Colour, name="tint", values_callable=_values_of), [*Colour]),
    Samples("enum as text", sa.Enum(Colour, name="hue", native_enum=False), list(Colour)),
    Samples("enum of numbers", sa.Enum(Size, name="size"), list(Size)),
    Samples("words", sa.Enum(*WORDS, name="word"), WORDS),
    Samples(
        "date",
        sa.Date(),
        [date(2026, 3, 31), date(1, 1, 1), date(9999, 12, 31), date(1969, 7, 20)],
        bad=("2026-02-30", "31.3.2026", "tomorrow"),
    ),
    Samples(
        "time",
        sa.Time().with_variant(mysql.TIME(fsp=6), "mysql", "mariadb"),
        [time(14, 30), time(0), time(23, 59, 59, 999999), time(1, 2, 3, 4)],
        bad=("25:00", "noon", "14:30+02:00"),
    ),
    Samples("plain time", sa.Time(), [time(14, 30), time(23, 59, 59)]),
    Samples("moment", UTCDateTime(), MOMENTS, bad=("tomorrow", "2026-02-30 10:00")),
    Samples("moment elsewhere", sa.DateTime(timezone=True), [
        value.astimezone(PLUS_2) for value in MOMENTS], POSTGRESQL),
    Samples("plain moment", sa.DateTime(timezone=True), [MOMENTS[0]]),
    Samples(
        "naive datetime",
        sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"),
        NAIVE,
        bad=("tomorrow", "2026-03-31 14:30+02:00", "2026-03-31T14:30Z"),
    ),
    Samples("plain datetime", sa.DateTime(), [NAIVE[0], NAIVE[0].replace(year=1)]),
    Samples(
        "duration",
        sa.Interval(),
        LENGTHS,
        not_on={"mariadb": [value for value in LENGTHS if value.microseconds]},
        bad=("90", "1 fortnight", "1:2:3", "1 day, 2:00:00", "1e3 s", "99999999999 days"),
    ),
    Samples("interval", postgresql.INTERVAL(), [*LENGTHS, *FARTHEST], POSTGRESQL),
    Samples("emulated interval", sa.Interval(native=False), LENGTHS, POSTGRESQL),
    Samples("uuid", sa.Uuid(), IDS, bad=("x", "f47ac10b-58cc-4372-a567", "12")),
    Samples("uuid as text", sa.Uuid(as_uuid=False), [str(value) for value in IDS]),
    Samples("uuid as characters", sa.Uuid(native_uuid=False), IDS),
    Samples("guid of digits", GUIDDigits(), IDS, bad=("x",)),
    Samples("guid with dashes", GUIDDashes(), IDS),
    Samples("guid in bytes", GUIDBytes(), IDS),
    Samples("native uuid", sa.UUID(), IDS, ("postgresql", "mariadb")),
    Samples(
        "json",
        sa.JSON(),
        JSONS,
        bad=("{", '{"a": 1,}', "[NaN]", "-Infinity", '"\\u0000"', '["\\ud800"]', '{"a":1,"a":2}',
             "1e999", "x", "[" * 300 + "]" * 300, "[" * 9999, "1" * 5000),
    ),
    Samples("jsonb", postgresql.JSONB(), JSONS, POSTGRESQL),
    Samples("json or null", sa.JSON(none_as_null=True), [{}, [1], "null"]),
    Samples("array of texts", sa.ARRAY(sa.Text()), [
        [], [None], ["null", None, "", " edge ", "a\nb", '"q"', "[]", "it's 5 % \\", "Ω"], ["[]"]],
        POSTGRESQL, bad=('"open', '"a" b')),
    Samples("array of numbers", postgresql.ARRAY(sa.Integer()), [[], [1, None, -2], [2**31 - 1]],
        POSTGRESQL, bad=("x", "1\n2\n1.5", "1, 2")),
    Samples("array of decimals", sa.ARRAY(sa.Numeric(9, 2)), [[Decimal("1.5"), None]], POSTGRESQL),
    Samples("array of floats", sa.ARRAY(sa.Double()), [[0.1, math.nan, -math.inf]], POSTGRESQL),
    Samples("array of ids", sa.ARRAY(sa.Uuid()), [IDS], POSTGRESQL),
    Samples("array of moments", sa.ARRAY(UTCDateTime()), [MOMENTS], POSTGRESQL),
    Samples("array of durations", sa.ARRAY(sa.Interval()), [LENGTHS], POSTGRESQL),
    Samples("array of json", sa.ARRAY(postgresql.JSONB()), [[{"a": [1]}, "x", True]], POSTGRESQL),
    Samples("array of enums", sa.ARRAY(sa.Enum("a", "b c", name="letter")), [["b c", None], []],
        POSTGRESQL, bad=("d",)),
    Samples("tuple of words", sa.ARRAY(sa.String(9), as_tuple=True), [("a", "b"), ()], POSTGRESQL),
    Samples(
        "bytes",
        sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb"),
        BYTES,
        bad=("xyz", "123", "0x12", "²²"),
    ),
    Samples("fixed bytes", sa.BINARY(4), [b"\x00\x01\x02\x03", b"abcd"], ("sqlite", "mariadb")),
    Samples("padded bytes", sa.BINARY(4), [b"a", b"\x00\x01"], ("mariadb",)),
    Samples("short bytes", sa.VARBINARY(16), BYTES[:-1], ("sqlite", "mariadb")),
    Samples("host", postgresql.INET(), [
        "192.168.0.1", "10.0.0.0/8", "10.1.2.3/24", "::1", "2001:db8::1/64", "::ffff:1.2.3.4",
        "::1.2.3.4", "::1:2", "2001:db8:0:1:1:1:1:1", "0.0.0.0/0"], POSTGRESQL,
        bad=("x", "1.2.3", "1.2.3.4/33", "fe80::1%eth0", "")),
    Samples("network", postgresql.CIDR(), ["192.168.0.0/24", "10.0.0.1/32", "2001:db8::/32"],
        POSTGRESQL, bad=("192.168.0.1/24", "x")),
    Samples("network card", postgresql.MACADDR(), ["08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"],
        POSTGRESQL, bad=("08:00:2b:01:02", "zz:00:2b:01:02:03", "x")),
    Samples("long network card", postgresql.MACADDR8(), ["08:00:2b:ff:fe:01:02:03"], POSTGRESQL,
        bad=("x",)),
    Samples("pickled", sa.PickleType(), [{"a": date(2026, 3, 31)}, "text", ip_address("::1")]),
    Samples("level", LevelNumber(), list(Level), bad=("x",)),
    Samples("cents", Cents(), [Decimal("1.50"), Decimal("-0.01"), Decimal(0)]),
    Samples("loud", Loud(20), ["A", "Ü", ""]),
    Samples("reversed", Reversed(), ["abc", "é %", ""]),
    Samples("words to find", postgresql.TSVECTOR(), ["'cat':3 'fat':2", "'it''s':1"], POSTGRESQL),
    Samples("set", mysql.SET("a", "b"), [{"a"}, {"a", "b"}], MARIADB),
    Samples("year", mysql.YEAR(), [2026, 1901], MARIADB),
]  # fmt: skip
