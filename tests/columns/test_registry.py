"""Which kind a type is, what a kind cannot do, and that it reads what earlier releases kept."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.types import TypeEngine, UserDefinedType

from backoffice.columns import kind_of, kind_of_type, register
from backoffice.columns.float import Float
from backoffice.db.types import Money, UniqueText, UTCDateTime
from tests.columns.company_types import Cents, GUIDBytes, Level, LevelNumber, Loud, Reversed

CLOCK = datetime(2026, 11, 23, 5, 4, 3, 120, tzinfo=UTC).replace(tzinfo=None)
DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb")


class Celsius(UserDefinedType[float]):
    """A company's type that nothing here knows."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "DOUBLE PRECISION"


class Warm(Celsius):
    """A type derived from it."""


def test_a_company_registers_its_type_in_one_line() -> None:
    assert kind_of_type(Warm()).name == "other"
    register(Celsius, Float)
    assert kind_of_type(Celsius()).name == "float"
    assert kind_of_type(Warm()).parse("36.6") == 36.6


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        (sa.Unicode(9), "text"),
        (UniqueText(9), "text"),
        (postgresql.CITEXT(), "text"),
        (sa.Enum("a"), "enum"),
        (postgresql.ENUM("a", name="e"), "enum"),
        (sa.BIGINT(), "integer"),
        (mysql.TINYINT(), "integer"),
        (Money(), "decimal"),
        (sa.Float(), "float"),
        (mysql.DOUBLE(), "float"),
        (sa.TIMESTAMP(timezone=True), "moment"),
        (sa.TIMESTAMP(), "naive datetime"),
        (UTCDateTime(), "moment"),
        (sa.Interval(), "duration"),
        (postgresql.INTERVAL(), "duration"),
        (sa.UUID(), "uuid"),
        (GUIDBytes(), "uuid"),
        (postgresql.JSONB(), "json"),
        (mysql.JSON(), "json"),
        (MutableDict.as_mutable(sa.JSON()), "json"),
        (postgresql.ARRAY(sa.Text()), "array"),
        (mysql.LONGBLOB(), "bytes"),
        (postgresql.BYTEA(), "bytes"),
        (sa.PickleType(), "pickled"),
        (postgresql.CIDR(), "network"),
        (postgresql.DOMAIN("email", sa.Text()), "text"),
        (LevelNumber(), "decorated"),
        (Reversed(), "other"),
        (postgresql.TSVECTOR(), "other"),
        (postgresql.INT4RANGE(), "other"),
        (mysql.SET("a"), "other"),
        (sa.types.NullType(), "other"),
    ],
)
def test_every_type_has_its_kind(type_: TypeEngine[Any], name: str) -> None:
    assert kind_of(sa.Column("x", type_)).name == name


def test_a_decorated_type_is_kept_as_it_is_stored_and_typed_as_what_it_means() -> None:
    level, cents, loud = kind_of_type(LevelNumber()), kind_of_type(Cents()), kind_of_type(Loud(9))
    assert level.encode(Level.HIGH) == 3
    assert level.decode(3) is Level.HIGH
    assert level.parse("3") is Level.HIGH
    with pytest.raises(ValueError, match="this field takes"):
        level.parse("2")
    assert level.encoded_as_number
    assert cents.encode(Decimal("1.50")) == 150
    assert cents.decode(150) == Decimal("1.50")
    assert loud.same("a", "A")
    assert loud.encode("ab") == "AB"
    with pytest.raises(ValueError, match="Shorten this to 9 characters"):
        loud.check("x" * 10, "sqlite")


def test_a_pickled_object_is_kept_as_bytes_and_never_unpickled() -> None:
    kind = kind_of_type(sa.PickleType())
    kept = kind.encode({"a": 1})
    again = kind.decode(kept)
    assert isinstance(again, sa.BindParameter)
    assert again.value == bytes.fromhex(kept)
    assert kind.same(again, {"a": 1})
    assert not kind.editable


@pytest.mark.parametrize(
    ("type_", "dialects", "problem"),
    [
        (sa.Numeric(16, 2), "sqlite", "has 16 digits, but SQLite stores 15"),
        (sa.Numeric(), "sqlite mysql mariadb", "has no scale"),
        (sa.Float(), "mysql mariadb", "write Double()"),
        (sa.Float(24), "mysql mariadb", "write Double()"),
        (sa.Float(53), "", ""),
        (sa.Double(), "", ""),
        (sa.Float(asdecimal=True), "sqlite postgresql mysql mariadb", "write Numeric("),
        (sa.Time(timezone=True), "sqlite postgresql mysql mariadb", "write Time()"),
        (sa.Uuid(), "", ""),
        (sa.UUID(), "sqlite mysql", "write Uuid()"),
        (sa.ARRAY(sa.Text()), "sqlite mysql mariadb", "write JSON()"),
        (sa.ARRAY(sa.Text(), dimensions=2), "postgresql sqlite mysql mariadb", "write JSON"),
        (sa.ARRAY(sa.Time(timezone=True)), "postgresql sqlite mysql mariadb", "write "),
        (postgresql.INET(), "sqlite mysql mariadb", "write String(49)"),
        (postgresql.MACADDR(), "sqlite mysql mariadb", "write String(17)"),
        (sa.BINARY(16), "postgresql", "write LargeBinary()"),
        (sa.JSON(), "", ""),
        (sa.Interval(), "", ""),
    ],
)
def test_what_a_database_cannot_hold_is_said_with_what_to_write(
    type_: TypeEngine[Any], dialects: str, problem: str
) -> None:
    kind = kind_of_type(type_)
    for dialect in DIALECTS:
        found = kind.problem(dialect)
        assert bool(found) == (dialect in dialects.split())
        if found:
            assert problem in found
            assert found.startswith(("is ", "has "))
            assert not found.endswith(".")


@pytest.mark.parametrize(
    ("type_", "kept", "value"),
    [
        (sa.DateTime(), "2026-11-23T05:04:03.000120Z", CLOCK),
        (sa.DateTime(), "2026-11-23T05:04:03.000120", CLOCK),
        (UTCDateTime(), "2026-11-23T05:04:03Z", datetime(2026, 11, 23, 5, 4, 3, tzinfo=UTC)),
        (sa.Numeric(12, 2), "19.9", Decimal("19.90")),
        (sa.Numeric(12, 2), 19.9, Decimal("19.90")),
        (sa.Integer(), "12", 12),
        (sa.Boolean(), 1, True),
        (sa.Double(), "1e+300", 1e300),
        (sa.Double(), "-Infinity", float("-inf")),
        (sa.Double(), 2, 2.0),
        (sa.Interval(), "1500000", None),
        (
            sa.Uuid(),
            "f47ac10b58cc4372a5670e02b2c3d479",
            UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        ),
    ],
)
def test_every_form_that_was_ever_kept_is_read(
    type_: TypeEngine[Any], kept: Any, value: Any
) -> None:
    kind = kind_of_type(type_)
    assert kind.same(kind.decode(kept), value or kind.decode(1_500_000))
    assert kind.same_encoded(kept, kind.encode(kind.decode(kept)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        (True, 1, False),
        ([1], [True], False),
        ({"a": 1}, {"a": True}, False),
        (10**30, 1e30, True),
        (2**53, 2**53 + 1, False),
        (None, None, True),
        (None, 0, False),
        ([], {}, False),
        ("1", 1, False),
        (0.0, -0.0, True),
    ],
)
def test_json_is_the_same_by_its_value(one: Any, other: Any, same: bool) -> None:
    kind = kind_of_type(sa.JSON())
    assert kind.same(one, other) is same
    assert kind.same_encoded(one, other) is same


def test_kept_json_stays_what_it_is_when_the_value_changes() -> None:
    value = {"a": [1]}
    kept = kind_of_type(sa.JSON()).encode(value)
    value["a"].append(2)
    assert kept == {"a": [1]}


def test_numbers_of_four_bytes_are_compared_as_such() -> None:
    kind = kind_of_type(sa.REAL())
    assert kind.same(0.1, 0.10000000149011612)
    assert not kind.same(0.1, 0.2)
    assert not kind.stores_exactly(0.1, "postgresql")
    assert kind.stores_exactly(0.5, "postgresql")


def test_decimals_keep_more_digits_than_python_computes_with() -> None:
    digits = "1234567890" * 5
    assert kind_of_type(sa.Numeric()).encode(Decimal(f"{digits}.50")) == f"{digits}.5"
    assert kind_of_type(sa.Numeric(60, 5)).encode(Decimal(digits)) == f"{digits}.00000"
