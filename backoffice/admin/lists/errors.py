"""What a list's address or search may get wrong."""

from backoffice.admin.lists.search import shortened
from backoffice.language import _


class InvalidCondition(Exception):
    """A filter or a search term has no meaning.

    The text says why, without a full stop: "“abc” is not a number". What was ignored follows it.
    """


def no_choice(text: str) -> InvalidCondition:
    """The error for a value that is none of a filter's choices."""
    return InvalidCondition(_("There is no choice “{text}”", text=shortened(text)))
