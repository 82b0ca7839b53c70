"""The values that a form was opened with: posted back by it, signed, and read again.

They are signed for one person, one view and one record. What is missing, wrong or signed with
another key is not known: then every field that differs from what is stored is asked about.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wtforms import Form

from backoffice.admin.forms.fields import RecordField, SecretField

OPENED = "opened"
"""Hidden field: the values that the form was opened with."""

LONGEST_KEPT = 4096
"""Bytes of a value that a form posts back; of a longer one it posts a digest."""


@dataclass(frozen=True, slots=True)
class Original:
    """A field's value as the form was opened: ``kept`` as JSON holds it, or where that is long the
    digests of it and of its text in the form."""

    kept: Any = None
    digest: str = ""
    text_digest: str = ""

    @classmethod
    def of(cls, one: RecordField, kept: Any) -> "Original":
        """The original of a field with that kept value."""
        written = _written(kept)
        if len(written) <= LONGEST_KEPT:
            return cls(kept)
        return cls(None, _digest(written), _digest(one.as_sent(one.shown_for(kept)).encode()))

    def is_same(self, one: RecordField, kept: Any) -> bool:
        """Whether a kept value of that field is the one that the form was opened with."""
        if self.digest:
            return _digest(_written(kept)) == self.digest
        return one.same_encoded(self.kept, kept)

    def was_shown(self, one: RecordField, text: str) -> bool:
        """Whether a text that came back (``as_sent``) is the one that the form showed."""
        if self.text_digest:
            return _digest(text.encode("utf-8", "surrogatepass")) == self.text_digest
        try:
            return one.as_sent(one.shown_for(self.kept)) == text
        except (ValueError, TypeError, ArithmeticError):
            return False

    def told(self, one: RecordField) -> str:
        """The value for reading."""
        return "(a long text)" if self.digest else one.told(self.kept)


@dataclass(frozen=True)
class Originals:
    """What is known of the values that a form was opened with.

    ``values``: by field name, those that the record had when the page was made. ``asked``: the
    fields that the page asked about, each with its value before either of the two edits, or None
    where nobody knows it. ``is_posted``: whether the form had such values at all, signed or not.
    """

    values: Mapping[str, Original] = field(default_factory=dict)
    asked: Mapping[str, Original | None] = field(default_factory=dict)
    is_posted: bool = False


@dataclass(frozen=True, slots=True)
class OriginalsSigner:
    """Writes and reads a form's originals. ``person``, ``identity`` and ``key`` say for whom, for
    which view and for which record; they are not written, but nothing else reads what they sign.
    """

    signing_key: str
    person: int
    identity: str
    key: str

    def write(self, originals: Originals) -> str:
        """The text of the hidden field."""
        values = {name: _packed(one) for name, one in originals.values.items()}
        asked = {name: _packed(one) if one else None for name, one in originals.asked.items()}
        text = json.dumps([values, asked])
        return f"{self._signature(text).decode()}.{text}"

    def read(self, text: str | None) -> Originals:
        """The originals of a posted text (None: it was not posted), as far as it is signed."""
        if text is None:
            return Originals()
        signature, _, written = text.partition(".")
        if not hmac.compare_digest(signature.encode(errors="replace"), self._signature(written)):
            return Originals(is_posted=True)
        try:
            values, asked = json.loads(written)
            return Originals(
                {name: Original(*packed) for name, packed in values.items()},
                {name: Original(*packed) if packed else None for name, packed in asked.items()},
                is_posted=True,
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            return Originals(is_posted=True)

    def _signature(self, text: str) -> bytes:
        said = json.dumps(["backoffice.form", self.person, self.identity, self.key, text])
        return hmac.digest(self.signing_key.encode(), said.encode(), "sha256").hex().encode()


def compared_fields(form: Form) -> dict[str, RecordField]:
    """The fields that are compared, by name: all but secrets."""
    return {
        name: one
        for name, one in form._fields.items()
        if isinstance(one, RecordField) and not isinstance(one, SecretField)
    }


def originals_of(form: Form) -> dict[str, Original]:
    """The values of a form that shows a record as it is stored."""
    return {name: Original.of(one, one.kept()) for name, one in compared_fields(form).items()}


def _packed(one: Original) -> list[Any]:
    return [None, one.digest, one.text_digest] if one.digest else [one.kept]


def _written(kept: Any) -> bytes:
    """A kept value as the same bytes each time."""
    return _JSON.encode(kept).encode("utf-8", "surrogatepass")


_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
"""Made once: a form asks it for each of its fields."""


def _digest(written: bytes) -> str:
    return hashlib.sha256(written).hexdigest()
