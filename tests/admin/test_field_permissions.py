"""The question which fields a person may see, as it is answered."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from backoffice.admin.field_access import guards_of
from backoffice.admin.field_permissions import reads_hidden_field
from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.filters import CustomFilter, FilterContext
from backoffice.admin.view import OptionFilter, RecordView
from backoffice.db import Database
from backoffice.db.queries.statement_cache import StatementCache
from backoffice.models import Category, Item
from backoffice.views import CategoryView
from tests.cast import Browser, add_items, text_of

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def views(app: Starlette) -> dict[str, RecordView]:
    return {view.identity: view for view in app.state.site.record_views}


def guards(views: dict[str, RecordView], identity: str) -> dict[str, list[str]]:
    found = guards_of(list(views.values()), views[identity])
    return {name: [guard.identity for guard in some] for name, some in found.items()}


def test_what_leads_to_others_takes_leave_to_list_them(views: dict[str, RecordView]) -> None:
    assert guards(views, "item") == {"category": ["category"], "category_id": ["category"]}
    # The same fact from its other end: which items belong to a category.
    assert guards(views, "category") == {"items": ["item", "category"]}


def test_a_persons_roles_are_part_of_the_person(views: dict[str, RecordView]) -> None:
    assert guards(views, "user") == {}


@pytest.mark.parametrize(
    ("hidden", "shows"),
    [({"price"}, True), ({"quantity", "category"}, True), ({"category", "category_id"}, False),
     (set(), False)],
)  # fmt: skip
def test_a_total_of_what_is_hidden_is_known(
    views: dict[str, RecordView], hidden: set[str], shows: bool
) -> None:
    total = Item.price * Item.quantity

    context: Any = SimpleNamespace(
        site=SimpleNamespace(record_views=list(views.values()), cache=StatementCache()),
        person=SimpleNamespace(grants=frozenset()),
        hidden=lambda view: frozenset(hidden) if view is views["item"] else frozenset(),
        once=lambda key, make: make(),
    )
    assert reads_hidden_field(context, total) is shows


def test_a_choice_that_uses_a_hidden_field_is_refused_even_if_the_view_offers_it(
    views: dict[str, RecordView],
) -> None:
    cheap = OptionFilter(
        "cost",
        "Cost",
        lambda context: [("low", "Low")],
        lambda view, value, context: Item.price < 5,
        offers=lambda context, value: True,
    )
    found = CustomFilter(views["item"], cheap)
    for hidden in ({"price"}, {"quantity"}):
        viewer: Any = SimpleNamespace(
            site=SimpleNamespace(record_views=list(views.values()), cache=StatementCache()),
            person=SimpleNamespace(grants=frozenset()),
            hidden=lambda view, hidden=hidden: frozenset(hidden if view is views["item"] else ()),
            once=lambda key, make: make(),
        )
        context = FilterContext(datetime.now(UTC), viewer)
        if hidden == {"quantity"}:
            assert found.options(context) == (("low", "Low"),)
            found.choice_condition("low", context)
            continue
        assert found.options(context) == ()
        with pytest.raises(InvalidCondition, match="have permission for"):
            found.choice_condition("low", context)


def test_records_that_somebody_may_not_see_at_all_narrow_no_list(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 4, ["Bolts", "Secrets"])
    found = ("category=2", "search=category:secrets", "search=secrets")
    for query in found:
        assert "Item 0001" in text_of(ada.get(f"/admin/item/list?{query}")), query

    monkeypatch.setattr(CategoryView, "visible", lambda view, context: Category.name != "Secrets")

    for query in found:
        assert "Item 0001" not in text_of(ada.get(f"/admin/item/list?{query}")), query
    assert "Item 0000" in text_of(ada.get("/admin/item/list?category=1"))
