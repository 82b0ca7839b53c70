"""What the column types store is what they give back, on every database."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, SignInThrottle, User

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    moment = datetime(2026, 11, 23, 17, 59, 59, 123457, tzinfo=KATHMANDU)
    with unit_of_work(database, writes=True) as session:
        session.add(SignInThrottle(key="k", failures=1, last_failure_at=moment))
    with unit_of_work(database) as session:
        kept = session.get_one(SignInThrottle, "k")
        assert kept.last_failure_at == moment
        assert kept.last_failure_at.tzinfo is UTC
        assert kept.last_failure_at.isoformat() == "2026-11-23T12:14:59.123457+00:00"
        assert kept.blocked_until is None


def test_moments_are_compared_as_moments(database: Database) -> None:
    moment = datetime(2026, 11, 23, 12, 0, 0, 500, tzinfo=UTC)
    with unit_of_work(database, writes=True) as session:
        session.add(SignInThrottle(key="k", failures=1, last_failure_at=moment))
    later = (moment + timedelta(microseconds=1)).astimezone(KATHMANDU)
    with unit_of_work(database) as session:
        before = sa.select(SignInThrottle.key).where(SignInThrottle.last_failure_at < later)
        assert session.scalars(before).all() == ["k"]
        same = sa.select(SignInThrottle.key).where(
            SignInThrottle.last_failure_at == moment.astimezone(KATHMANDU)
        )
        assert session.scalars(same).all() == ["k"]


@pytest.mark.databases("sqlite")
def test_a_moment_without_its_time_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001 - what is to be refused
    with unit_of_work(database) as session:
        query = sa.select(SignInThrottle).where(SignInThrottle.last_failure_at < naive)
        with pytest.raises(sa.exc.StatementError, match="time zone"):
            session.execute(query)


INSERT_USER = "INSERT INTO users (first_name, last_name, email) VALUES ('Ada', 'L', 'ada@x.org')"
ELSEWHERE = {
    "postgresql": "SET TIME ZONE 'Asia/Kathmandu'",
    "sqlite": "SELECT 1",  # it knows no zones
}


def test_the_server_fills_in_the_time_in_utc_whatever_the_inserters_zone(
    database: Database,
) -> None:
    started = datetime.now(UTC)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(ELSEWHERE.get(database.dialect, "SET time_zone = '+05:45'"))
        connection.exec_driver_sql(INSERT_USER)
    ended = datetime.now(UTC)
    database.dispose()  # the next connection is in UTC again, as every one of ours
    with unit_of_work(database) as session:
        created = session.scalars(sa.select(User.created_at)).one()
    tolerance = timedelta(seconds=1)  # SQLite counts milliseconds, and servers have own clocks
    assert started - tolerance <= created <= ended + tolerance
    assert created.tzinfo is UTC


@pytest.mark.databases("sqlite")
def test_sqlites_server_default_is_spelt_as_python_spells_it(database: Database) -> None:
    """Keyset pages compare the text byte by byte."""
    with database.writer.begin() as connection:
        connection.exec_driver_sql(INSERT_USER)
        text = connection.exec_driver_sql("SELECT created_at FROM users").scalar_one()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", text)


@pytest.mark.parametrize("price", ["0.00", "0.01", "0.12", "19.99", "1234567.89", "9999999999.99"])
def test_a_price_comes_back_as_the_same_decimal(database: Database, price: str) -> None:
    with unit_of_work(database, writes=True) as session:
        bolts = Category(name="Bolts")
        session.add(
            Item(name="M4", description="Hex", price=Decimal(price), quantity=1, category=bolts)
        )
    with unit_of_work(database) as session:
        kept = session.scalars(sa.select(Item.price)).one()
        found = session.scalars(sa.select(Item.name).where(Item.price == Decimal(price))).all()
    assert isinstance(kept, Decimal)
    assert str(kept) == price
    assert found == ["M4"]


def test_a_description_may_be_longer_than_mariadbs_plain_text(database: Database) -> None:
    text = "Ω – " * 30_000
    with unit_of_work(database, writes=True) as session:
        bolts = Category(name="Bolts")
        session.add(Item(name="M4", description=text, price=1, quantity=1, category=bolts))
    with unit_of_work(database) as session:
        assert session.scalars(sa.select(Item.description)).one() == text.strip()
