"""Whose address a request has, and who may say so."""

import anyio
import pytest
from starlette.requests import Request, empty_send
from starlette.types import Receive, Scope, Send

from backoffice.web.middleware.proxies import Proxies

MALLORY = "203.0.113.66"
ROUTER = "10.1.2.3"


def seen_through(
    trusted: tuple[str, ...], peer: str | None, **headers: str | list[str]
) -> tuple[str | None, str, bool]:
    """The client's address and the scheme that an application sees, and whether it has a proxy."""
    seen: list[tuple[str | None, str, bool]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        client = scope["client"]
        seen.append((client and client[0], scope["scheme"], scope["state"]["from_proxy"]))

    raw = [
        (name.replace("_", "-").encode(), value.encode())
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    scope: Scope = {
        "type": "http",
        "scheme": "http",
        "client": peer and (peer, 1),
        "headers": raw,
    }

    async def ask() -> None:
        await Proxies(app, trusted)(scope, Request(scope).receive, empty_send)

    anyio.run(ask)
    return seen[0]


def client_through(trusted: tuple[str, ...], peer: str | None, *forwarded_for: str) -> str | None:
    return seen_through(trusted, peer, x_forwarded_for=list(forwarded_for))[0]


def test_behind_the_platforms_router_a_forged_first_entry_is_not_believed() -> None:
    assert client_through(("*",), ROUTER, f"192.0.2.1, {MALLORY}") == MALLORY
    assert client_through(("*",), ROUTER, "192.0.2.1", MALLORY) == MALLORY
    assert client_through(("*",), ROUTER, f"127.0.0.1, ::1, {MALLORY}") == MALLORY


def test_a_stranger_who_connects_directly_is_not_believed_at_all() -> None:
    seen = seen_through(
        ("127.0.0.1", "10.0.0.0/8"), MALLORY, x_forwarded_for="192.0.2.1", x_forwarded_proto="https"
    )
    assert seen == (MALLORY, "http", False)


def test_a_trusted_proxy_is_believed() -> None:
    seen = seen_through(
        ("127.0.0.1",), "127.0.0.1", x_forwarded_for=MALLORY, x_forwarded_proto="https"
    )
    assert seen == (MALLORY, "https", True)


def test_the_client_is_the_last_entry_that_no_trusted_proxy_added() -> None:
    trusted = ("127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48")
    chain = f"192.0.2.1, {MALLORY}, 10.9.9.9, 2001:db8:ffff::1"
    assert client_through(trusted, ROUTER, chain) == MALLORY


def test_where_all_are_trusted_it_is_the_first() -> None:
    assert client_through(("10.0.0.0/8",), ROUTER, "10.0.0.1, 10.0.0.2") == "10.0.0.1"


@pytest.mark.parametrize("garbage", ["unknown", "_hidden", "x" * 5000, "", " ", "1.2.3", "[", "é"])
def test_garbage_is_never_stepped_over(garbage: str) -> None:
    assert client_through(("*",), ROUTER, f"192.0.2.1, {garbage}") == ROUTER
    assert client_through(("10.0.0.0/8",), ROUTER, f"192.0.2.1, {garbage}, 10.0.0.9") == "10.0.0.9"


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_entry_is_read_as_proxies_write_it(entry: str, address: str) -> None:
    assert client_through(("*",), ROUTER, entry) == address


def test_a_peer_in_ipv6_clothes_is_the_same_peer() -> None:
    assert client_through(("127.0.0.1",), "::ffff:127.0.0.1", MALLORY) == MALLORY


def test_a_socket_without_an_address_is_trusted_only_where_anyone_is() -> None:
    assert client_through(("127.0.0.1",), None, MALLORY) is None
    assert client_through(("*",), None, MALLORY) == MALLORY


@pytest.mark.parametrize(
    ("said", "scheme"),
    [
        ("https", "https"),
        ("http", "http"),
        ("https, http", "http"),
        ("HTTPS", "https"),
        ("javascript", "http"),
        ("", "http"),
    ],
)
def test_the_scheme_is_the_nearest_proxys_word(said: str, scheme: str) -> None:
    assert seen_through(("*",), ROUTER, x_forwarded_proto=said)[1] == scheme


def test_without_the_headers_nothing_changes() -> None:
    assert seen_through(("*",), ROUTER) == (ROUTER, "http", True)
