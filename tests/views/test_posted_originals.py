"""A form posts what it was opened with: nothing that others write is lost in silence."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item, User
from tests.cast import FIRST_ITEM, Browser, add_items, add_user, hidden_fields, signed_in, text_of

EDIT = "/admin/item/edit/1"
ITEMS: Any = Item.__table__


@pytest.fixture
def typed(database: Database) -> dict[str, str]:
    add_items(database, 2)
    return dict(FIRST_ITEM)


def by_sql(database: Database, **values: Any) -> None:
    """Another program, which knows of no version and no history."""
    with database.engine.begin() as connection:
        connection.execute(sa.update(ITEMS).where(Item.id == 1).values(**values))


def item(database: Database) -> Any:
    with unit_of_work(database) as session:
        return session.get_one(Item, 1)


def choices(page: Any, which: str) -> dict[str, str]:
    return dict.fromkeys(re.findall(r'name="(choice_[^"]+)"', page.text), which)


def test_a_change_by_plain_sql_counts_as_a_colleagues(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    opened = hidden_fields(ada.get(EDIT))
    by_sql(database, price=5, description="By a program")

    asked = ada.post(EDIT, {**typed, **opened, "price": "7.00"})

    assert asked.status_code == 409
    assert "Somebody else changed this too" in text_of(asked)
    assert "Somebody else changed Description to “By a program”" in text_of(asked)
    assert 'name="choice_description"' not in asked.text
    assert item(database).price == 5
    answer = {**typed, "description": "By a program", "price": "7.00"}
    saved = ada.post(EDIT, {**answer, **hidden_fields(asked), **choices(asked, "mine")})
    assert saved.status_code == 303, text_of(saved)
    now = item(database)
    assert (now.price, now.description) == (7, "By a program")


def test_a_program_that_wrote_after_a_colleague_is_not_taken_for_them(
    ada: Browser, ed: Browser, database: Database, typed: dict[str, str]
) -> None:
    opened = hidden_fields(ada.get(EDIT))
    assert ed.edit(EDIT, {**typed, "price": "5.00"}).status_code == 303
    by_sql(database, price=6)

    told = text_of(ada.post(EDIT, {**typed, **opened, "price": "7.00"}))

    assert "Somebody else changed this too" in told
    assert "Ed Tester" not in told


@pytest.mark.parametrize("broken", ["", "not signed", "{}", "by somebody else", "of another item"])
def test_a_missing_or_wrong_signature_loses_nothing(
    ada: Browser, ed: Browser, database: Database, typed: dict[str, str], broken: str
) -> None:
    opened = hidden_fields(ada.get(EDIT))
    if broken == "by somebody else":
        opened["opened"] = hidden_fields(ed.get(EDIT))["opened"]
    elif broken == "of another item":
        opened["opened"] = hidden_fields(ada.get("/admin/item/edit/2"))["opened"]
    else:
        opened["opened"] = broken
    by_sql(database, price=5)

    asked = ada.post(EDIT, {**typed, **opened, "description": "Mine"})

    assert asked.status_code == 409
    assert set(choices(asked, "")) == {"choice_price", "choice_description"}
    assert item(database).price == 5
    answer = {**typed, **hidden_fields(asked), "description": "Mine"}
    decided = {"choice_price": "theirs", "choice_description": "mine"}
    assert ada.post(EDIT, {**answer, **decided}).status_code == 303
    now = item(database)
    assert (now.price, now.description) == (5, "Mine")


def test_a_form_of_the_release_before_loses_nothing_either(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    """It posted its texts unsigned, and was opened while the new release was started."""
    fields = {name: value for name, value in typed.items() if name != "save"}
    old = {"version": "1", "opened": json.dumps(fields), "was": json.dumps({"price": "0.00"})}
    by_sql(database, price=5)

    asked = ada.post(EDIT, {**typed, **old, "quantity": "3"})

    assert asked.status_code == 409
    assert set(choices(asked, "")) == {"choice_price", "choice_quantity"}
    unchanged = {**typed, "price": "5.00"}
    assert ada.post(EDIT, {**unchanged, **old}).status_code == 303, "as it is stored: no question"


def test_what_was_chosen_for_one_field_stays_while_another_is_not_decided(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    opened = hidden_fields(ada.get(EDIT))
    by_sql(database, price=5, quantity=5)
    mine = {**typed, "price": "7.00", "quantity": "7"}
    asked = ada.post(EDIT, {**mine, **opened})

    half = ada.post(EDIT, {**mine, **hidden_fields(asked), "choice_price": "theirs"})

    assert half.status_code == 409
    assert set(choices(half, "")) == {"choice_quantity"}
    assert 'value="5.00"' in half.text
    shown = {**mine, "price": "5.00", **hidden_fields(half), "choice_quantity": "mine"}
    assert ada.post(EDIT, shown).status_code == 303
    now = item(database)
    assert (now.price, now.quantity) == (5, 7)


def test_an_untouched_field_is_not_cleaned_by_a_save_of_another(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    """Another program wrote what the model would clean: blanks and line breaks of two letters."""
    odd = "  By a program\r\nin two lines\r\n"
    by_sql(database, description=odd)
    page = ada.get(EDIT)
    sent = {**typed, "description": odd, "price": "3.00"}

    saved = ada.post(EDIT, {**sent, **hidden_fields(page)})

    assert saved.status_code == 303, text_of(saved)
    now = item(database)
    assert (now.description, now.price) == (odd, 3)


def test_nothing_was_changed_is_said_when_nothing_was(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    opened = hidden_fields(ada.get(EDIT))
    by_sql(database, price=5)

    assert ada.post(EDIT, {**typed, **opened}).status_code == 303

    told = text_of(ada.get("/admin/"))
    assert "Nothing changed" in told
    assert "Somebody else changed Price to “5.00”" in told
    assert item(database).price == 5


def test_a_long_text_is_not_sent_back_and_still_compared(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    long = "word " * 4000 + "end"
    by_sql(database, description=long)
    page = ada.get(EDIT)
    opened = hidden_fields(page)
    assert len(opened["opened"]) < 2000

    by_sql(database, description=long + "!")
    merged = ada.post(EDIT, {**typed, **opened, "description": long, "price": "1.00"})
    assert merged.status_code == 303, text_of(merged)[:500]
    assert item(database).description == long + "!"
    asked = ada.post(EDIT, {**typed, **opened, "description": long + "?", "price": "1.00"})
    assert asked.status_code == 409
    assert item(database).description == long + "!"


def test_many_to_many_fields_are_compared_alike(
    ada: Browser, max_: Browser, database: Database
) -> None:
    key = add_user(database, "bess@example.com", role="Viewer")
    path = f"/admin/user/edit/{key}"
    typed = {"first_name": "Bess", "last_name": "Tester", "email": "bess@example.com"}
    typed |= {"is_active": "true", "password": "", "password_again": "", "save": "Save"}
    opened = hidden_fields(ada.get(path))
    with database.engine.begin() as connection:
        connection.execute(sa.text(f"DELETE FROM user_roles WHERE user_id = {key}"))

    merged = ada.post(path, {**typed, **opened, "roles": ["1"], "first_name": "Elizabeth"})
    assert merged.status_code == 303, text_of(merged)
    asked = ada.post(path, {**typed, **opened, "roles": ["2"]})

    assert asked.status_code == 409
    assert "choice_roles" in asked.text
    with unit_of_work(database) as session:
        bess = session.get_one(User, key)
        assert (bess.first_name, list(bess.roles)) == ("Elizabeth", [])


@pytest.mark.databases("postgresql", "mariadb")
def test_of_two_forms_and_a_program_that_race_none_is_overwritten_in_silence(
    app: Starlette, database: Database, typed: dict[str, str]
) -> None:
    """The program adds one to the quantity again and again, by plain SQL. The forms set the price,
    and never touch the quantity: no step of the program may be lost. Of prices that two forms set,
    one is refused with a question."""
    people = []
    for number in range(2):
        add_user(database, f"p{number}@example.com", superuser=True)
        people.append(signed_in(app, f"p{number}@example.com"))
    steps = 40

    def program() -> None:
        for _step in range(steps):
            with database.engine.begin() as connection:
                connection.execute(
                    sa.update(ITEMS).where(Item.id == 1).values(quantity=ITEMS.c.quantity + 1)
                )

    def person(number: int) -> list[tuple[str, int]]:
        done = []
        for attempt in range(10):
            page = people[number].get(EDIT)
            quantity = re.search(r'name="quantity" value="([^"]*)"', page.text)
            assert quantity
            price = f"{number + 1}{attempt:02}.00"
            sent = {**typed, **hidden_fields(page), "quantity": quantity[1], "price": price}
            done.append((price, people[number].post(EDIT, sent).status_code))
        return done

    with ThreadPoolExecutor(3) as pool:
        writing = pool.submit(program)
        answers = [answer for one in pool.map(person, range(2)) for answer in one]
        writing.result()

    assert {status for _price, status in answers} <= {303, 409}
    now = item(database)
    assert now.quantity == steps
    assert f"{now.price}" in [price for price, status in answers if status == 303]
