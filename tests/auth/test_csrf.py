"""The token in every form."""

import pytest

from backoffice.auth.csrf import csrf_token, csrf_token_fits
from tests.databases import make_settings

SETTINGS = make_settings("sqlite://")


def test_a_token_fits_its_own_browser() -> None:
    assert csrf_token_fits(SETTINGS, "browser", csrf_token(SETTINGS, "browser"))


def test_a_token_fits_no_other_browser_and_no_other_key() -> None:
    other = make_settings("sqlite://", secret_key="another-0123456789-abcdefghijklmnopqrstuvwxyz")
    assert not csrf_token_fits(SETTINGS, "other", csrf_token(SETTINGS, "browser"))
    assert not csrf_token_fits(other, "browser", csrf_token(SETTINGS, "browser"))


@pytest.mark.parametrize("given", ["", "x", "ü", "\ud800", "\0", "browser"])
def test_anything_else_does_not_fit(given: str) -> None:
    assert not csrf_token_fits(SETTINGS, "browser", given)


def test_it_does_not_give_the_browsers_token_away() -> None:
    assert "browser" not in csrf_token(SETTINGS, "browser")
