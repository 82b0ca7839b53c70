"""Our cookies: read before a request into one ``Browser``, written back after it.

There are three. All are signed, HttpOnly, SameSite=Lax and for the whole site. With
``settings.secure_cookies`` they are Secure and have a ``__Host-`` name. A browser accepts that name
from this host only, so no neighbouring subdomain can plant a cookie.

* ``backoffice``: the browser's token and nothing else. It has no end date: the database decides how
  long a sign-in lasts.
* ``backoffice-notices``: the last action's messages, until a page has shown them, for five minutes.
* ``backoffice-device``: the accounts that signed in on this browser before
  (``auth.password.devices``).
"""

import hashlib
from dataclasses import astuple
from typing import Any

from itsdangerous import BadData, Signer, TimestampSigner, URLSafeTimedSerializer
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.auth.browser import Browser, Notice, new_token
from backoffice.config import Settings
from backoffice.web.paths import is_plumbing

NOTICES_LAST = 5 * 60
DEVICE_LASTS = 180 * 24 * 60 * 60
"""Seconds."""

MOST_OF_NOTICES = 3000
"""Bytes of the notices' cookie; browsers drop a cookie above 4096."""


class Cookies:
    """Puts the ``Browser`` at ``scope["state"]["browser"]``, and sets what changed in it.

    A cookie with a wrong signature is ignored. A browser without a token gets one with its first
    page of HTML. Static files set no cookie, since caches store them. Pictures and fetches set
    none, since their cookie could replace that of a page opened at the same time.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        prefix = "__Host-" if settings.secure_cookies else ""
        self.token_name = f"{prefix}backoffice"
        self.notices_name = f"{prefix}backoffice-notices"
        self.device_name = f"{prefix}backoffice-device"
        secure = "; Secure" if settings.secure_cookies else ""
        self.attributes = f"; Path=/; HttpOnly; SameSite=Lax{secure}"
        key = settings.signing_key
        self.token_signer = Signer(key, salt="backoffice.token", digest_method=hashlib.sha256)
        self.device_signer = TimestampSigner(
            key, salt="backoffice.device", digest_method=hashlib.sha256
        )
        self.notices_signer = URLSafeTimedSerializer(
            key, salt="backoffice.notices", signer_kwargs={"digest_method": hashlib.sha256}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        browser = self._read(scope)
        scope.setdefault("state", {})["browser"] = browser
        token = browser.token

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and not is_plumbing(scope["path"]):
                headers = list(message.get("headers", ()))
                renewed = browser.token != token
                if renewed or (browser.token_is_new and _is_html(headers)):
                    headers.append(self._set(self.token_name, self._sign(browser.token)))
                if browser.device_is_new:
                    signed = self.device_signer.sign(browser.device).decode()
                    headers.append(self._set(self.device_name, signed, DEVICE_LASTS))
                headers += self._notices(browser)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_cookies)

    def _read(self, scope: Scope) -> Browser:
        cookies: dict[str, str] = {}
        for name, value in scope["headers"]:
            if name == b"cookie":
                cookies.update(cookie_parser(value.decode("latin-1")))
        token = self._token(cookies.get(self.token_name))
        device = cookies.get(self.device_name)
        notices = cookies.get(self.notices_name)
        return Browser(
            token=token or new_token(),
            token_is_new=token is None,
            device=self._device(device) if device else "",
            arrived=self._arrived(notices) if notices else (),
        )

    def _sign(self, token: str) -> str:
        return self.token_signer.sign(token).decode()

    def _token(self, value: str | None) -> str | None:
        try:
            return self.token_signer.unsign(value).decode() if value else None
        except (BadData, UnicodeError):
            return None

    def _device(self, value: str) -> str:
        try:
            return self.device_signer.unsign(value, max_age=DEVICE_LASTS).decode()
        except (BadData, UnicodeError):
            return ""

    def _arrived(self, value: str) -> tuple[Notice, ...]:
        try:
            stored: list[list[Any]] = self.notices_signer.loads(value, max_age=NOTICES_LAST)
            return tuple(Notice(*fields) for fields in stored)
        except (BadData, UnicodeError, TypeError):
            return ()

    def _notices(self, browser: Browser) -> list[tuple[bytes, bytes]]:
        """The cookie of the next page's notices; none if nothing changed."""
        shown = browser.notices_taken
        if not browser.leaving:
            return [self._set(self.notices_name, "", 0)] if shown and browser.arrived else []
        waiting = [*(() if shown else browser.arrived), *browser.leaving]
        while len(value := self._pack(waiting)) > MOST_OF_NOTICES:
            # Drop the oldest first. Keep the last action's, shortened if need be.
            waiting = waiting[1:] or [_shortened(waiting[0])]
        return [self._set(self.notices_name, value, NOTICES_LAST)]

    def _pack(self, notices: list[Notice]) -> str:
        return str(self.notices_signer.dumps([astuple(notice) for notice in notices]))

    def _set(self, name: str, value: str, max_age: int | None = None) -> tuple[bytes, bytes]:
        age = "" if max_age is None else f"; Max-Age={max_age}"
        return b"set-cookie", f"{name}={value}{self.attributes}{age}".encode("latin-1")


def _shortened(notice: Notice) -> Notice:
    """Half the text, and no link: a cut link would lead nowhere."""
    return Notice(notice.kind, notice.text[: len(notice.text) // 2].rstrip("…") + "…")


def _is_html(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/html") for name, value in headers
    )
