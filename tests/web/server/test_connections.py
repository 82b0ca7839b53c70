"""How many connections there may be, who is let go for others, and who is never refused."""

import logging
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import pytest

from backoffice.config import Settings
from backoffice.web.server.connections import Connections, RefusalLog
from backoffice.web.server.limits import Limits, raise_open_files
from tests.web.raw_server import Client, Echo, Served, request, serving, statuses, until

LIMITS = Limits(header_seconds=30, connections=4, per_address=0, spare=3, spare_seconds=30)
PER_ADDRESS = replace(LIMITS, connections=100, per_address=3)
HALF = b"GET / HTTP/1.1\r\n"


def fill(stack: ExitStack, server: Served, number: int) -> list[Client]:
    """So many connections in the middle of a header."""
    there = server.number
    clients = [stack.enter_context(server.connect()) for _ in range(number)]
    for client in clients:
        client.send(HALF)
    until(lambda: server.number == there + number and not server.idle)
    return clients


def ask(server: Served, what: bytes) -> bytes:
    with server.connect() as client:
        return client.send(what).until_closed()


@pytest.mark.parametrize("limits", [LIMITS, PER_ADDRESS], ids=["in all", "of an address"])
def test_one_too_many_is_refused_and_the_health_check_is_not(limits: Limits) -> None:
    most = limits.per_address or limits.connections
    with serving(Echo(), limits) as server, ExitStack() as stack:
        busy = fill(stack, server, most)
        for _ in range(2 * limits.spare):
            received = ask(server, request("/"))
            assert statuses(received) == [503]
            assert b"retry-after: 5\r\n" in received
            assert b"connection: close\r\n" in received
            for method, path in (("GET", "/healthz"), ("HEAD", "/healthz"), ("GET", "/healthz?a")):
                received = ask(server, request(path, method=method))
                assert statuses(received) == [200]
                assert b"connection: close\r\n" in received
        for other in (request("/healthz", method="POST", body=b"a"), request("/healthz/"), LONG):
            assert statuses(ask(server, other)) == [503]
        assert server.number == most
        for client in busy:  # those that were there first are none the worse
            assert client.send(b"\r\n").answer() == b"GET / 0"


LONG = request("/healthz", "X: " + "x" * 8192)


def test_silent_connections_do_not_keep_the_health_check_out() -> None:
    with serving(Echo(), LIMITS) as server, ExitStack() as stack:
        fill(stack, server, LIMITS.connections)
        silent = [stack.enter_context(server.connect()) for _ in range(LIMITS.spare)]
        assert statuses(ask(server, request("/healthz"))) == [200]
        # The one that had waited longest made room.
        assert statuses(silent[0].until_closed()) == [503]


def test_one_too_many_has_little_time() -> None:
    with serving(Echo(), replace(LIMITS, spare_seconds=0.2)) as server, ExitStack() as stack:
        fill(stack, server, LIMITS.connections)
        assert statuses(ask(server, HALF)) == [503]


def test_the_connection_that_was_idle_longest_makes_room() -> None:
    with serving(Echo(), LIMITS) as server, ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(LIMITS.connections)]
        for client in (clients[1], clients[0], clients[2]):
            client.send(request("/")).answer()
        clients[3].send(HALF)
        until(lambda: server.idle == 3)
        for left, gone in ((2, clients[1]), (1, clients[0]), (0, clients[2])):
            new = stack.enter_context(server.connect())
            assert new.send(request("/")).answer() == b"GET / 0"
            new.send(HALF)
            until(lambda left=left: server.idle == left)  # type: ignore[misc]  # a default binds it
            assert gone.until_closed() == b""
        assert statuses(ask(server, request("/"))) == [503]
        assert clients[3].send(b"\r\n").answer() == b"GET / 0"


def test_connections_that_have_said_nothing_make_room_as_well() -> None:
    with serving(Echo(), LIMITS) as server, ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(server.connect())
        assert statuses(ask(server, request("/", "Connection: close"))) == [200]
        assert server.number <= LIMITS.connections


@pytest.mark.parametrize("trusted", [("127.0.0.0/8",), ("127.0.0.1", "::1"), ("*",)])
def test_a_proxy_may_have_as_many_as_it_likes(trusted: tuple[str, ...]) -> None:
    with serving(Echo(), PER_ADDRESS, trusted) as server, ExitStack() as stack:
        fill(stack, server, 5 * PER_ADDRESS.per_address)
        assert statuses(ask(server, request("/", "Connection: close"))) == [200]


def test_closed_connections_are_no_longer_counted() -> None:
    with serving(Echo(), PER_ADDRESS) as server:
        for _ in range(3):
            with ExitStack() as stack:
                fill(stack, server, PER_ADDRESS.per_address)
            until(lambda: server.number == 0)


# Without a socket ---------------------------------------------------------------------------


@dataclass(eq=False)
class Stub:
    """What is counted, and what it was told."""

    told: list[str] = field(default_factory=list)

    def close_idle(self) -> None:
        self.told.append("leave")

    def refuse_as_spare(self) -> None:
        self.told.append("turn away")


@pytest.mark.parametrize(
    ("peer", "same", "other"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.10"),
        ("203.0.113.9", "::ffff:203.0.113.9", "::ffff:203.0.113.10"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("::", "::1", "0.0.0.1"),
        ("fe80::1%eth0", "fe80::2", "fe81::1"),
    ],
)
def test_an_ipv6_address_counts_by_its_64(peer: str, same: str, other: str) -> None:
    counted = Connections(replace(LIMITS, connections=100, per_address=1), ())
    first = Stub()
    assert counted.admit(first, peer)
    counted.busy(first)
    assert counted.admit(Stub(), other)
    assert not counted.admit(Stub(), same)


def test_the_limit_of_an_address_closes_that_addresses_idle_one() -> None:
    counted = Connections(replace(LIMITS, connections=100, per_address=1), ())
    elsewhere, idle = Stub(), Stub()
    assert counted.admit(elsewhere, "203.0.113.1")
    assert counted.admit(idle, "203.0.113.9")
    assert counted.admit(Stub(), "203.0.113.9")
    assert (elsewhere.told, idle.told) == ([], ["leave"])
    assert len(counted) == 2


def test_clients_without_an_address_count_only_in_total() -> None:
    counted = Connections(replace(LIMITS, per_address=1), ())
    stubs = [Stub() for _ in range(5)]
    for stub in stubs[:4]:
        assert counted.admit(stub, None)
        counted.busy(stub)
    assert not counted.admit(stubs[4], None)


def test_a_flood_of_refusals_is_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    log = RefusalLog(seconds=10, clock=lambda: now)
    with caplog.at_level(logging.INFO, "backoffice.connections"):
        for _ in range(1000):
            log.record("header-too-large", "203.0.113.9")
        log.record("header-too-slow", "203.0.113.9")
        now = 110.0
        log.record("header-too-large", "2001:db8::1")
    assert [record.getMessage() for record in caplog.records] == [
        "event=header-too-large address=203.0.113.9",
        "event=header-too-slow address=203.0.113.9",
        "event=header-too-large address=2001:db8::1 more=999",
    ]


# What the settings say ----------------------------------------------------------------------


def test_the_settings_name_the_numbers() -> None:
    limits = Limits.from_settings(Settings(max_connections=40, max_connections_per_address=7))
    assert (limits.connections, limits.per_address) == (40, 7)
    assert Limits.from_settings(Settings()) == Limits(connections=1000, per_address=50)
    assert (limits.header_bytes, limits.header_seconds) == (64 * 1024, 10)


def test_there_are_no_more_connections_than_files_can_be_open(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not with a limit of our own: what a process has given away it does not get back.
    monkeypatch.setattr("backoffice.web.server.limits.raise_open_files", lambda needed: 1024)
    with caplog.at_level(logging.WARNING, "backoffice.connections"):
        assert Limits.from_settings(Settings()).connections == 1024 - 64 - 256
    assert "event=few-open-files connections=704 asked=1000" in caplog.text


def test_a_process_may_open_as_many_files_as_it_is_going_to_need() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        assert raise_open_files(600) >= 600
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 600
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_client_that_resets_is_forgotten() -> None:
    with serving(Echo(), LIMITS) as server:
        with server.connect() as client:
            client.send(HALF)
            until(lambda: server.number == 1)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        until(lambda: server.number == 0)
