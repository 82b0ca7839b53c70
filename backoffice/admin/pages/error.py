"""A page that says what went wrong."""

from dataclasses import dataclass, field

from backoffice.admin.pages.parts import Link


@dataclass(frozen=True, slots=True)
class Resend:
    """What somebody typed on a page that could not be answered, to send again as it was."""

    action: str
    fields: tuple[tuple[str, str], ...]
    button: str = "Send again"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page for what went wrong: 403, 404, 409, 413, 422, 500, 503 and others.

    ``reference``: the request's id, for whoever reads the log; "" where it does not help.
    """

    status: int
    heading: str
    text: str
    links: tuple[Link, ...] = ()
    reference: str = ""
    resend: Resend | None = None
    details: tuple[str, ...] = field(default=())
