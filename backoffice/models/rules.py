"""Validation of values, the same for forms, scripts and imports."""

from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.columns.text import UNSTORABLE, is_storable, too_many_characters
from backoffice.language import _, ngettext, number


class InvalidValue(ValueError):
    """A value that is not valid for its field.

    ``field``: the attribute's name. The message is a sentence for the person who typed the value.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def clean_text(field: str, value: Any, *, maximum: int | None = None) -> str:
    """``value`` without spaces around it.

    ``maximum``: the most characters; None for no limit.

    Raises:
        InvalidValue: it is not text, blank, too long, or holds what no database stores (a NUL
            byte, half of a surrogate pair).
    """
    if not isinstance(value, str):
        raise InvalidValue(field, _("Enter text."))
    text = value.strip()
    if not text:
        raise InvalidValue(field, _("This field is required."))
    if not is_storable(text):
        raise InvalidValue(field, _(UNSTORABLE))
    if maximum is not None and len(text) > maximum:
        raise InvalidValue(field, too_many_characters(maximum, len(text)))
    return text


def clean_line(field: str, value: Any, *, maximum: int) -> str:
    """``clean_text`` for text of one line, such as a name.

    Raises:
        InvalidValue: as ``clean_text``, or it holds a line break or another control character.
    """
    text = clean_text(field, value, maximum=maximum)
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise InvalidValue(field, _("Remove the line breaks and control characters."))
    return text


def clean_email(field: str, value: Any, *, maximum: int) -> str:
    """An e-mail address in lower case: two that differ only in case reach the same mailbox.

    Raises:
        InvalidValue: as ``clean_line``, or it cannot be an address.
    """
    text = clean_line(field, value, maximum=maximum).lower()
    local, at, domain = text.rpartition("@")
    if not (at and local and domain) or "@" in local or any(c.isspace() for c in text):
        raise InvalidValue(field, _("Enter an e-mail address, such as ada@example.com."))
    if len(text) > maximum:  # lower-casing lengthens a few letters (İ)
        raise InvalidValue(field, too_many_characters(maximum, len(text)))
    return text


def clean_decimal(field: str, value: Any, *, precision: int, scale: int) -> Decimal:
    """A finite decimal of at least zero, to ``scale`` places.

    Raises:
        InvalidValue: it is not a number, is negative, has too many digits (``precision``) or more
            places (``scale``): rounding would change what somebody meant.
    """
    try:
        given = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise InvalidValue(field, _not_a_number()) from None
    if not given.is_finite():
        raise InvalidValue(field, _not_a_number())
    if given < 0:
        raise InvalidValue(field, _("Enter zero or more."))
    limit = Decimal(10) ** (precision - scale)
    if given >= limit:
        raise InvalidValue(field, _("Enter less than {limit}.", limit=number(int(limit))))
    exact = given.quantize(Decimal(1).scaleb(-scale))
    if exact != given:
        message = ngettext(
            "Enter at most {count} decimal place.", "Enter at most {count} decimal places.", scale
        )
        raise InvalidValue(field, message)
    return exact


def _not_a_number() -> str:
    return _("Enter a number, such as {example}.", example=number(Decimal("12.50")))


LARGEST_INTEGER = 2**31 - 1
"""What an INTEGER column holds in PostgreSQL and MariaDB."""


def clean_count(field: str, value: Any) -> int:
    """A whole number from zero to what an INTEGER column holds.

    Raises:
        InvalidValue: it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidValue(field, _("Enter a whole number, such as 12."))
    if value < 0:
        raise InvalidValue(field, _("Enter zero or more."))
    if value > LARGEST_INTEGER:
        raise InvalidValue(field, _("Enter at most {most}.", most=number(LARGEST_INTEGER)))
    return value
