"""Every kind reads what it writes in every language, and the plain form that addresses hold."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from backoffice.columns import kind_of_type
from backoffice.language import find_language, speak
from backoffice.language.numbers import PLAIN, NumberStyle, plain_numbers
from tests.columns.samples import SAMPLES, Samples

LANGUAGES = ("en", "en-GB", "de", "de-CH", "fr", "ar", "ar-EG", "hi", "qps-ploc", "qps-plocm")
# Digits of their own; the time before the date; a day of many parts; years first.
FURTHER = ("bn", "mr", "my", "ko", "vi", "zh-Hant", "zh-Hans", "ja", "ru", "sv", "pt-BR")
EDITED = [samples for samples in SAMPLES if samples.kind.editable]
PRICE = kind_of_type(sa.Numeric(12, 2))
COUNT = kind_of_type(sa.Integer())


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("samples", EDITED, ids=str)
def test_what_a_language_writes_it_reads(samples: Samples, code: str) -> None:
    kind = samples.kind
    with speak(find_language(code)):
        for value in samples.values:
            if value == "" and kind.name == "text":
                continue
            text = kind.write(value)
            assert kind.same(kind.parse(text), value), text
            assert isinstance(kind.show(value), str)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("samples", EDITED, ids=str)
def test_the_plain_form_is_read_in_every_language_unless_it_means_two_things(
    samples: Samples, code: str
) -> None:
    kind = samples.kind
    for value in samples.values:
        if value == "" and kind.name == "text":
            continue
        with plain_numbers():
            text = kind.write(value)
        with speak(find_language(code)):
            try:
                found = kind.parse(text)
            except ValueError as error:
                told = error
            else:
                assert kind.same(found, value), text
                continue
            assert is_ambiguous(told), text


def is_ambiguous(error: ValueError) -> bool:
    """Whether a number was refused because it means two."""
    return "can mean" in str(error) or str(error).startswith("⟦“")


@pytest.mark.parametrize("code", [*LANGUAGES, *FURTHER])
@given(number=st.decimals(-(10**9), 10**9, places=2))
def test_every_price_comes_back(code: str, number: Decimal) -> None:
    with speak(find_language(code)):
        assert PRICE.parse(PRICE.write(number)) == number
        assert PRICE.parse(PRICE.show(number)) == number  # it has two places: no doubt


@pytest.mark.parametrize("code", [*LANGUAGES, *FURTHER])
@given(plain=st.from_regex(PLAIN, fullmatch=True))
def test_every_plain_number_comes_back(code: str, plain: str) -> None:
    """Also ".5" and "5.", which people type and no kind writes."""
    style = NumberStyle(find_language(code))
    assert Decimal(style.read(style.typed(plain))) == Decimal(plain)


@pytest.mark.parametrize(
    ("code", "written", "shown"),
    [
        ("en", "-1234567.50", "-1,234,567.50"),
        ("de", "-1234567,50", "-1.234.567,50"),
        ("de-CH", "-1234567.50", "-1’234’567.50"),
        ("fr", "-1234567,50", "-1\u202f234\u202f567,50"),
        ("hi", "-1234567.50", "-12,34,567.50"),
        ("bn", "-১২৩৪৫৬৭.৫০", "-১২,৩৪,৫৬৭.৫০"),
        ("my", "-၁၂၃၄၅၆၇.၅၀", "-၁,၂၃၄,၅၆၇.၅၀"),
        ("ar-EG", "\u061c-١٢٣٤٥٦٧٫٥٠", "\u061c-١٬٢٣٤٬٥٦٧٫٥٠"),
    ],
)
def test_a_price_is_written_as_its_readers_write_it(code: str, written: str, shown: str) -> None:
    with speak(find_language(code)):
        assert PRICE.write(Decimal("-1234567.50")) == written
        assert PRICE.show(Decimal("-1234567.50")).replace("'", "’") == shown


def test_a_number_that_means_two_things_is_refused_with_both() -> None:
    with speak(find_language("de")):
        for kind in (PRICE, COUNT, kind_of_type(sa.Numeric(12, 3))):
            with pytest.raises(ValueError, match=r"“1\.234” can mean 1234 or 1,234\."):
                kind.parse("1.234")
        # Three groups, or a fraction behind the group, leave no doubt; nor does the plain form.
        assert PRICE.parse("1.234.567") == 1_234_567
        assert PRICE.parse("1.234,50") == Decimal("1234.50")
        assert PRICE.parse("1234.50") == Decimal("1234.50")
        assert PRICE.parse("12.50") == Decimal("12.50")
    assert COUNT.parse("1,234") == 1234
    with plain_numbers(), speak(find_language("de")):
        assert kind_of_type(sa.Numeric(12, 3)).parse("1.234") == Decimal("1.234")


@pytest.mark.parametrize(
    ("code", "text"),
    [("en", "1,23"), ("en", "1.234,50"), ("de", "12,34,567"), ("de", "1,234.50"), ("fr", "1,2,3")],
)
def test_groups_of_the_wrong_size_or_of_another_language_are_no_number(
    code: str, text: str
) -> None:
    with speak(find_language(code)), pytest.raises(ValueError, match=r"Enter a number"):
        PRICE.parse(text)


@pytest.mark.parametrize("code", [*LANGUAGES, *FURTHER])
@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (sa.Date(), date(2026, 3, 31)),
        (sa.Date(), date(1999, 12, 1)),
        (sa.DateTime(), datetime(2026, 3, 31, 14, 30, 5)),  # noqa: DTZ001 - a naive column
        (sa.DateTime(), datetime(2026, 9, 1, 0, 5)),  # noqa: DTZ001 - as above
        (sa.Time(), time(12, 30)),
        (sa.Time(), time(0, 5, 59)),
        (sa.Boolean(), True),
    ],
)
def test_what_is_shown_can_be_typed(code: str, type_: Any, value: Any) -> None:
    kind = kind_of_type(type_)
    with speak(find_language(code)):
        assert kind.parse(kind.show(value)) == value


def test_dates_are_shown_as_their_readers_write_them() -> None:
    moment = kind_of_type(sa.DateTime(timezone=True))
    shown = {}
    for code in ("en", "en-GB", "de", "fr"):
        with speak(find_language(code)):
            shown[code] = moment.show(datetime(2026, 3, 31, 14, 30, 5, tzinfo=UTC))
    assert shown == {
        "en": "Mar 31, 2026, 2:30:05\u202fPM UTC",
        "en-GB": "31 Mar 2026, 14:30:05 UTC",
        "de": "31.03.2026, 14:30:05 UTC",
        "fr": "31 mars 2026, 14:30:05 UTC",
    }
