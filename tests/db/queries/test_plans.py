"""Plans read as the databases tell them."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backoffice.db import Database
from backoffice.db.queries.indexes import HeldIndex, held_indexes, trigrams
from backoffice.db.queries.plans import FILTERED, ORDERED, Plan, Read, plan_of, planning_for
from backoffice.models import Category, Item
from tests.cast import add_items


def explain(
    database: Database, statement: sa.Select[Any], options: dict[str, str] = ORDERED
) -> Plan:
    with database.reader.connect() as connection, planning_for(connection, options):
        return plan_of(connection, statement)


@pytest.mark.databases("sqlite", "postgresql")
def test_an_order_that_an_index_holds_is_not_sorted(database: Database) -> None:
    plan = explain(database, sa.select(Item.id).order_by(Item.price, Item.id))
    assert plan.sorted == set()
    assert [read.index for read in plan.of("items")] == ["ix_items_price_id"]
    plan = explain(database, sa.select(Item.id).order_by(Item.version))
    assert plan.sorted == {"items"}


@pytest.mark.databases("sqlite", "postgresql")
def test_the_few_that_tie_may_be_sorted(database: Database) -> None:
    plan = explain(database, sa.select(Item.id).order_by(Item.price, Item.description))
    assert plan.sorted == set()


@pytest.mark.databases("sqlite", "postgresql")
def test_an_index_leads_to_some_rows_or_is_read_from_its_end(database: Database) -> None:
    some = sa.select(Item.id).where(Item.price == 1)
    assert explain(database, some, FILTERED).of("items") == [
        Read("items", "ix_items_price_id", bounded=True)
    ]
    every = sa.select(Item.id).where(Item.version == 1)
    assert not any(read.bounded for read in explain(database, every, FILTERED).reads)


def test_an_alias_is_called_by_its_tables_name(database: Database) -> None:
    add_items(database, 30, ("Bolts", "Nuts"))
    other = aliased(Item)
    statement = sa.select(other.id).where(other.quantity == 3)
    assert {read.table for read in explain(database, statement).reads} == {"items"}


@pytest.mark.databases("sqlite")
def test_an_index_that_sqlite_makes_for_one_statement_is_none(database: Database) -> None:
    statement = sa.select(Item.id).join(Category, Category.version == Item.version)
    reads = explain(database, statement).reads
    assert {(read.index, read.bounded) for read in reads if read.bounded} == set()


@pytest.mark.databases("postgresql")
def test_what_a_plan_was_asked_with_does_not_stay(database: Database) -> None:
    with database.reader.connect() as connection:
        with planning_for(connection, FILTERED):
            assert connection.scalar(sa.text("SHOW enable_indexscan")) == "off"
        assert connection.scalar(sa.text("SHOW enable_indexscan")) == "on"


# The catalog --------------------------------------------------------------------------------


def of_items(database: Database) -> dict[str, HeldIndex]:
    with database.reader.connect() as connection:
        return {one.label or one.name: one for one in held_indexes(connection, ["items", "none"])}


def test_the_catalog_names_indexes_constraints_and_the_key(database: Database) -> None:
    held = of_items(database)

    assert held["ix_items_price_id"].columns == ("price", "id")
    assert held["uq_items_name"].columns == ("name",)
    assert held["uq_items_name"].unique
    key = "pk_items" if database.dialect == "postgresql" else "the primary key"
    assert held[key].columns == ("id",)
    assert all(one.valid and not one.partial for one in held.values())


@pytest.mark.databases("sqlite", "postgresql")
def test_a_partial_index_and_one_of_an_expression_meet_no_need(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql("CREATE INDEX few ON items (version) WHERE version > 3")
        connection.exec_driver_sql("CREATE INDEX lowered ON items (lower(name))")

    held = of_items(database)

    assert held["few"].partial
    assert held["lowered"].columns == ("",)


@pytest.mark.databases("postgresql")
def test_who_may_not_create_the_extension_is_known(database: Database) -> None:
    with database.engine.connect() as connection:
        assert trigrams(connection) == "installed"
        connection.exec_driver_sql("DROP EXTENSION pg_trgm CASCADE")
        assert trigrams(connection) == "may be created"
        connection.exec_driver_sql("SET LOCAL ROLE pg_read_all_data")
        assert trigrams(connection) == "may not be created"
        connection.rollback()
