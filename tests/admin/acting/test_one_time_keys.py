"""A confirmation page acts once, for the person, the action and the records that it shows."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.auth import one_time_keys
from backoffice.auth.one_time_keys import KEPT_FOR, PRUNED_AT_ONCE, prune, use_key
from backoffice.auth.signin import _prune
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item, UsedKey
from tests.admin.acting.steps import (
    address,
    buttons,
    changesets,
    keys_used,
    post,
    values,
)
from tests.cast import Browser, add_user, links_of, signed_in, somebody, text_of


def test_a_second_press_does_nothing_and_leads_to_what_the_first_did(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("move", *items[:2]))
    assert post(ada, page, "move").status_code == 303
    made = changesets(database)[-1]

    again = post(ada, page, "move")
    assert again.status_code == 409
    assert "This is done already. Nothing was done again." in text_of(again)
    assert f"/admin/changeset/details/{made.id}" in links_of(again)
    assert values(database, Item.quantity)[:2] == [1, 2]
    assert changesets(database)[-1].id == made.id
    assert keys_used(database) == 1

    (href,) = [href for href in links_of(again) if "/action/move" in href]
    assert buttons(ada.get(href)) == ["Move 2 items"]


def test_a_second_press_after_nothing_was_written_says_so_without_a_link(
    ada: Browser, items: list[int]
) -> None:
    page = ada.get(address("labels", *items[:2]))
    assert post(ada, page, "labels").status_code == 200
    again = post(ada, page, "labels")
    assert again.status_code == 409
    assert "done already" in text_of(again)
    assert not [href for href in links_of(again) if "/changeset/details/" in href]


def test_what_the_first_did_is_not_linked_for_those_who_may_not_read_it(
    app: Starlette, database: Database, items: list[int]
) -> None:
    eve = somebody(app, database, "item:list", "item:action:mark")
    page = eve.get(address("mark", *items[:2]))
    post(eve, page, "mark")
    again = post(eve, page, "mark")
    assert "done already" in text_of(again)
    assert "/changeset/" not in again.text


def test_a_second_press_is_told_even_where_the_records_are_gone(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("remove", *items[:2]))
    assert post(ada, page, "remove").status_code == 303
    again = post(ada, page, "remove")
    assert again.status_code == 409
    assert "done already" in text_of(again)


def test_a_refused_press_does_not_use_the_key_up(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("rename", items[0]))
    assert post(ada, page, "rename", name="").status_code == 422
    assert keys_used(database) == 0
    assert post(ada, page, "rename", name="New name").status_code == 303


@pytest.mark.parametrize("once", ["", "nonsense", "WyJhIl0.bad"])
def test_without_a_key_of_ours_nothing_is_done(
    ada: Browser, database: Database, items: list[int], once: str
) -> None:
    page = ada.get(address("mark", items[0]))
    refused = post(ada, page, "mark", once=once)
    assert refused.status_code == 409
    told = "This page was for other items. Check these, then press “Mark”."
    assert told in text_of(refused)
    assert "Marked" not in values(database, Item.description)
    assert post(ada, refused, "mark").status_code == 303  # the page has a new key


def test_a_key_fits_only_its_records_its_action_and_its_person(
    app: Starlette, ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", *items[:2]))
    pks = ",".join(map(str, items[:3]))
    assert post(ada, page, "mark", pks=pks).status_code == 409
    assert post(ada, page, "mark", pks=str(items[0])).status_code == 409
    assert post(ada, page, "move").status_code == 409
    add_user(database, "bea@example.com", superuser=True)
    bea = signed_in(app, "bea@example.com")
    bea.get("/admin/")
    assert post(bea, page, "mark").status_code == 409
    assert set(values(database, Item.quantity)) == set(range(10))
    assert "Marked" not in values(database, Item.description)
    # The order of the keys is none of its business.
    pks = f"{items[1]},{items[0]}"
    assert post(ada, page, "mark", pks=pks).status_code == 303


def test_a_page_that_was_open_for_a_day_is_shown_again_with_what_was_typed(
    ada: Browser, database: Database, items: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ada.get(address("rename", items[0]))
    with monkeypatch.context() as patch:
        patch.setattr(one_time_keys, "VALID_FOR", timedelta(seconds=-1))
        late = post(ada, page, "rename", name="Typed")
    assert late.status_code == 409
    assert "open for more than a day" in text_of(late)
    assert 'value="Typed"' in late.text
    assert values(database, Item.name)[0] == "Item 0000"
    assert post(ada, late, "rename", name="Typed").status_code == 303


def test_a_key_is_valid_for_a_day_and_kept_for_longer(settings: Settings) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    text = one_time_keys.new_key(settings, 1, "a purpose", now, "seen")
    for hours, state in ((0, "valid"), (24, "valid"), (25, "expired")):
        later = now + timedelta(hours=hours)
        key = one_time_keys.read_key(settings, 1, "a purpose", later, text)
        assert (key.state, key.seen) == (state, "seen")
    for person, purpose in ((2, "a purpose"), (1, "another")):
        assert one_time_keys.read_key(settings, person, purpose, now, text).state == "foreign"
    assert KEPT_FOR > one_time_keys.VALID_FOR
    assert text != one_time_keys.new_key(settings, 1, "a purpose", now, "seen")


@pytest.mark.every_database
def test_of_two_presses_at_once_one_acts(
    app: Starlette, ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("move", *items))
    other = signed_in(app, "ada@example.com")
    other.get("/admin/")
    together, answers = threading.Barrier(2), []

    def press(browser: Browser) -> None:
        together.wait()
        answers.append(post(browser, page, "move"))

    threads = [threading.Thread(target=press, args=[browser]) for browser in (ada, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert values(database, Item.quantity) == list(range(1, 11))
    assert keys_used(database) == 1


@pytest.mark.every_database
def test_a_key_waits_for_the_one_who_uses_it_and_is_free_again_if_that_fails(
    database: Database, settings: Settings
) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    text = one_time_keys.new_key(settings, 1, "p", now)
    key = one_time_keys.read_key(settings, 1, "p", now, text)
    with unit_of_work(database, writes=True) as session:
        use_key(session, key, now)
        session.rollback()
    with unit_of_work(database, writes=True) as session:
        use_key(session, key, now)
    with unit_of_work(database, writes=True) as session, pytest.raises(one_time_keys.KeyUsed):
        use_key(session, key, now)


@pytest.mark.every_database
def test_old_keys_are_swept_where_sessions_are(database: Database, settings: Settings) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    with unit_of_work(database, writes=True) as session:
        for days, name in ((0, "new"), (6, "six"), (7, "seven"), (30, "old")):
            session.add(UsedKey(key=name, used_at=now - timedelta(days=days)))
    _prune(database, settings, now)
    with unit_of_work(database) as session:
        assert set(session.scalars(sa.select(UsedKey.key))) == {"new", "six"}


def test_many_old_keys_are_swept_some_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PRUNED_AT_ONCE >= 100
    monkeypatch.setattr(one_time_keys, "PRUNED_AT_ONCE", 2)
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    with unit_of_work(database, writes=True) as session:
        for number in range(3):
            session.add(UsedKey(key=str(number), used_at=now - KEPT_FOR))
    for swept in (2, 1, 0):
        with unit_of_work(database, writes=True) as session:
            assert prune(session, now) == swept
