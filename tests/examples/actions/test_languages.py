"""The examples' texts are marked for translation, and every screen translates them."""

from collections.abc import Callable

import pytest

from backoffice.config import Settings
from backoffice.db import Database
from tests.cast import Browser, add_items, text_of


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(languages=("en", "qps-ploc"))


@pytest.mark.parametrize("path", ["list", "details/1", "edit/1"])
def test_the_buttons_of_actions_are_in_the_language_of_the_request(
    ada: Browser, database: Database, path: str
) -> None:
    add_items(database, 1)
    ada.client.headers["Accept-Language"] = "qps-ploc"
    told = text_of(ada.get(f"/admin/item/{path}"))
    assert "⟦Réstóçk" in told
    assert "Restock" not in told
