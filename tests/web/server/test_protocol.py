"""What a client may cost by what it sends, leaves out, and does not read."""

import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from backoffice.web.server.limits import Limits
from backoffice.web.server.protocol import bounded_protocol
from tests.web.raw_server import BIG, PATIENCE, Echo, Served, request, serving, statuses, until

LIMITS = Limits(header_bytes=8192, rest_bytes=1_000_000)
HASTY = replace(
    LIMITS, header_seconds=0.3, rest_seconds=0.3, farewell_seconds=0.3, write_seconds=0.3
)
LAST = request("/last", "Connection: close")


@pytest.fixture(scope="module")
def echo() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def server(echo: Echo) -> Iterator[Served]:
    with serving(echo, LIMITS) as served:
        yield served


@pytest.fixture(scope="module")
def hasty(echo: Echo) -> Iterator[Served]:
    """For what is about time; a machine that is busy must not fail the others."""
    with serving(echo, HASTY) as served:
        yield served


# Headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nCookie: ",
        b"GET / HTTP/1.1\r\nX",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1300,
        b"\r\n" * 3000,
    ],
    ids=["address", "value", "name", "lines", "empty lines"],
)
def test_an_endless_header_is_refused_at_the_limit(
    server: Served, echo: Echo, beginning: bytes
) -> None:
    seen = len(echo.scopes)
    with server.connect() as client:
        client.send(beginning, *[b"a" * 65_536] * 20)
        received = client.until_closed()
    assert statuses(received) == [431]
    assert b"connection: close\r\n" in received
    assert b"cache-control: no-store\r\n" in received
    assert len(echo.scopes) == seen


def header_of(length: int, *, close: bool = False) -> bytes:
    """A whole request without a body, so many bytes long."""
    last = ("Connection: close",) if close else ()
    return request("/", *last, "X: " + "x" * (length - len(request("/", *last, "X: "))))


def test_the_limit_is_inclusive_and_starts_again_for_each_request(server: Served) -> None:
    with server.connect() as client:
        for _ in range(3):
            assert client.send(header_of(8192)).answer() == b"GET / 0"
        client.send(header_of(8193))
        assert statuses(client.until_closed()) == [431]


def test_the_limit_holds_for_one_that_comes_in_pieces(server: Served) -> None:
    whole = header_of(8193)
    with server.connect() as client:
        client.send(whole[:4000], whole[4000:8000], whole[8000:], pause=0.01)
        assert statuses(client.until_closed()) == [431]


@pytest.mark.parametrize("before", [b"", request("/first")], ids=["first", "second"])
def test_a_header_that_stays_half_sent_ends_in_its_time(hasty: Served, before: bytes) -> None:
    with hasty.connect() as client:
        if before:
            client.send(before).answer()
        client.send(request("/")[:-2])
        received = client.until_closed()
    assert statuses(received) == [408]
    assert b"connection: close\r\n" in received


def test_a_byte_now_and_then_wins_no_time(hasty: Served, echo: Echo) -> None:
    seen = len(echo.scopes)
    with hasty.connect() as client:
        pieces = [bytes([byte]) for byte in request("/", *["A: b"] * 30)]
        client.send(*pieces, pause=0.02)  # 4 s of bytes, had the server waited for them
        client.until_closed()
    assert len(echo.scopes) == seen
    assert statuses(client.received) in ([408], [])  # lost where bytes were still on their way


def test_who_says_nothing_is_let_go_without_a_word(hasty: Served) -> None:
    with hasty.connect() as client:
        assert client.until_closed() == b""


def test_a_stray_line_end_keeps_no_connection_open(echo: Echo) -> None:
    with serving(echo, HASTY, keep_alive=0.3) as server, server.connect() as client:
        client.send(request("/", method="POST", body=b"a=b")).answer()
        client.send(b"\r\n")
        client.until_closed()


def test_each_line_reaches_the_parser_once_whatever_pieces_it_comes_in(echo: Echo) -> None:
    fed: list[bytes] = []

    class Recording(bounded_protocol(LIMITS)):  # type: ignore[misc]  # made by a function
        def _feed(self, data: bytes) -> None:
            fed.append(data)
            super()._feed(data)

    whole = request("/", "Connection: close", *(f"X-{number}: value" for number in range(20)))
    with serving(echo, LIMITS, protocol=Recording) as server, server.connect() as client:
        client.send(*(bytes([byte]) for byte in whole))
        assert statuses(client.until_closed()) == [200]
    assert b"".join(fed) == whole
    assert len(fed) <= whole.count(b"\n")


def test_what_is_no_http_is_refused_at_its_first_byte(server: Served) -> None:
    with server.connect() as client:
        assert statuses(client.send(b"\x16\x03\x01\x02").until_closed()) == [400]


# Several requests ---------------------------------------------------------------------------


def test_requests_sent_ahead_are_answered_in_their_order(server: Served) -> None:
    with server.connect() as client:
        client.send(
            request("/wait") + request("/2", method="POST", body=b"GET / HTTP/1.1\r\n\r\n") + LAST
        )
        received = client.until_closed()
    assert statuses(received) == [200, 200, 200]
    assert [received.find(text) > 0 for text in (b"GET /wait 0", b"POST /2 18", b"GET /last 0")]
    assert received.find(b"/wait") < received.find(b"/2") < received.find(b"/last")


@pytest.mark.parametrize("seed", range(25))
def test_requests_are_the_same_wherever_they_are_cut(server: Served, seed: int) -> None:
    chance = random.Random(seed)
    bodies = [chance.randbytes(chance.choice([0, 1, 2, 300])) for _ in range(6)]
    sent = b"".join(
        request(f"/{number}", method="POST", body=body) + b"\r\n" * chance.randrange(2)
        if body
        else request(f"/{number}")
        for number, body in enumerate(bodies)
    )
    cuts = sorted(chance.randrange(len(sent)) for _ in range(chance.randrange(1, 30)))
    pieces = [sent[a:b] for a, b in itertools.pairwise([0, *cuts, len(sent)])]
    with server.connect() as client:
        client.send(*pieces, pause=chance.choice([0, 0.0005]))
        for number, body in enumerate(bodies):
            method = "POST" if body else "GET"
            assert client.answer() == f"{method} /{number} {len(body)}".encode()


def test_what_is_sent_ahead_has_a_limit(server: Served, echo: Echo) -> None:
    with server.connect() as client:
        client.send(request("/wait") + request("/ahead") * 1000)
        received = client.until_closed()
    assert statuses(received) == [200]
    assert not [scope for scope in echo.scopes if scope["path"] == "/ahead"]


def test_what_follows_a_chunked_body_at_once_is_left_and_the_body_is_not(server: Served) -> None:
    chunked = request("/", "Transfer-Encoding: chunked", method="POST") + b"3\r\na=b\r\n0\r\n\r\n"
    for more in (request("/next"), b"\x00nonsense"):
        with server.connect() as client:
            received = client.send(chunked + more).until_closed()
        assert statuses(received) == [200]
        assert received.endswith(b"POST / 3")
        assert b"connection: close\r\n" in received


def test_a_connection_that_wants_another_protocol_ends_with_its_answer(server: Served) -> None:
    with server.connect() as client:
        client.send(request("/", "Connection: Upgrade", "Upgrade: h2c"))
        assert statuses(client.until_closed()) == [200]


# Bodies -------------------------------------------------------------------------------------


def test_a_large_form_arrives_whole(server: Served) -> None:
    body = b"x" * 3_000_000
    with server.connect() as client:
        for _ in range(2):
            answer = client.send(request("/form", method="POST", body=body)).answer()
            assert answer == b"POST /form 3000000"
        client.send(request("/form", "Transfer-Encoding: chunked", method="POST"))
        client.send(*[b"fffe\r\n" + b"x" * 0xFFFE + b"\r\n"] * 20, b"0\r\nSum: 1\r\n\r\n")
        assert client.answer() == b"POST /form 1310680"


def test_who_asks_first_is_told_to_send_the_body(server: Served) -> None:
    with server.connect() as client:
        whole = request("/", "Expect: 100-continue", method="POST", body=b"a=b")
        client.send(whole[:-3])
        assert client.socket.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.send(b"a=b").answer() == b"POST / 3"


def test_a_trailer_has_the_limit_of_a_header_and_says_nothing(server: Served, echo: Echo) -> None:
    chunked = request("/trailer", "Transfer-Encoding: chunked", method="POST") + b"1\r\nx\r\n"
    with server.connect() as client:
        client.send(chunked, pause=0.02).send(b"0\r\nX-Late: yes\r\n\r\n").answer()
        assert b"x-late" not in dict(echo.scopes[-1]["headers"])
        client.send(chunked + b"0\r\nX-Late: ", *[b"y" * 5000] * 10, pause=0.01)
        assert statuses(client.until_closed()) == [431]


def test_a_body_that_breaks_ends_the_request(server: Served, echo: Echo) -> None:
    echo.vanished.clear()
    with server.connect() as client:
        client.send(request("/", "Transfer-Encoding: chunked", method="POST"), pause=0.05)
        assert statuses(client.send(b"nonsense\r\n").until_closed()) == [400]
    until(echo.vanished.is_set)


def test_the_rest_of_a_refused_body_is_read_and_the_connection_goes_on(server: Served) -> None:
    with server.connect() as client:
        whole = request("/refuse", method="POST", body=b"x" * 500_000)
        client.send(whole[:1000]).answer()
        client.send(whole[1000:])
        assert client.send(request("/next")).answer() == b"GET /next 0"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_body_that_nobody_reads_ends_in_its_time(hasty: Served, method: str) -> None:
    with hasty.connect() as client:
        client.send(request("/refuse", "Content-Length: 900000", method=method)).answer()
        client.send(*[b"x"] * 100, pause=0.01)  # 1 s of bytes
        assert client.until_closed() == b""


@pytest.mark.parametrize("kind", ["Content-Length: 900000000", "Transfer-Encoding: chunked"])
def test_of_a_body_that_nobody_reads_little_is_taken(server: Served, kind: str) -> None:
    taken = 0
    with server.connect() as client:
        client.send(request("/refuse", kind, method="POST")).answer()
        began = time.monotonic()
        try:
            while time.monotonic() - began < 5:
                taken += client.socket.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        except ConnectionError:
            pass
    assert taken < 50_000_000  # the limit, and what the kernel holds on both sides


# Answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [request("/big"), request("/big", "Connection: close"), request("/big") * 3],
    ids=["kept open", "last", "several"],
)
def test_who_does_not_read_is_let_go(echo: Echo, asked: bytes) -> None:
    with serving(echo, HASTY) as server, server.connect(receive_buffer=4096) as client:
        client.send(asked)
        until(lambda: server.number == 1)
        until(lambda: server.number == 0)
        assert len(client.until_closed()) < BIG


def test_who_reads_slowly_gets_all_of_it(echo: Echo) -> None:
    patient = replace(LIMITS, write_seconds=1)
    with serving(echo, patient) as server, server.connect(receive_buffer=65_536) as client:
        client.send(request("/big", "Connection: close"))
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            client.received += client.socket.recv(65_536)
            time.sleep(0.01)
        assert len(client.until_closed()) > BIG


def test_a_keep_alive_connection_that_nobody_uses_is_closed(echo: Echo) -> None:
    with serving(echo, LIMITS, keep_alive=0.2) as server, server.connect() as client:
        client.send(request("/")).answer()
        assert client.until_closed() == b""


@pytest.mark.parametrize(
    ("before", "sent"),
    [(b"", 0), (b"", 10), (request("/first"), 10)],
    ids=["nothing sent yet", "half a first", "half a second"],
)
def test_a_server_that_stops_answers_what_is_on_its_way(
    echo: Echo, before: bytes, sent: int
) -> None:
    whole = request("/late")
    patient = replace(LIMITS, last_seconds=PATIENCE)
    with serving(echo, patient, grace=PATIENCE) as server, server.connect() as client:
        if before:
            client.send(before).answer()
        client.send(whole[:sent])
        until(lambda: server.number == 1)
        server.stop()
        client.send(whole[sent:])
        received = client.until_closed()
    assert statuses(received) == [200]
    assert b"connection: close\r\n" in received
    assert received.endswith(b"GET /late 0")


def test_a_server_that_stops_waits_for_nobody_for_long(echo: Echo) -> None:
    short = replace(LIMITS, last_seconds=0.1)
    with serving(echo, short, grace=PATIENCE) as server, server.connect() as client:
        until(lambda: server.number == 1)
        server.stop()
        assert client.until_closed() == b""
