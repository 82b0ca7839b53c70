"""What is kept of a password, and what is refused."""

import threading
import time

import pytest
from passlib.hash import argon2

from backoffice.auth.password import hashing
from backoffice.auth.password.hashing import hash_password, needs_rehash, verify_password
from backoffice.auth.password.policy import check_password_policy
from backoffice.models import InvalidValue
from backoffice.models.user import UNUSABLE_PASSWORD

pytestmark = pytest.mark.usefixtures("real_passwords")


def test_a_password_fits_its_own_hash_and_no_other() -> None:
    stored = hash_password("correct horse")
    assert verify_password("correct horse", stored)
    assert not verify_password("correct Horse", stored)


def test_a_hash_is_argon2id_with_the_recommended_parameters() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(stored) <= 255


def test_the_same_password_has_two_hashes() -> None:
    assert hash_password("correct horse") != hash_password("correct horse")


@pytest.mark.parametrize(
    "stored",
    [None, UNUSABLE_PASSWORD, "", "garbage", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$x$y"],
)
def test_what_no_password_can_match_costs_one_verification_and_is_refused(
    stored: str | None, verifications: list[str]
) -> None:
    assert not verify_password("anything", stored)
    assert hashing._DUMMY_HASH in verifications
    assert len([one for one in verifications if one == hashing._DUMMY_HASH]) == 1


def test_nobody_signs_in_with_the_password_of_the_dummy_hash() -> None:
    assert not verify_password("a" * 12, None)


def test_a_hash_of_another_kind_is_unusable() -> None:
    argon2i = argon2.using(type="I", memory_cost=64, time_cost=1).hash("password of old")
    assert not verify_password("password of old", argon2i)


@pytest.mark.parametrize("password", ["", "nul\0byte", "\ud800", "ß" * 1024, "x" * 1025])
def test_any_text_can_be_tried(password: str, verifications: list[str]) -> None:
    assert not verify_password(password, hash_password("correct horse"))
    assert len(verifications) == 1


def test_a_password_over_the_limit_fits_nothing_even_by_its_beginning() -> None:
    stored = hash_password("x" * 1024)
    assert verify_password("x" * 1024, stored)
    assert not verify_password("x" * 1025, stored)


def test_the_same_letters_from_another_keyboard_fit() -> None:
    assert verify_password("cafe\u0301 au lait", hash_password("caf\u00e9 au lait"))


@pytest.mark.parametrize(
    ("stored", "weak"),
    [
        ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", False),
        ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", False),
        ("$argon2id$v=19$m=9216,t=4,p=1$c2FsdA$aGFzaA", True),
        ("$argon2id$v=19$m=19456,t=1,p=1$c2FsdA$aGFzaA", True),
        ("$argon2id$v=16$m=19456,t=2,p=1$c2FsdA$aGFzaA", True),
        ("!", True),
    ],
)
def test_only_a_hash_with_weaker_parameters_is_replaced(stored: str, weak: bool) -> None:
    assert needs_rehash(stored) is weak


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("seven77", "Use at least 10 characters."),
        ("x" * 1025, "Use at most 1,024 characters."),
        ("eighteen\0888", "Remove the NUL character."),
        ("Password12", "This password is too common. Choose another."),
        ("aaaaaaaaaa", "This password is too common. Choose another."),
        ("Ada@Example.com", "Choose one that is not your e-mail address."),
        ("ada", "Use at least 10 characters."),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password: str, sentence: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_password_policy(password, email="ada@example.com")
    assert (refused.value.field, refused.value.message) == ("password", sentence)


def test_a_long_phrase_is_accepted() -> None:
    check_password_policy("four words, no digits", email="ada@example.com")
    check_password_policy("x7" * 512)


def test_hashes_are_computed_a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(password: str, stored_hash: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr(hashing, "_verify", slow)
    threads = [threading.Thread(target=verify_password, args=("x", None)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == hashing.AT_ONCE
