"""The browser that sent a request: its token and its notices, at ``request.state.browser``.

``web.middleware.cookies`` reads it from the cookies before a request and writes it back after.
"""

import secrets
from dataclasses import dataclass, field
from typing import Literal

NoticeKind = Literal["success", "info", "warning", "error"]

UndoButton = Literal["", "undo", "redo"]
"""The button of a notice, by what it does to a change: "redo" undoes an undo; "" for none."""


def new_token() -> str:
    """256 random bits as text for a cookie."""
    return secrets.token_urlsafe(32)


def saved_record(identity: str, key: str) -> str:
    """A record in a notice: the identity of its view and its key."""
    return f"{identity}:{key}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for the next page. ``link``: the text of a link to ``href``; "" for none.

    ``saved``: the record that it is about, as ``saved_record`` writes it; "" for none.
    ``button``: a button in place of the link, which posts to ``href``, the undo of a change.
    """

    kind: NoticeKind
    text: str
    link: str = ""
    href: str = ""
    saved: str = ""
    button: UndoButton = ""


@dataclass(slots=True)
class Browser:
    """A browser. Its sign-in session and its CSRF token are found by its random ``token``.

    ``arrived``: the notices that the request brought. A page that shows them calls
    ``take_notices``, which empties the cookie. ``leaving``: the notices for the next page.
    """

    token: str
    device: str = ""
    arrived: tuple[Notice, ...] = ()
    leaving: list[Notice] = field(default_factory=list)
    notices_taken: bool = False
    token_is_new: bool = False
    device_is_new: bool = False

    def renew_token(self, token: str | None = None) -> str:
        """Take a new token, at sign-in and sign-out; the response sets its cookie.

        ``token``: from ``new_token``, if its session exists already.
        """
        self.token = token or new_token()
        self.token_is_new = True
        return self.token

    def set_device(self, device: str) -> None:
        """Remember that this browser signed in before (``auth.password.devices``)."""
        self.device = device
        self.device_is_new = True

    def notify(
        self,
        kind: NoticeKind,
        text: str,
        *,
        link: str = "",
        href: str = "",
        saved: str = "",
        button: UndoButton = "",
    ) -> None:
        """Show the person a message on the next page. The parameters are those of ``Notice``."""
        self.leaving.append(Notice(kind, text, link, href, saved, button))

    def saved_key(self, identity: str) -> str:
        """The key of the record of that view that was just saved, as text; "" if none was. The
        list marks its row."""
        for notice in reversed(self.arrived):
            view, _, key = notice.saved.partition(":")
            if key and view == identity:
                return key
        return ""

    def take_notices(self) -> tuple[Notice, ...]:
        """The notices to show now; they are shown once."""
        self.notices_taken = True
        return self.arrived
