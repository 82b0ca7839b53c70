"""What a list's address or search may get wrong."""


class InvalidCondition(Exception):
    """A filter or a search term has no meaning.

    The text says why. It completes a sentence that begins with the filter's or field's name: "takes
    a number, such as 12.50".
    """
