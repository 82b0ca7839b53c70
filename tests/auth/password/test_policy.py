"""What is refused as a new password, and what is not."""

import gzip
import time
from pathlib import Path

import pytest

from backoffice.auth.password.policy import OTHER_LETTERS, SHORTEST, check_password_policy
from backoffice.models import InvalidValue
from tests.auth.conftest import Door, add_user, change
from tests.cast import PASSWORD

COMMONEST = Path(__file__).with_name("commonest_passwords.txt.gz")
"""The 3,000 most frequent of ten characters and more, the first one first, from Mark Burnett's ten
million passwords (2015, in the public domain)."""

TRIED = "This password is too common. Choose another."
MADE_OF = "letters that are not part of the name"


def refusal(password: str) -> str:
    """Why Ada Lovelace may not have ``password``; "" if she may."""
    try:
        check_password_policy(
            password,
            email="ada.l@example-works.co.uk",
            names=("Ada", "Lovelace"),
            product="Back office",
        )
    except InvalidValue as error:
        return f"{error.field}: {error.message}".removeprefix("password: ")
    return ""


def test_none_of_the_three_thousand_commonest_of_that_length_is_taken() -> None:
    # ASVS 5.0, 6.2.4.
    passwords = gzip.decompress(COMMONEST.read_bytes()).decode().splitlines()
    assert len(set(passwords)) == 3000
    assert min(map(len, passwords)) == SHORTEST

    assert [one for one in passwords if not refusal(one)] == []


@pytest.mark.parametrize(
    "password",
    ["PASSWORD123", "Qwertyuiop", "  password12  ", "q1w2e3r4t5", "aaaaaaaaaaa", "changeme123"],
)
def test_case_and_spaces_around_make_no_other_password(password: str) -> None:
    assert refusal(password) == TRIED


@pytest.mark.parametrize(
    "password",
    [
        "Lovelace1815!",
        "adalovelace",
        "ADA.LOVELACE",
        "lovelace-ada-99",
        "lovelacelovelace",
        "ecalevoL 1815",
        "Lóvelàce 1815",
        "ada.l@example",
        "example-works7",
        "Ada works 2026",
        "backoffice2026",
        "B.a.c.k.o.f.f.i.c.e",
        "the Back-Office",
        "adal12345678",
    ],
)
def test_names_the_address_and_the_product_are_no_password_of_ones_own(password: str) -> None:
    assert MADE_OF in refusal(password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "four words, no digits",
        "ada likes long walks",
        "lovelace and babbage",
        "canada 1867 ottawa",
        "the backs of the offices were cold",
        "8174 6295 0317 4420",
        "!q#W5%t^Y7&u*",
        "пароль из слов",
        "x7" * 512,
    ],
)
def test_what_only_holds_a_name_is_taken(password: str) -> None:
    assert refusal(password) == ""


def test_a_short_name_forbids_nothing() -> None:
    check_password_policy("edible edges, wurst", email="ed@wu.de", names=("Ed", "Wu"), product="B")


def test_other_letters_are_counted_and_nothing_else() -> None:
    assert MADE_OF in refusal("lovelace" + "x" * (OTHER_LETTERS - 1) + "12345")
    assert refusal("lovelace" + "qwxzvk"[:OTHER_LETTERS] + "12345") == ""


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("ninechars", "Use at least 10 characters."),
        ("ninechars ", "Use at least 10 characters, not counting spaces around them."),
        ("e\u0301" * 9, "Use at least 10 characters."),
        ("half\ud800surrogate", ""),
    ],
)
def test_characters_are_counted_as_they_are_kept(password: str, sentence: str) -> None:
    assert refusal(password) == sentence


def test_the_longest_takes_no_time_to_judge() -> None:
    began = time.process_time()
    for text in ("ada" * 341, "ab" * 512, "\u0345" * 1024, "İ" * 1024):
        refusal(text)
    assert time.process_time() - began < 5


def test_an_older_password_that_would_be_refused_today_still_signs_in(door: Door) -> None:
    user = add_user(door.database, "ada@example.com", "12345678")
    change(door.database, user, first_name="Ada")

    door.enter("ada@example.com", "12345678")
