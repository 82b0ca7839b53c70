"""Of Tabler's stylesheet a page gets the rules that can apply to it, and no others."""

import re

import pytest

from backoffice.admin.pages.rendering import TABLER, TABLER_USED, TABLER_WHOLE
from backoffice.admin.pages.tabler import Words, used_rules

WORDS = Words.of(['<p class="btn btn-{{ kind }}" id="menu" data-open>', "classList.add('shown')"])


def kept(stylesheet: str, *needed: str) -> str:
    return used_rules(stylesheet, WORDS, needed)


@pytest.mark.parametrize(
    "rule",
    [
        ".btn{a:b}",
        ".btn-primary{a:b}",  # the end of its name is put in by the template
        "p.btn:hover::before{a:b}",
        "#menu>p{a:b}",
        "[data-open] .shown{a:b}",
        ":root{a:b}",
        "*,::after{a:b}",
        ".btn:not(.nowhere,.gone){a:b}",
        "@media (min-width:1px){.btn{a:b}}",
        '@charset "UTF-8";',
    ],
)
def test_what_a_page_can_have_stays(rule: str) -> None:
    assert kept(rule) == rule


@pytest.mark.parametrize(
    "rule",
    [
        ".card{a:b}",
        ".btn .card{a:b}",
        "#other{a:b}",
        "article{a:b}",
        "[data-bs-theme=dark] .btn{a:b}",
        "@media print{.card{a:b}}",
        "@keyframes spin{to{rotate:1turn}}",
        ".btn{}",
    ],
)
def test_what_it_cannot_have_goes(rule: str) -> None:
    assert kept(rule) == ""


def test_of_several_selectors_those_stay_that_can_match() -> None:
    assert kept(".card,.btn,.nav .btn{a:b}") == ".btn{a:b}"


def test_custom_properties_stay_if_something_depends_on_them() -> None:
    sheet = ":root{--a:1;--b:var(--a);--c:2;--d:3}.btn{width:var(--b)}"
    assert kept(sheet) == ":root{--a:1;--b:var(--a)}.btn{width:var(--b)}"
    assert "--d:3" in kept(sheet, "--d")


def test_an_animation_stays_if_something_moves_by_it() -> None:
    spin = "@keyframes spin{to{rotate:1turn}}"
    assert kept(f"{spin}.btn{{animation:spin 1s}}").startswith(spin)


def test_our_pages_get_a_quarter_of_it_and_pages_of_ones_own_the_whole() -> None:
    used, whole = (TABLER.files[name].plain.body.decode() for name in (TABLER_USED, TABLER_WHOLE))
    assert len(used) < len(whole) / 4
    assert used.count("{") == used.count("}")
    for name in (".btn-primary", ".form-control", ".form-check-input", ".visually-hidden"):
        assert re.search(rf"{re.escape(name)}[^\w-]", used), name
    assert ".carousel" not in used
    assert "Licensed under MIT" in used
