"""Records that a person may not see (``RecordView.visible``): no page tells of them, and no write
touches them or leads to them. Every door is asked."""

import itertools
import json
import re
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from httpx2 import Response

from backoffice.history import load, unit_of_work
from backoffice.models import Changeset
from tests.cast import Browser, hidden_fields, statements, text_of
from tests.shapes.models.rules import Order, OrderLine, Progress, Stock, Warehouse, keepers
from tests.shapes.people import all_actions, sign_in_with
from tests.shapes.place import Place

NUMBERS = itertools.count(1)
IDENTITIES = ("warehouse", "stock", "order", "order-line")


@dataclass(frozen=True)
class Story:
    """Kim keeps North and not South. ``north``, ``south``: the keys of the warehouses; ``bolts`` is
    in North, ``secrets`` in South. ``names``: what Kim may read of South nowhere."""

    place: Place
    kim: Browser
    north: int
    south: int
    bolts: int
    secrets: int
    names: tuple[str, ...]

    @property
    def ada(self) -> Browser:
        return self.place.ada.browser

    def told(self, response: Response) -> list[str]:
        """What a page tells of South."""
        assert response.status_code < 500, text_of(response)
        return [name for name in self.names if name.lower() in response.text.lower()]

    def last_changeset(self) -> int:
        with unit_of_work(self.place.database) as session:
            return session.scalar(sa.select(sa.func.max(Changeset.id))) or 0

    def warehouse_of(self, key: int) -> int | None:
        with unit_of_work(self.place.database) as session:
            found = session.get(Stock, key)
            return None if found is None else found.warehouse_id


@pytest.fixture
def story(shapes: Place) -> Story:
    number = next(NUMBERS)
    kim = sign_in_with(shapes, f"kim{number}", all_actions(shapes, *IDENTITIES))
    with unit_of_work(shapes.database, writes=True) as session:
        north, south = Warehouse(name=f"North{number}"), Warehouse(name=f"Xanadu{number}q")
        bolts = Stock(name=f"Bolts{number}", price=1, quantity=2, warehouse=north)
        secrets = Stock(name=f"Zirconia{number}q", price=7654.32, quantity=98765, warehouse=south)
        session.add_all([north, south, bolts, secrets])
        session.flush()
        session.execute(
            sa.insert(keepers).values(email=f"kim{number}@example.com", warehouse_id=north.id)
        )
        keys = (north.id, south.id, bolts.id, secrets.id)
    names = (f"Xanadu{number}q", f"Zirconia{number}q", "7,654.32", "7654.32", "98,765", "98765")
    return Story(shapes, kim, *keys, names)


def edit_stock(browser: Browser, key: int, **changes: str) -> Response:
    path = f"/admin/stock/edit/{key}"
    form = browser.get(path)
    return browser.post(path, {**hidden_fields(form), **changes, "save": "Save"})


# Reading --------------------------------------------------------------------------------


def test_no_page_tells_of_them(story: Story) -> None:
    # South's records are changed, deleted and restored, so that the history knows of them too.
    renamed = edit_stock(
        story.ada, story.secrets, name=story.names[1], warehouse=str(story.south), price="7654.32",
        quantity="98764",
    )  # fmt: skip
    assert renamed.status_code == 303, text_of(renamed)
    changed = story.last_changeset()
    paths = [
        "/admin/",
        "/admin/stock/list",
        "/admin/stock/counts",
        "/admin/stock/list?columns=name,warehouse,price,quantity&counts=shown",
        f"/admin/stock/list?warehouse={story.south}",
        "/admin/stock/list?sort=-warehouse",
        "/admin/stock/views",
        "/admin/warehouse/list",
        f"/admin/warehouse/details/{story.south}",
        f"/admin/warehouse/edit/{story.south}",
        f"/admin/warehouse/history/{story.south}",
        f"/admin/warehouse/delete?pks={story.south}",
        f"/admin/warehouse/details/{story.north}",
        f"/admin/stock/details/{story.secrets}",
        f"/admin/stock/edit/{story.secrets}",
        f"/admin/stock/history/{story.secrets}",
        f"/admin/stock/delete?pks={story.secrets},{story.bolts}",
        f"/admin/stock/edit/{story.bolts}",
        f"/admin/stock/create?warehouse={story.south}",
        "/admin/stock/lookup/warehouse?q=xan",
        "/admin/changeset/list",
        f"/admin/changeset/list?search={story.names[1]}".lower(),
        "/admin/changeset/list?model=stock",
        f"/admin/changeset/details/{changed}",
        f"/admin/changeset/undo/{changed}",
    ]
    for path in paths:
        # A search box shows what was typed into it.
        response = story.kim.get(path)
        told = [name for name in story.told(response) if name.lower() not in path]
        assert told == [], path
        assert response.status_code in (200, 403, 404, 422), path
    for path in (f"/admin/stock/details/{story.secrets}", f"/admin/stock/edit/{story.secrets}"):
        assert story.kim.get(path).status_code == 404
        assert story.told(story.ada.get(path)), "ada sees them"


def test_no_list_is_narrowed_by_them(story: Story) -> None:
    plain = text_of(story.kim.get("/admin/stock/list"))
    assert "Bolts" in plain
    for query in (f"search=-{story.names[1]}", f"search=-warehouse:{story.names[0]}"):
        assert "Bolts" in text_of(story.kim.get(f"/admin/stock/list?{query}")), query
    for query in (f"search={story.names[0]}", f"search=warehouse:{story.names[0]}"):
        assert "Bolts" not in text_of(story.kim.get(f"/admin/stock/list?{query}")), query
    sorted_by = text_of(story.kim.get("/admin/stock/list?sort=warehouse"))
    assert (
        "Can't sort by Warehouse: you don't have permission to see the names of all warehouses"
        in sorted_by
    )


def test_a_record_that_a_program_added_without_a_history_has_its_pages(story: Story) -> None:
    with story.place.database.writer.begin() as connection:
        for name, warehouse in (("Loaded", story.north), ("Hidden", story.south)):
            row = {"name": name, "price": 1, "quantity": 1, "warehouse_id": warehouse}
            connection.execute(sa.insert(Stock).values(row))
        keys = dict(
            connection.execute(
                sa.select(Stock.name, sa.func.max(Stock.id)).group_by(Stock.name)
            ).all()
        )
    for screen in ("details", "edit", "history"):
        assert story.kim.get(f"/admin/stock/{screen}/{keys['Loaded']}").status_code == 200, screen
        assert story.kim.get(f"/admin/stock/{screen}/{keys['Hidden']}").status_code == 404, screen


def test_a_deleted_record_is_judged_by_its_last_values(story: Story) -> None:
    for key in (story.bolts, story.secrets):
        story.ada.get(f"/admin/stock/delete?pks={key}")
        assert story.ada.post("/admin/stock/delete", {"pks": str(key)}).status_code == 303

    assert story.kim.get(f"/admin/stock/history/{story.bolts}").status_code == 200
    assert story.kim.get(f"/admin/stock/history/{story.secrets}").status_code == 404
    feed = story.kim.get("/admin/changeset/list?model=stock&operation=delete")
    assert "Bolts" in text_of(feed)
    assert story.told(feed) == []
    # The form of a record that was deleted while it was open tells nothing of it either.
    assert edit_stock(story.kim, story.secrets, name="Mine").status_code == 404


def test_a_deleted_record_that_cannot_be_judged_is_not_shown(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history has nothing of other records of the table, by which this condition judges."""
    others = sa.orm.aliased(Stock)
    dearest = sa.select(sa.func.max(others.price)).scalar_subquery()
    dear = sa.select(sa.func.max(Stock.price)).scalar_subquery()
    known, unknown = Stock.quantity > 0, Stock.price <= dear
    view = story.place.site.find_view("stock")
    monkeypatch.setattr(type(view), "visible", lambda view, context: sa.true())
    story.ada.get(f"/admin/stock/delete?pks={story.bolts}")
    assert story.ada.post("/admin/stock/delete", {"pks": str(story.bolts)}).status_code == 303
    history = f"/admin/stock/history/{story.bolts}"
    for condition, status in ((known, 200), (Stock.price <= dearest, 404), (unknown, 404)):
        monkeypatch.setattr(type(view), "visible", lambda view, context, is_=condition: is_)
        assert story.kim.get(history).status_code == status, condition


def test_of_a_changeset_about_both_only_the_visible_part_is_told_and_none_is_undone(
    story: Story,
) -> None:
    with unit_of_work(story.place.database, writes=True) as session:
        for key in (story.bolts, story.secrets):
            session.get_one(Stock, key).quantity += 1
    number = story.last_changeset()

    page = story.kim.get(f"/admin/changeset/details/{number}")
    assert "Bolts" in text_of(page)
    assert " on “Bolts" in text_of(story.kim.get("/admin/changeset/list"))
    assert story.told(page) == []
    assert f"/admin/changeset/undo/{number}" not in page.text
    refused = story.kim.get(f"/admin/changeset/undo/{number}")
    assert refused.status_code == 403
    assert "something that you don't have permission to see" in text_of(refused)


def test_how_many_records_a_load_added_is_not_told(story: Story) -> None:
    with load(story.place.database) as session:
        session.count_loaded("stock", 4321)
        session.count_loaded("orders", 8765)
    number = story.last_changeset()
    told = text_of(story.kim.get(f"/admin/changeset/details/{number}"))
    assert "4,321" not in told
    assert "stock items, 8,765 orders added" in told or "8,765 orders, stock items added" in told
    assert "4,321 stock items" in text_of(story.ada.get(f"/admin/changeset/details/{number}"))


def test_a_visible_record_names_an_invisible_one_by_its_key(story: Story) -> None:
    with unit_of_work(story.place.database, writes=True) as session:
        order = Order(name="Mixed", progress=Progress.OPEN)
        session.add(order)
        session.flush()
        session.add_all(
            OrderLine(name=f"Line {number}", order_id=order.id, warehouse_id=None)
            for number in range(3)
        )
        key = order.id
    # By plain SQL, as another program would: the rule about order lines does not know of it.
    original = story.place.site.find_view("order-line")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(original), "visible", lambda view, context: sa.true())
        with story.place.database.writer.begin() as connection:
            table = OrderLine.__table__
            assert isinstance(table, sa.Table)
            connection.execute(
                sa.update(table).where(table.c.order_id == key).values(warehouse_id=story.south)
            )
        for path in (f"/admin/order-line/list?order={key}", f"/admin/order/details/{key}"):
            page = story.kim.get(path)
            assert "Line 1" in text_of(page), path
            assert story.told(page) == [], path
        listed = story.kim.get(f"/admin/order-line/list?order={key}")
        assert f"#{story.south}" in text_of(listed)
        with statements(story.place.database) as few:
            story.kim.get(f"/admin/order-line/list?order={key}&pageSize=1")
        with statements(story.place.database) as many:
            story.kim.get(f"/admin/order-line/list?order={key}&pageSize=3")
        assert len(many) == len(few)


# Writing --------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["warehouse"])
def test_a_save_that_would_lose_sight_of_the_record_is_refused_at_the_field(
    story: Story, field: str
) -> None:
    """Moved by a lookup that was forged: the form does not offer South."""
    moved = edit_stock(story.kim, story.bolts, **{field: str(story.south)})
    assert moved.status_code == 422
    assert "no longer exists" in text_of(moved)
    assert story.warehouse_of(story.bolts) == story.north


def test_a_rule_about_a_plain_column_is_also_checked_after_the_save(story: Story) -> None:
    view = story.place.site.find_view("stock")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            type(view), "visible", lambda view, context: Stock.quantity < 100
        )  # fmt: skip
        refused = edit_stock(story.kim, story.bolts, quantity="100")
        assert refused.status_code == 422
        assert (
            "You don't have permission to see stock items like this. "
            "Choose another value for Quantity."
        ) in text_of(refused)
        assert 'value="100"' in refused.text, "what was typed stays"
        story.kim.get("/admin/stock/create")
        typed = {"name": "New", "warehouse": str(story.north), "price": "1", "quantity": "100"}
        created = story.kim.post("/admin/stock/create", {**typed, "save": "Save"})
        assert created.status_code == 422
        assert "You don't have permission to see stock items like this" in text_of(created)
        assert edit_stock(story.kim, story.bolts, quantity="99").status_code == 303


def test_an_undo_that_would_lose_sight_of_the_record_is_refused(story: Story) -> None:
    moved = edit_stock(
        story.ada, story.secrets, name="Moved", warehouse=str(story.north), price="1", quantity="1"
    )
    assert moved.status_code == 303, text_of(moved)
    number = story.last_changeset()
    history = story.kim.get(f"/admin/stock/history/{story.secrets}")
    assert "Moved" in text_of(history), "the record is Kim's to see now"
    assert story.names[0] not in history.text, "where it came from is not"
    page = story.kim.get(f"/admin/changeset/undo/{number}")
    assert page.status_code == 200
    seen = page.text.split('name="seen" value="')[1].split('"')[0]

    refused = story.kim.post(f"/admin/changeset/undo/{number}", {"seen": seen})

    assert refused.status_code == 422
    assert "would leave a record that you don't have permission to see" in text_of(refused)
    assert story.warehouse_of(story.secrets) == story.north


def test_a_delete_that_would_take_invisible_records_with_it_is_refused(story: Story) -> None:
    with unit_of_work(story.place.database, writes=True) as session:
        order = Order(name="Mixed", progress=Progress.OPEN)
        session.add(order)
        session.flush()
        session.add(OrderLine(name="Theirs", order_id=order.id, warehouse_id=story.south))
        session.add(OrderLine(name="Ours", order_id=order.id, warehouse_id=story.north))
        key = order.id
    details = story.kim.get(f"/admin/order/details/{key}")
    assert "Ours" in details.text
    assert "Theirs" not in details.text
    assert re.search(r'Lines <span class="count">1<', details.text), "others are not counted"
    page = story.kim.get(f"/admin/order/delete?pks={key}")
    assert "It has records that you don't have permission to see." in text_of(page)
    assert "Theirs" not in page.text
    refused = story.kim.post("/admin/order/delete", {"pks": str(key), "below": "delete"})
    assert refused.status_code == 422
    with unit_of_work(story.place.database) as session:
        assert session.get(Order, key) is not None
    assert "It has records" not in text_of(story.ada.get(f"/admin/order/delete?pks={key}"))


def test_a_field_that_leads_to_an_invisible_record_stays_as_it_is(story: Story) -> None:
    view = story.place.site.find_view("stock")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(view), "visible", lambda view, context: sa.true())
        form = story.kim.get(f"/admin/stock/edit/{story.secrets}")
        assert (
            "This is a warehouse that you don't have permission to see. It won't change."
            in text_of(form)
        )
        assert story.names[0] not in form.text
        saved = edit_stock(story.kim, story.secrets, quantity="5")
        assert saved.status_code == 303, text_of(saved)
    assert story.warehouse_of(story.secrets) == story.south


def test_a_lookup_finds_only_what_is_visible(story: Story) -> None:
    found = json.loads(story.kim.get("/admin/stock/lookup/warehouse?q=").text)
    assert [one["id"] for one in found["results"]] == [str(story.north)]
