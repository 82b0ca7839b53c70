"""The sign-in form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in form with the fields ``username``, ``password``, ``next`` and ``csrf_token``.

    ``wait_seconds``: the time until the next attempt, None for no wait; ``wait_text`` says it.
    ``hidden``: fields posted
    unchanged, such as a form that was posted after its session ended. ``message``: why the person
    has to sign in again, "" for no reason.
    """

    action: str
    next: str = ""
    username: str = ""
    error: str = ""
    wait_seconds: int | None = None
    wait_text: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    message: str = ""
