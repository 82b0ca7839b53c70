"""A body that does not arrive: the whole application, a real server, and a socket."""

import pytest
from starlette.applications import Starlette

from backoffice.web.middleware.body import PACE, Pace
from backoffice.web.middleware.guard import Guard
from backoffice.web.server.limits import Limits
from tests.web.raw_server import Client, request, serving, statuses

pytestmark = pytest.mark.databases("sqlite")

FORM = b"username=ada%40example.com&password=" + b"x" * 2000


def begin(client: Client, body: bytes) -> Client:
    """Send a sign-in form's header, and of its body ``body`` alone."""
    whole = request("/admin/login", "Sec-Fetch-Site: same-origin", method="POST", body=FORM)
    return client.send(whole[: -len(FORM)] + body)


@pytest.mark.parametrize("arrived", [0, 1000])
def test_one_that_stops_is_answered_in_its_time_and_the_connection_ends(
    app: Starlette, monkeypatch: pytest.MonkeyPatch, arrived: int
) -> None:
    monkeypatch.setattr(Guard, "pace", Pace(first=0.2, rate=10_000, most=60))
    with serving(app, Limits()) as server, server.connect() as client:
        received = begin(client, FORM[:arrived]).until_closed()
    assert statuses(received) == [408]
    assert b"connection: close\r\n" in received
    assert b"content-security-policy: " in received
    assert b"the form arrived too slowly" in received


def test_one_that_comes_byte_by_byte_wins_no_time(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Guard, "pace", Pace(first=0.2, rate=10_000, most=60))
    with serving(app, Limits()) as server, server.connect() as client:
        begin(client, b"").send(*(bytes([byte]) for byte in FORM[:200]), pause=0.02)
        assert statuses(client.until_closed()) in ([408], [])  # lost with bytes on their way


def test_nothing_goes_on_for_longer_than_the_whole_time(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Guard, "pace", Pace(first=0.2, rate=1, most=0.3))
    with serving(app, Limits()) as server, server.connect() as client:
        begin(client, b"").send(*(FORM[at : at + 50] for at in range(0, 1500, 50)), pause=0.02)
        assert statuses(client.until_closed()) in ([408], [])


def test_one_that_keeps_the_pace_has_the_time_it_takes(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Twice the first time in all, always seconds ahead of what the pace asks for.
    monkeypatch.setattr(Guard, "pace", Pace(first=0.3, rate=100, most=60))
    with serving(app, Limits()) as server, server.connect() as client:
        begin(client, FORM[:400])
        client.send(*(FORM[at : at + 100] for at in range(400, len(FORM), 100)), pause=0.04)
        client.socket.settimeout(5)
        while b"\r\n\r\n" not in client.received:
            client.received += client.socket.recv(65_536)
    assert statuses(client.received) == [403]  # it has no token: it was read to its end


def test_the_pace_is_ten_seconds_then_a_kibibyte_a_second_and_a_minute_in_all() -> None:
    assert PACE.seconds(0) == 10
    assert PACE.seconds(20 * 1024) == 30
    assert PACE.seconds(10**7) == 60
