"""What a form was opened with, as it posts it back: signed, and of no use to anybody else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from backoffice.admin.forms.fields import ColumnField, RecordForm, SecretField
from backoffice.admin.forms.originals import (
    LONGEST_VALUE,
    Original,
    Originals,
    OriginalsSigner,
    originals_of,
)
from backoffice.columns import kind_of_type

SIGNER = OriginalsSigner("a key for tests", person=1, identity="item", key="17")
LONG = "word " * LONGEST_VALUE


def column(type_: Any, **options: Any) -> Any:
    return ColumnField(
        "Label", value_kind=kind_of_type(type_), dialect="sqlite", nullable=True, **options
    )


def form_with(data: dict[str, Any], **fields: Any) -> RecordForm:
    form: RecordForm = type("Made", (RecordForm,), {"members": fields})(data=data)
    return form


def test_originals_are_read_as_they_were_written() -> None:
    form = form_with(
        {"name": "Bolt", "note": None, "text": LONG},
        name=column(sa.String(50)),
        note=column(sa.String(50)),
        text=column(sa.Text()),
    )
    values = originals_of(form)
    written = SIGNER.write(Originals(values, {"name": Original("Nut"), "note": None}))

    read = SIGNER.read(written)

    assert read == Originals(values, {"name": Original("Nut"), "note": None}, is_posted=True)
    assert read.values["name"] == Original("Bolt")
    assert read.values["text"].encoded is None
    assert len(written) < LONGEST_VALUE


def test_no_secret_is_among_them() -> None:
    form = form_with(
        {"name": "Bolt", "password": "hunter2"},
        name=column(sa.String(50)),
        password=SecretField("Password"),
    )
    assert list(originals_of(form)) == ["name"]


@pytest.mark.parametrize(
    "other",
    [{"person": 2}, {"identity": "user"}, {"key": "18"}, {"signing_key": "the key before"}],
    ids=lambda other: next(iter(other)),
)
def test_nobody_else_no_other_view_record_or_key_reads_them(other: dict[str, Any]) -> None:
    written = SIGNER.write(Originals({"name": Original("Bolt")}))
    assert replace(SIGNER, **other).read(written) == Originals(is_posted=True)


@pytest.mark.parametrize("text", ["", "x", "a.b", '{"name": "Bolt"}', "é\x00", "." * 9000])
def test_what_is_not_signed_is_not_known(text: str) -> None:
    assert SIGNER.read(text) == Originals(is_posted=True)
    assert SIGNER.read(None) == Originals()


def test_one_changed_letter_is_one_too_many() -> None:
    written = SIGNER.write(Originals({"name": Original("Bolt")}))
    for place in range(len(written)):
        other = "A" if written[place] != "A" else "B"
        changed = written[:place] + other + written[place + 1 :]
        read = SIGNER.read(changed)
        assert read in (Originals(is_posted=True), SIGNER.read(written)), place
        if read.values:  # base64's last letter has bits that mean nothing
            assert place == len(written) - 1


def test_a_long_text_is_compared_by_its_digest_to_the_byte() -> None:
    field: Any = form_with({"text": LONG}, text=column(sa.Text()))["text"]
    original = Original.of(field, LONG)

    assert original.is_same(LONG, field.same_encoded)
    assert not original.is_same(LONG.rstrip(), field.same_encoded)
    assert original.is_text(field, LONG)
    assert not original.is_text(field, LONG + "!")


@pytest.mark.parametrize(
    ("type_", "stored", "sent"),
    [
        (sa.Text(), "a\r\nb\rc\n", "a\r\nb\r\nc\r\n"),
        (sa.Text(), "  indented  ", "  indented  "),
        (sa.String(50), "", ""),
        (sa.Numeric(12, 2), None, ""),
    ],
    ids=["line breaks", "blanks", "empty", "null"],
)
def test_a_text_that_comes_back_as_browsers_send_it_was_not_touched(
    type_: Any, stored: Any, sent: str
) -> None:
    field: Any = form_with({"one": stored}, one=column(type_))["one"]
    original = Original.of(field, field.encoded())
    assert original.is_text(field, field.as_sent(sent))


def test_a_time_that_comes_back_without_its_seconds_was_not_touched() -> None:
    """Chromium sends none if they are zero."""
    field: Any = form_with(
        {"at": datetime(2026, 6, 25, 12, 30, tzinfo=UTC)},
        at=column(sa.DateTime(timezone=True), zone=ZoneInfo("Europe/Berlin")),
    )["at"]
    original = Original.of(field, field.encoded())

    assert field.input_text() == "2026-06-25T14:30:00"
    assert original.is_text(field, field.as_sent("2026-06-25T14:30"))
