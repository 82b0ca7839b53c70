"""What the database itself holds to, whichever program writes: these rows go past the models."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Base, Category, Item, User

UMLAUTS = ["Fuller", "FÜLLER", "Füller", "Füller ", "fuller", "Fu\u0308ller"]


def insert(database: Database, model: type[Base], **values: Any) -> int:
    with database.writer.begin() as connection:
        result = connection.execute(sa.insert(model).values(values))
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])


def item(category: int, **values: Any) -> dict[str, Any]:
    whole = {"name": "M4", "description": "Hex", "price": 1, "quantity": 1}
    return whole | {"category_id": category} | values


@pytest.mark.parametrize("model", [Category, Item, User])
def test_an_id_is_never_given_twice(database: Database, model: type[Base]) -> None:
    bolts = insert(database, Category, name="Bolts")

    def another(number: int) -> int:
        values: dict[type[Base], dict[str, Any]] = {
            Category: {"name": f"Category {number}"},
            Item: item(bolts, name=f"Item {number}"),
            User: {"first_name": "Ada", "last_name": "L", "email": f"{number}@example.com"},
        }
        return insert(database, model, **values[model])

    another(1)
    newest = another(2)
    with database.writer.begin() as connection:
        key = sa.inspect(model).primary_key[0]
        connection.execute(sa.delete(model).where(key == newest))
    assert another(3) > newest


@pytest.mark.parametrize("model", [Category, Item])
def test_names_are_unique_by_their_exact_characters(
    database: Database, model: type[Category] | type[Item]
) -> None:
    category_id = insert(database, Category, name="Writing")
    for name in UMLAUTS:
        insert(
            database,
            model,
            **({"name": name} if model is Category else item(category_id, name=name)),
        )
    with unit_of_work(database) as session:
        kept = session.scalars(sa.select(model.name).order_by(model.id)).all()
        found = [
            session.scalars(sa.select(model.name).where(model.name == name)).all()
            for name in UMLAUTS
        ]
    assert [name for name in kept if name != "Writing"] == UMLAUTS
    assert found == [[name] for name in UMLAUTS]


def test_a_name_may_hold_any_character_up_to_its_length(database: Database) -> None:
    name = "🔩" * 255
    insert(database, Category, name=name)
    with unit_of_work(database) as session:
        assert session.scalars(sa.select(Category.name)).one() == name


def test_two_users_cannot_share_an_address_in_whatever_case_it_is_typed(
    database: Database,
) -> None:
    with unit_of_work(database, writes=True) as session:
        session.add(User(first_name="Ada", last_name="Lovelace", email="Ada@Example.COM"))
    with (
        pytest.raises(sa.exc.IntegrityError),
        unit_of_work(database, writes=True) as session,
    ):
        session.add(User(first_name="Adele", last_name="Lace", email=" ADA@example.com "))
    with unit_of_work(database) as session:
        assert session.scalars(sa.select(User.email)).all() == ["ada@example.com"]


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "   "},
        {"price": "-0.01"},
        {"price": "10000000000.00"},
        {"quantity": -1},
        {"category_id": 404},
        {"name": None},
        {"description": None},
    ],
)
def test_an_item_that_breaks_a_rule_is_refused(database: Database, values: dict[str, Any]) -> None:
    bolts = insert(database, Category, name="Bolts")
    with pytest.raises(DBAPIError):
        insert(database, Item, **item(bolts, **values))


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("price", ["NaN", "Infinity"])
def test_postgresql_takes_no_price_that_is_no_number(database: Database, price: str) -> None:
    bolts = insert(database, Category, name="Bolts")
    with pytest.raises(DBAPIError), database.writer.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO items (name, description, price, quantity, category_id)"
            f" VALUES ('M4', 'Hex', '{price}', 1, {bolts})"
        )


def test_deleting_a_category_by_sql_deletes_its_items_and_no_others(database: Database) -> None:
    bolts, cable = (insert(database, Category, name=name) for name in ("Bolts", "Cable"))
    insert(database, Item, **item(bolts, name="M4"))
    insert(database, Item, **item(bolts, name="M5"))
    insert(database, Item, **item(cable, name="NYM-J"))
    with database.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM categories WHERE name = 'Bolts'")
    with unit_of_work(database) as session:
        assert session.scalars(sa.select(Item.name)).all() == ["NYM-J"]


def test_deleting_a_category_in_a_session_deletes_its_items_without_loading_them(
    database: Database,
) -> None:
    bolts = insert(database, Category, name="Bolts")
    for number in range(5):
        insert(database, Item, **item(bolts, name=f"M{number}"))
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(Category, bolts))
    sa.event.remove(database.engine, "before_cursor_execute", note)
    read = [one for one in statements if one.lstrip().startswith("SELECT")]
    assert not any("items" in statement for statement in read)
    with unit_of_work(database) as session:
        assert session.scalars(sa.select(Item.id)).all() == []


def test_a_row_written_by_sql_alone_starts_at_version_one_and_cannot_sign_in(
    database: Database,
) -> None:
    insert(database, User, first_name="Ada", last_name="Lovelace", email="ada@example.com")
    with database.reader.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT version, password_hash, is_active, is_superuser FROM users"
        ).one()
    assert (row[0], row[1], bool(row[2]), bool(row[3])) == (1, "!", True, False)
