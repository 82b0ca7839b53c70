"""Each new seal is noted outside the database, and nothing waits for that."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from backoffice.config import Settings, SettingsError, load_settings
from backoffice.db import Database
from backoffice.history.seals.note_store import NoteNotStored, store_note
from backoffice.history.seals.notes import Note, read_notes
from backoffice.web.background.note_writer import NoteWriter
from backoffice.web.background.sealer import seal_periodically
from tests.history.chain import all_seals, write

NOTE = Note(12, "0123456789abcdef" * 4)
PATIENCE = 30


class Receiver(HTTPServer):
    """Takes notes, or answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[int] = []
        self.taken: list[dict[str, object]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/notes?token=secret"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 204
        if status < 300:
            self.server.taken.append(json.loads(body))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", self.server.address)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.databases("sqlite")
def test_the_application_notes_each_seal_in_a_file(
    make_settings: Callable[..., Settings], database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "notes"
    write(database)
    settings = make_settings(history_seal_seconds=1, history_notes=str(path))
    with seal_periodically(settings):
        wait_for(path.exists)
        wait_for(path.read_text)
    assert list(read_notes(path.read_text().splitlines())) == [
        Note.of(one) for one in all_seals(database)
    ]


def test_an_address_is_sent_json(receiver: Receiver) -> None:
    store_note(receiver.address, NOTE)
    assert receiver.taken == [{"seal": 12, "hash": NOTE.hash}]


@pytest.mark.parametrize("answer", [301, 307, 404, 500])
def test_any_other_answer_than_yes_is_none(receiver: Receiver, answer: int) -> None:
    receiver.answers = [answer]
    with pytest.raises(NoteNotStored, match=f"it answered {answer}"):
        store_note(receiver.address, NOTE)
    assert receiver.taken == []


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoteNotStored, match="No such file or directory"):
        store_note(str(tmp_path / "missing" / "notes"), NOTE)


def test_a_note_that_fails_is_logged_once_and_tried_until_it_is_taken(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [500, 503, 404]
    notebook = NoteWriter(receiver.address, retry_seconds=(0.01,))
    with caplog.at_level(logging.INFO, logger="backoffice.web.background.note_writer"):
        notebook.start()
        notebook.add(NOTE)
        notebook.add(Note(13, NOTE.hash))
        wait_for(lambda: len(receiver.taken) == 2)
        notebook.stop()
    assert [one["seal"] for one in receiver.taken] == [12, 13]
    assert [record.getMessage() for record in caplog.records] == [
        "Seals cannot be noted in 127.0.0.1. Trying again: it answered 500",
        "Seals are noted in 127.0.0.1 again.",
    ]
    assert "secret" not in caplog.text


def test_adding_a_note_and_stopping_wait_for_nothing(receiver: Receiver) -> None:
    receiver.answers = [500] * 100
    notebook = NoteWriter(receiver.address)
    notebook.start()
    for number in range(5_000):
        notebook.add(Note(number, NOTE.hash))
    notebook.stop()
    assert not notebook.is_alive()


def test_what_failed_is_tried_once_more_at_the_end(receiver: Receiver) -> None:
    receiver.answers = [500]
    notebook = NoteWriter(receiver.address, retry_seconds=(PATIENCE,))
    notebook.start()
    notebook.add(NOTE)
    wait_for(lambda: not receiver.answers)
    notebook.stop()
    assert [one["seal"] for one in receiver.taken] == [12]


@pytest.mark.parametrize("place", ["http://example.com/notes", "ftp://example.com", "https://"])
def test_an_address_without_tls_stops_the_start(place: str) -> None:
    with pytest.raises(SettingsError, match="HISTORY_NOTES is not valid: must be the path"):
        load_settings(history_notes=place)


@pytest.mark.parametrize("place", ["https://notes.example.com/a?b=c", "http://127.0.0.1:1/", "n"])
def test_a_path_and_an_address_with_tls_are_taken(place: str) -> None:
    assert load_settings(history_notes=place).history_notes.get_secret_value() == place
