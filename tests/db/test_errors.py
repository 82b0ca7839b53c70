"""A refused write is understood without showing the database's own text."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from backoffice.db import Database, Violation, read_violation
from backoffice.models import Base, Category, Item, User

ITEM = {"name": "M4", "description": "Hex", "price": 1, "quantity": 1, "category_id": 1000}
USER = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}


def table(model: type[Base]) -> sa.Table:
    assert isinstance(model.__table__, sa.Table)
    return model.__table__


def refused(database: Database, model: type[Base], **values: Any) -> Violation:
    """What is said of a row of ``values``, written past the model beside a category and an item."""
    with database.writer.connect() as connection:
        prepare(connection)
        with pytest.raises(DBAPIError) as caught:
            connection.execute(sa.insert(table(model)).values(values))
    assert isinstance(caught.value, IntegrityError)
    return read_violation(caught.value, table(model))


def prepare(connection: Connection) -> None:
    connection.execute(sa.insert(table(Category)).values(id=1000, name="Bolts"))
    connection.execute(sa.insert(table(Item)).values(ITEM))
    connection.execute(sa.insert(table(User)).values(USER))


@pytest.mark.parametrize(
    ("model", "values", "column"),
    [
        (Category, {"name": "Bolts"}, "name"),
        (Item, ITEM, "name"),
        (User, USER, "email"),
    ],
)
def test_a_duplicate_names_its_column(
    database: Database, model: type[Base], values: dict[str, Any], column: str
) -> None:
    violation = refused(database, model, **values)
    assert (violation.kind, violation.columns) == ("unique", (column,))


def test_a_duplicate_id_names_the_id(database: Database) -> None:
    violation = refused(database, Category, id=1000, name="Nuts")
    assert (violation.kind, violation.columns) == ("unique", ("id",))


@pytest.mark.parametrize(
    ("model", "values", "column"),
    [
        (Item, ITEM | {"name": "M5", "price": -1}, "price"),
        (Item, ITEM | {"name": "M5", "quantity": -1}, "quantity"),
        (Item, ITEM | {"name": "  "}, "name"),
        (Category, {"name": ""}, "name"),
        (User, USER | {"email": "b@example.com", "first_name": " "}, "first_name"),
        (User, USER | {"email": "b@example.com", "last_name": " "}, "last_name"),
        (User, USER | {"email": " "}, "email"),
    ],
)
def test_a_value_out_of_range_names_its_column(
    database: Database, model: type[Base], values: dict[str, Any], column: str
) -> None:
    violation = refused(database, model, **values)
    assert (violation.kind, violation.columns) == ("check", (column,))
    assert violation.constraint is not None
    assert violation.constraint.startswith(f"ck_{model.__tablename__}_{column}")


@pytest.mark.parametrize(
    "values", [ITEM | {"name": "M5", "description": None}, {"name": "M5", "price": 1}]
)
def test_a_missing_value_names_its_column(database: Database, values: dict[str, Any]) -> None:
    violation = refused(database, Item, **values)
    assert violation.kind == "not_null"
    assert violation.columns == ("description",)


def test_a_category_that_vanished_is_a_foreign_key(database: Database) -> None:
    violation = refused(database, Item, **(ITEM | {"name": "M5", "category_id": 404}))
    assert violation.kind == "foreign_key"
    # SQLite does not tell which.
    assert violation.columns == (() if database.dialect == "sqlite" else ("category_id",))


def test_what_is_refused_for_another_reason_is_other(database: Database) -> None:
    error = IntegrityError("INSERT", {}, Exception("something new"))
    assert read_violation(error, table(Item)) == Violation("other")
