"""The values that a form was opened with: the form posts them back, signed.

They are signed for one person, one view and one record. Originals that are missing, changed or
signed with another key count as unknown: then the person is asked about every field that differs
from the stored value.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from backoffice.admin.forms.fields import RecordField, RecordForm, SecretField

ORIGINALS_FIELD = "opened"
"""Name of the hidden field with the values that the form was opened with."""

LONGEST_VALUE = 4096
"""Bytes of an encoded value that a form posts back; of a longer one it posts a digest."""


@dataclass(frozen=True, slots=True)
class Original:
    """A field's value when the form was opened.

    ``encoded``: the value as JSON holds it. A long value has two digests instead: of the encoded
    value, and of its text in the form.
    """

    encoded: Any = None
    digest: str = ""
    text_digest: str = ""

    @classmethod
    def of(cls, form_field: RecordField, encoded: Any) -> "Original":
        """The original of a field that holds the value ``encoded``."""
        serialized = _serialize(encoded)
        if len(serialized) <= LONGEST_VALUE:
            return cls(encoded)
        text = form_field.as_sent(form_field.format_encoded(encoded))
        return cls(None, _digest(serialized), _digest(text.encode()))

    def is_same(self, encoded: Any, same: Callable[[Any, Any], bool]) -> bool:
        """Whether ``encoded`` is the original value. ``same`` compares two values of the field."""
        if self.digest:
            return _digest(_serialize(encoded)) == self.digest
        return same(self.encoded, encoded)

    def is_text(self, form_field: RecordField, text: str) -> bool:
        """Whether a posted text (as ``as_sent`` returns it) is the one that the form showed."""
        if self.text_digest:
            return _digest(text.encode("utf-8", "surrogatepass")) == self.text_digest
        try:
            return form_field.as_sent(form_field.format_encoded(self.encoded)) == text
        except (ValueError, TypeError, ArithmeticError):
            return False

    def describe(self, form_field: RecordField) -> str:
        """The value for reading."""
        return "(a long text)" if self.digest else form_field.describe(self.encoded)


@dataclass(frozen=True)
class Originals:
    """The values that a form was opened with, as far as they are known.

    ``values``: the record's values when the page was made, by field name. ``pending``: the fields
    that the page asked about, each with its value before either person's edit, or None if that is
    unknown. ``noted``: the fields whose change by somebody else the page told. ``is_posted``:
    whether the form posted originals at all, signed or not.
    """

    values: Mapping[str, Original] = field(default_factory=dict)
    pending: Mapping[str, Original | None] = field(default_factory=dict)
    noted: Sequence[str] = ()
    is_posted: bool = False


@dataclass(frozen=True, slots=True)
class OriginalsSigner:
    """Writes and reads a form's originals.

    The signature covers ``person``, ``identity`` (the view's) and ``key`` (the record's), so the
    originals cannot be used for another person, view or record.
    """

    signing_key: str
    person: int
    identity: str
    key: str

    def write(self, originals: Originals) -> str:
        """The text of the hidden field."""
        values = {name: _pack(original) for name, original in originals.values.items()}
        pending = {
            name: _pack(original) if original else None
            for name, original in originals.pending.items()
        }
        text = json.dumps([values, pending, list(originals.noted)])
        return f"{self._signature(text).decode()}.{text}"

    def read(self, text: str | None) -> Originals:
        """The originals in a posted text; None if the form posted none. A text with a wrong
        signature, or one that cannot be read, holds no originals."""
        if text is None:
            return Originals()
        signature, _, signed = text.partition(".")
        if not hmac.compare_digest(signature.encode(errors="replace"), self._signature(signed)):
            return Originals(is_posted=True)
        try:
            values, pending, noted = json.loads(signed)
            return Originals(
                {name: Original(*packed) for name, packed in values.items()},
                {name: Original(*packed) if packed else None for name, packed in pending.items()},
                tuple(map(str, noted)),
                is_posted=True,
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            return Originals(is_posted=True)

    def _signature(self, text: str) -> bytes:
        message = json.dumps(["backoffice.form", self.person, self.identity, self.key, text])
        return hmac.digest(self.signing_key.encode(), message.encode(), "sha256").hex().encode()


def compared_fields(form: RecordForm) -> dict[str, RecordField]:
    """The fields whose values are compared, by name: all but secrets."""
    return {
        name: form_field
        for name, form_field in form.fields.items()
        if isinstance(form_field, RecordField) and not isinstance(form_field, SecretField)
    }


def originals_of(form: RecordForm) -> dict[str, Original]:
    """The originals of a form that shows a stored record, by field name."""
    return {
        name: Original.of(form_field, form_field.encoded())
        for name, form_field in compared_fields(form).items()
    }


def set_original_texts(form: RecordForm, stored: RecordForm, originals: Originals) -> None:
    """Give each field of a posted form the text that it showed when the form was opened.

    By that the field knows whether anybody touched it: browsers do not always send a text back as
    it was shown.
    """
    stored_fields = stored.fields
    for name, form_field in form.fields.items():
        if not isinstance(form_field, RecordField):
            continue
        original = originals.values.get(name)
        if original is None and name in stored_fields:
            original = Original.of(stored_fields[name], stored_fields[name].encoded())
        if original is not None:
            form_field.is_original_text = partial(original.is_text, form_field)


def _pack(original: Original) -> list[Any]:
    if original.digest:
        return [None, original.digest, original.text_digest]
    return [original.encoded]


def _serialize(encoded: Any) -> bytes:
    """The same bytes for the same value, each time."""
    return _JSON.encode(encoded).encode("utf-8", "surrogatepass")


_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
"""Made once, because each field of each form uses it."""


def _digest(serialized: bytes) -> str:
    return hashlib.sha256(serialized).hexdigest()
