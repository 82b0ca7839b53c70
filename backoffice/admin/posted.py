"""Reading a posted form."""

from starlette.datastructures import FormData


def posted_text(form: FormData, name: str, default: str = "") -> str:
    """The text of a posted field; ``default`` where it was not posted, "" if it is a file."""
    value = form.get(name, default)
    return value if isinstance(value, str) else ""
