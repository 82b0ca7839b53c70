"""The page for an error."""

from dataclasses import dataclass, field

from backoffice.admin.pages.parts import Link


@dataclass(frozen=True, slots=True)
class Resend:
    """A form that could not be saved, to be posted again as it was typed."""

    action: str
    fields: tuple[tuple[str, str], ...]
    button: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The page for an error: 403, 404, 409, 413, 422, 500, 503 and others.

    ``reference``: the request's id, which finds the error in the log; "" if that does not help.
    """

    status: int
    heading: str
    text: str
    links: tuple[Link, ...] = ()
    reference: str = ""
    resend: Resend | None = None
    details: tuple[str, ...] = field(default=())
