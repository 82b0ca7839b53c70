"""Records that a rule locks (``RecordView.may``): they are read-only, say why, and no write that
loads no records passes by."""

import itertools
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from httpx2 import Response

from backoffice.admin.refused import Refused
from backoffice.history import unit_of_work
from backoffice.models import Changeset, Role, User
from tests.cast import Browser, hidden_fields, links_of, signed_in, text_of
from tests.shapes.models.rules import Order, OrderLine, Pact, Progress
from tests.shapes.people import all_actions, sign_in_with
from tests.shapes.place import Place

NUMBERS = itertools.count(1)
CLOSED = "This order is closed. A Manager can reopen it."


@dataclass(frozen=True)
class Story:
    """Opal is an operator; max is a Manager. ``closed``, ``open``: the keys of two orders, each
    with a line."""

    place: Place
    opal: Browser
    max: Browser
    closed: int
    open: int

    def progress(self, key: int) -> Progress | None:
        with unit_of_work(self.place.database) as session:
            order = session.get(Order, key)
            return None if order is None else order.progress

    def last_changeset(self) -> int:
        with unit_of_work(self.place.database) as session:
            return session.scalar(sa.select(sa.func.max(Changeset.id))) or 0


@pytest.fixture
def story(shapes: Place) -> Story:
    number = next(NUMBERS)
    tokens = all_actions(shapes, "order", "order-line", "pact", "warehouse")
    opal = sign_in_with(shapes, f"opal{number}", tokens)
    sign_in_with(shapes, f"max{number}", tokens)
    with unit_of_work(shapes.database, writes=True) as session:
        manager = session.scalars(sa.select(Role).where(Role.name == "Manager")).one()
        email = f"max{number}@example.com"
        user = session.scalars(sa.select(User).where(User.email == email)).one()
        user.roles = [*user.roles, manager]
        orders = [
            Order(name=f"Order {number} {progress.value}", progress=progress)
            for progress in (Progress.CLOSED, Progress.OPEN)
        ]
        session.add_all(orders)
        session.flush()
        session.add_all(OrderLine(name="Line", order_id=order.id) for order in orders)
        keys = [order.id for order in orders]
    return Story(shapes, opal, signed_in(shapes.app, f"max{number}@example.com"), *keys)


def edit(browser: Browser, key: int, **typed: str) -> Response:
    path = f"/admin/order/edit/{key}"
    fields = hidden_fields(browser.get(path))
    return browser.post(path, {**fields, **typed, "save": "Save"})


def undo(browser: Browser, number: int) -> Response:
    path = f"/admin/changeset/undo/{number}"
    page = browser.get(path)
    seen = page.text.split('name="seen" value="')
    return browser.post(path, {"seen": seen[1].split('"')[0] if len(seen) > 1 else ""})


def test_a_locked_record_is_text_with_the_reason_and_offers_nothing(story: Story) -> None:
    details = story.opal.get(f"/admin/order/details/{story.closed}")
    assert CLOSED in text_of(details)
    assert f"/admin/order/edit/{story.closed}" not in details.text
    assert "/admin/order/delete" not in details.text
    form = story.opal.get(f"/admin/order/edit/{story.closed}")
    assert form.status_code == 200
    assert CLOSED in text_of(form)
    assert 'name="progress"' not in form.text
    assert 'name="save"' not in form.text
    history = story.opal.get(f"/admin/order/history/{story.closed}")
    assert f"/admin/order/edit/{story.closed}" not in history.text
    open_ = story.opal.get(f"/admin/order/details/{story.open}")
    assert CLOSED not in text_of(open_)
    assert f"/admin/order/edit/{story.open}" in open_.text


def test_a_locked_record_is_not_saved_and_a_manager_reopens_it(story: Story) -> None:
    refused = edit(story.opal, story.closed, progress="OPEN")
    assert refused.status_code == 422
    assert CLOSED in text_of(refused)
    assert story.progress(story.closed) is Progress.CLOSED
    reopened = edit(story.max, story.closed, progress="OPEN")
    assert reopened.status_code == 303, text_of(reopened)
    assert edit(story.opal, story.closed, note="Mine now").status_code == 303


def test_people_who_may_close_an_order_cannot_undo_that(story: Story) -> None:
    closed = edit(story.opal, story.open, progress="CLOSED")
    assert closed.status_code == 303, text_of(closed)
    assert story.progress(story.open) is Progress.CLOSED
    assert undo(story.opal, story.last_changeset()).status_code == 422
    assert story.progress(story.open) is Progress.CLOSED
    assert undo(story.max, story.last_changeset()).status_code == 303
    assert story.progress(story.open) is Progress.OPEN


def test_a_locked_record_is_not_deleted_and_the_page_names_it(story: Story) -> None:
    keys = f"{story.open},{story.closed}"
    page = story.opal.get(f"/admin/order/delete?pks={keys}")
    assert CLOSED in text_of(page)
    others = [href for href in links_of(page) if f"pks={story.open}" in href]
    assert others, "the page leads on without it"
    assert CLOSED not in text_of(story.opal.get(others[0]))
    refused = story.opal.post("/admin/order/delete", {"pks": keys, "below": "delete"})
    assert refused.status_code == 422
    assert story.progress(story.open) is Progress.OPEN, "all or none"


def test_records_below_a_deleted_one_are_asked_by_sql(story: Story) -> None:
    """The order itself may be deleted here. Its lines are not loaded to be asked."""
    view = story.place.site.find_view("order")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(view), "may", lambda *_args: True)
        patch.setattr(type(view), "may_condition", lambda *_args: sa.true())
        page = story.opal.get(f"/admin/order/delete?pks={story.closed}")
        assert "Its order is closed." in text_of(page)
        seen = page.text.split('name="seen" value="')[1].split('"')[0]
        typed = {"pks": str(story.closed), "below": "delete", "seen": seen}
        assert story.opal.post("/admin/order/delete", typed).status_code == 422
        moved = typed | {"below": "move", "move_to": str(story.open)}
        refused = story.opal.post("/admin/order/delete", moved)
        assert refused.status_code == 422
        assert "Its order is closed." in text_of(refused)
        assert story.opal.get(f"/admin/order/delete?pks={story.open}").status_code == 200
    assert story.progress(story.closed) is Progress.CLOSED


def test_what_loads_no_records_is_refused_if_the_rule_has_no_sql_form(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = story.place.site.find_view("order-line")
    monkeypatch.setattr(type(lines), "may_condition", lambda *_args: None)
    page = story.opal.get(f"/admin/order/delete?pks={story.open}")
    assert "can only be asked of one order line at a time" in text_of(page)
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    for typed in ({"below": "delete"}, {"below": "move", "move_to": str(story.closed)}):
        fields = {"pks": str(story.open), "seen": seen, **typed}
        assert story.opal.post("/admin/order/delete", fields).status_code == 422
    assert story.progress(story.open) is Progress.OPEN


def test_a_rule_may_keep_a_records_pages_shut(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = story.place.site.find_view("order")
    secret = Refused("This order is secret.")
    for action, screen in (("details", "details"), ("action:history", "history")):
        monkeypatch.setattr(
            type(view), "may", lambda view, context, asked, record, a=action: asked != a or secret
        )
        refused = story.opal.get(f"/admin/order/{screen}/{story.open}")
        assert refused.status_code == 403
        assert "This order is secret." in text_of(refused)


def test_a_record_that_a_rule_refuses_is_not_created(story: Story) -> None:
    story.opal.get("/admin/order-line/create")
    typed = {"name": "Late", "save": "Save"}
    refused = story.opal.post("/admin/order-line/create", {**typed, "order": str(story.closed)})
    assert refused.status_code == 422
    assert "Its order is closed." in text_of(refused)
    assert 'value="Late"' in refused.text, "what was typed stays"
    added = story.opal.post("/admin/order-line/create", {**typed, "order": str(story.open)})
    assert added.status_code == 303, text_of(added)


def test_an_undo_restores_nothing_that_a_rule_refuses(story: Story) -> None:
    with unit_of_work(story.place.database) as session:
        key = session.scalar(sa.select(OrderLine.id).where(OrderLine.order_id == story.open))
    story.opal.get(f"/admin/order-line/delete?pks={key}")
    assert story.opal.post("/admin/order-line/delete", {"pks": str(key)}).status_code == 303
    number = story.last_changeset()
    assert edit(story.max, story.open, progress="CLOSED").status_code == 303

    refused = undo(story.opal, number)

    assert refused.status_code == 422
    assert "Its order is closed." in text_of(refused)
    with unit_of_work(story.place.database) as session:
        assert session.get(OrderLine, key) is None
    assert undo(story.max, number).status_code == 303


def test_without_an_sql_form_records_are_asked_one_by_one_and_many_are_refused(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work(story.place.database, writes=True) as session:
        pacts = [Pact(name=f"Pact {number}", text="Draft") for number in range(3)]
        session.add_all(pacts)
        session.flush()
        keys = [pact.id for pact in pacts]
    with unit_of_work(story.place.database, writes=True) as session:
        for key in keys:
            session.get_one(Pact, key).text = "Draft two"
    number = story.last_changeset()
    with story.place.database.writer.begin() as connection:
        connection.execute(sa.update(Pact).where(Pact.id == keys[1]).values(text="Signed"))

    page = story.opal.get(f"/admin/changeset/undo/{number}")
    assert "This pact is signed." in text_of(page)
    monkeypatch.setattr("backoffice.admin.changes.record_rules.MOST_ASKED", 2)
    page = story.opal.get(f"/admin/changeset/undo/{number}")
    assert "can only be asked of one pact at a time" in text_of(page)
