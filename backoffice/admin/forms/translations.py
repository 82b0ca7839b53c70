"""WTForms' own messages in the words and the language of the other screens.

A form whose class has this ``Meta`` asks it for each message of a field or a validator. A message
that a developer wrote is looked up as it is.
"""

import re
from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any

from wtforms.meta import DefaultMeta

from backoffice.language import N_, _, ngettext, number

_NUMBER = N_("Enter a number, such as 12.")

MESSAGES = {
    "Choices cannot be None.": N_("There is nothing to choose from."),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "Enter {min} to {max} characters."
    ),
    "Field must be equal to %(other_name)s.": N_("This differs from “{other_label}”."),
    "Invalid Choice: could not coerce.": N_("Choose one of the list."),
    "Invalid IP address.": N_("Enter an IP address, such as 192.168.0.1."),
    "Invalid Mac address.": N_("Enter a MAC address, such as 08:00:2b:01:02:03."),
    "Invalid URL.": N_("Enter an address, such as https://example.com."),
    "Invalid UUID.": N_("Enter a UUID, such as 123e4567-e89b-12d3-a456-426614174000."),
    "Invalid choice(s): one or more data inputs could not be coerced.": N_("Choose from the list."),
    "Invalid email address.": N_("Enter an e-mail address, such as ada@example.com."),
    "Invalid input.": N_("Enter a value that this field takes."),
    "Invalid value, can't be any of: %(values)s.": N_("This can't be any of: {values}."),
    "Invalid value, must be one of: %(values)s.": N_("Enter one of: {values}."),
    "Not a valid choice.": N_("Choose one of the list."),
    "Not a valid date value.": N_("Enter a date, such as 2026-03-31."),
    "Not a valid datetime value.": N_("Enter a date and time, such as 2026-03-31 14:30."),
    "Not a valid decimal value.": _NUMBER,
    "Not a valid float value.": _NUMBER,
    "Not a valid integer value.": N_("Enter a whole number, such as 12."),
    "Not a valid time value.": N_("Enter a time, such as 14:30."),
    "Not a valid week value.": N_("Enter a week, such as 2026-W14."),
    "Number must be at least %(min)s.": N_("Enter at least {min}."),
    "Number must be at most %(max)s.": N_("Enter at most {max}."),
    "Number must be between %(min)s and %(max)s.": N_("Enter a number from {min} to {max}."),
    "This field cannot be edited.": N_("This can't be changed."),
    "This field is disabled and cannot have a value.": N_("This field takes no value."),
    "This field is required.": N_("This field is required."),
}
"""Our text for each of WTForms' messages. Places are written as in all our texts."""


def _at_least(count: int) -> str:
    return ngettext(
        "Enter at least {count} character.", "Enter at least {count} characters.", count
    )


def _at_most(count: int) -> str:
    return ngettext(
        "Shorten this to {count} character.", "Shorten this to {count} characters.", count
    )


def _exactly(count: int) -> str:
    return ngettext("Enter exactly {count} character.", "Enter exactly {count} characters.", count)


def _choices(count: int) -> str:
    return ngettext(
        "“{value}” is not in the list. Choose from the list.",
        "“{value}” are not in the list. Choose from the list.",
        count,
        value="{value}",
    )


PLURALS: dict[str, Callable[[int], str]] = {
    "Field must be at least %(min)d character long.": _at_least,
    "Field cannot be longer than %(max)d character.": _at_most,
    "Field must be exactly %(max)d character long.": _exactly,
    "'%(value)s' is not a valid choice for this field.": _choices,
}
"""Our text for each of WTForms' messages about a number, by its singular."""


class Translations:
    """What WTForms asks for its messages, in the language of the request."""

    def gettext(self, message: str) -> str:
        return _with_percents(_(MESSAGES.get(message, message)))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        text = PLURALS.get(singular)
        if text is not None:
            return _with_percents(text(count))
        return ngettext(singular, plural, count, count=number(count))


class TranslatedMeta(DefaultMeta):
    """The ``Meta`` of forms that speak the language of the request."""

    def get_translations(self, form: Any) -> Any:
        own: Any = super().get_translations(form)
        return _TRANSLATIONS if own is None else own

    def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
        field: Any = super().bind_field(form, unbound_field, options)
        field.validators = [_with_its_message(validator) for validator in field.validators]
        return field


def translated(form_class: Any) -> Any:
    """A form class of a developer's own that speaks the language of the request. If its ``Meta``
    has translations, those stay."""
    return _derived(form_class)


@cache
def _derived(form_class: Any) -> Any:
    members = {"Meta": TranslatedMeta, "__doc__": form_class.__doc__}
    return type(form_class.__name__, (form_class,), members)


def _with_its_message(validator: Any) -> Any:
    """A validator whose own message, which WTForms does not translate, is in the language of the
    request. Forms share their validators, so that one is a copy."""
    message = getattr(validator, "message", None)
    if not isinstance(message, str) or (text := _(message)) == message:
        return validator
    validator = copy(validator)
    validator.message = text
    return validator


def _with_percents(text: str) -> str:
    """A text with its places as WTForms fills them in."""
    return re.sub(r"\{(\w+)\}", r"%(\1)s", text)


_TRANSLATIONS = Translations()
