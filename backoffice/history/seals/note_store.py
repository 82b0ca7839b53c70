"""Storing a note of a seal in the place that HISTORY_NOTES names: a file, or an HTTP address."""

import json
import os
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from backoffice.config import CHECKOUT
from backoffice.history.seals.notes import Note

ANSWER_SECONDS = 10
"""The time limit for an address to answer."""


class NoteNotStored(Exception):
    """A note was not stored. The message says why, without the address, which may be a secret."""


def store_note(place: str, note: Note) -> None:
    """Append a note to the file ``place``, or send it to the address ``place``.

    A file gets one line, and is created if it does not exist. An address gets a POST with JSON,
    ``{"seal": 12, "hash": "…"}``, and must answer with 2xx.

    Raises:
        NoteNotStored: the note was not stored. Try it again.
    """
    if "://" in place:
        _send(place, note)
    else:
        _write(CHECKOUT / place, note)


def place_name(place: str) -> str:
    """A name for ``place`` without secrets: the file, or the host of the address."""
    return urlsplit(place).hostname or place if "://" in place else place


def _write(path: Path, note: Note) -> None:
    line = f"{note}\n".encode()
    try:
        # One write at the end of the file: several processes may append to the same one.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise NoteNotStored(error.strerror or type(error).__name__) from error


class _NoRedirects(HTTPRedirectHandler):
    """Follow no redirect: a note is sent to the address in the settings only."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _send(address: str, note: Note) -> None:
    body = json.dumps({"seal": note.seal_id, "hash": note.hash}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "backoffice"}
    request = Request(address, body, headers, method="POST")  # noqa: S310 - the setting allows https alone
    try:
        with build_opener(_NoRedirects).open(request, timeout=ANSWER_SECONDS) as answer:
            answer.read(1)
    except HTTPError as error:
        error.close()
        raise NoteNotStored(f"it answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NoteNotStored(str(getattr(error, "reason", "")) or type(error).__name__) from error
