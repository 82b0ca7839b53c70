"""The sign-in form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in form: fields ``username``, ``password``, ``next``, ``csrf_token``.

    ``wait_seconds``: how long until the next try, None while there is no wait. ``hidden``: fields
    sent along unchanged, such as what was typed on a page whose session ended. ``message``: why
    the form is here, "" where nobody needs telling.
    """

    action: str
    next: str = ""
    username: str = ""
    error: str = ""
    wait_seconds: int | None = None
    hidden: tuple[tuple[str, str], ...] = ()
    message: str = ""
