"""Security headers: browsers allow our pages nothing that they do not need."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DIRECTIVES = (
    "default-src 'none'",
    # No inline script or style anywhere, so injected markup runs nothing and hides nothing.
    "script-src 'self'",
    "style-src 'self'",
    # Tabler draws its ticks and arrows as data: pictures in its stylesheet.
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    # An injected form cannot send what is typed elsewhere, an injected <base> moves no link.
    "form-action 'self'",
    "base-uri 'none'",
    # No other site can lay our pages under its own and have them clicked.
    "frame-ancestors 'none'",
)

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", "; ".join(DIRECTIVES).encode()),
    # For browsers that do not know frame-ancestors.
    (b"x-frame-options", b"DENY"),
    # What we call a picture is never run as a script.
    (b"x-content-type-options", b"nosniff"),
    # Addresses carry searches and ids: no other site gets them. Our own gets them in full,
    # because the guard falls back on Referer; with "no-referrer", forms would say "Origin: null".
    (b"referrer-policy", b"same-origin"),
    # A window that we open, or that opened us, gets no handle on ours.
    (b"cross-origin-opener-policy", b"same-origin"),
    # No other site can embed our files or measure them.
    (b"cross-origin-resource-policy", b"same-origin"),
    # Nothing here needs these, so nothing injected gets them either.
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    # A back office is nothing for a search engine, should one ever reach its sign-in page.
    (b"x-robots-tag", b"noindex, nofollow"),
)

# Pages hold records and a CSRF token: no cache may store them, and after signing out "back" must
# show none. Static files set their own header.
NO_STORE = (b"cache-control", b"no-store")


class SecurityHeaders:
    """Adds the headers above to every response, unless it has its own.

    ``hsts_seconds``: how long a browser that came through TLS uses TLS only; 0 sends no header.
    Subdomains are not included: they may be somebody else's.
    """

    def __init__(self, app: ASGIApp, hsts_seconds: int) -> None:
        self.app = app
        self.hsts = (
            (b"strict-transport-security", f"max-age={hsts_seconds}".encode())
            if hsts_seconds
            else None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
                present = {name.lower() for name, _value in headers}
                headers += [item for item in SECURITY_HEADERS if item[0] not in present]
                if self.hsts and scope["scheme"] == "https":
                    headers.append(self.hsts)
                if b"cache-control" not in present:
                    headers.append(NO_STORE)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)
