"""Notes of seals: number and hash, kept where nobody who can rewrite the database can change them.

The hash of any noted seal proves the chain up to it: somebody may cut off the end of the chain, or
rebuild it, but cannot change the note.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from backoffice.models import Seal

_NOTE = re.compile(
    r"""\bseal["']?\s*(?:is|[=:])?\s*["']?(\d{1,18})\b.{0,400}?\b([0-9a-f]{64})\b""", re.IGNORECASE
)


class Note(NamedTuple):
    """A seal's number and its hash."""

    seal_id: int
    hash: str

    @classmethod
    def of(cls, seal: Seal) -> "Note":
        """The note of a seal."""
        return cls(seal.id, seal.hash)

    def __str__(self) -> str:
        return f"seal={self.seal_id} hash={self.hash}"


def read_notes(lines: Iterable[str]) -> Iterator[Note]:
    """The notes in lines of text; lines without a note are skipped.

    It reads the file that HISTORY_NOTES names, the log of the back office, the output of
    ``seal-history``, and JSON with "seal" and "hash" on one line.
    """
    for line in lines:
        for found in _NOTE.finditer(line):
            yield Note(int(found[1]), found[2].lower())
