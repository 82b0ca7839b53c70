"""The token in every form."""

import pytest

from backoffice.auth.csrf import csrf_token, csrf_token_fits
from backoffice.auth.digests import keyed_digest
from tests.databases import make_settings

SETTINGS = make_settings("sqlite://")


def test_a_token_fits_its_own_browser() -> None:
    assert csrf_token_fits(SETTINGS, "browser", csrf_token(SETTINGS, "browser"))


def test_a_token_fits_no_other_browser_and_no_other_key() -> None:
    other = make_settings("sqlite://", secret_key="another-0123456789-abcdefghijklmnopqrstuvwxyz")
    assert not csrf_token_fits(SETTINGS, "other", csrf_token(SETTINGS, "browser"))
    assert not csrf_token_fits(other, "browser", csrf_token(SETTINGS, "browser"))


def test_each_page_has_it_under_another_mask_and_all_of_them_fit() -> None:
    tokens = [csrf_token(SETTINGS, "browser") for _ in range(100)]

    assert all(csrf_token_fits(SETTINGS, "browser", token) for token in tokens)
    # Nothing that they have in common, for compression to find: each place holds many letters.
    for place in range(len(tokens[0]) - 1):  # the last letter holds two bits only
        assert len({token[place] for token in tokens}) > 20


def test_a_form_that_was_opened_before_tokens_were_masked_is_still_good() -> None:
    plain = keyed_digest(SETTINGS, "csrf", "browser")

    assert csrf_token_fits(SETTINGS, "browser", plain)
    assert not csrf_token_fits(SETTINGS, "other", plain)


def test_a_token_with_one_letter_changed_does_not_fit() -> None:
    token = csrf_token(SETTINGS, "browser")
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "_"
        changed = token[:place] + other + token[place + 1 :]
        # The last letter has bits to spare, which nobody reads.
        if place < len(token) - 1:
            assert not csrf_token_fits(SETTINGS, "browser", changed)


@pytest.mark.parametrize(
    "given",
    ["", "x", "ü", "\ud800", "\0", "browser", "=" * 86, "A" * 86, "A" * 85, "A" * 88, "ü" * 64,
     "g" * 64, "0" * 64, "\ud800" * 86, "A" * 100_000],
)  # fmt: skip
def test_anything_else_does_not_fit(given: str) -> None:
    assert not csrf_token_fits(SETTINGS, "browser", given)


def test_it_does_not_give_the_browsers_token_away() -> None:
    assert "browser" not in csrf_token(SETTINGS, "browser")
    assert keyed_digest(SETTINGS, "csrf", "browser") not in csrf_token(SETTINGS, "browser")
