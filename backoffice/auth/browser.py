"""One browser as this request sees it: its token, its notices.

``web.middleware.cookies`` reads it from the cookies before a request and writes it back after,
under ``request.state.browser``; everything between uses only this object.
"""

import secrets
from dataclasses import dataclass, field
from typing import Literal

NoticeKind = Literal["success", "info", "warning", "error"]


def new_token() -> str:
    """256 random bits, as text that a cookie carries."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Notice:
    """What an act did, told on the next page. ``href`` with ``link`` leads on; "" for none."""

    kind: NoticeKind
    text: str
    link: str = ""
    href: str = ""


@dataclass(slots=True)
class Browser:
    """``token``: random, of this browser, the key of its sign-in session and of its CSRF token.

    ``arrived``: notices the request brought; ``leaving``: those for the next page. A page that
    shows the arrived ones calls ``take_notices``, and the cookie is emptied.
    """

    token: str
    device: str = ""
    arrived: tuple[Notice, ...] = ()
    leaving: list[Notice] = field(default_factory=list)
    notices_taken: bool = False
    token_is_new: bool = False
    device_is_new: bool = False

    def renew_token(self, token: str | None = None) -> str:
        """Take a new token, as at sign-in and sign-out; the response sets its cookie.

        ``token``: from ``new_token``, where its session was made first.
        """
        self.token = token or new_token()
        self.token_is_new = True
        return self.token

    def set_device(self, device: str) -> None:
        """Remember that this browser signed in before (see ``auth.throttle``)."""
        self.device = device
        self.device_is_new = True

    def notify(self, kind: NoticeKind, text: str, *, link: str = "", href: str = "") -> None:
        """Tell the person something on the next page they see."""
        self.leaving.append(Notice(kind, text, link, href))

    def take_notices(self) -> tuple[Notice, ...]:
        """The notices to show now; they are shown once."""
        self.notices_taken = True
        return self.arrived
