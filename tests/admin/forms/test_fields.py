"""The field of a column: what its kind reads, refuses and draws."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from starlette.datastructures import FormData

from backoffice.admin.forms.build import draw_field, posted_name
from backoffice.admin.forms.fields import REQUIRED, USE_DEFAULT, ColumnField, Delta, RecordForm
from backoffice.admin.forms.fields import CountField as Count
from backoffice.columns import kind_of_type


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


def field(
    type_: Any,
    typed: str | None = None,
    *,
    created: bool = True,
    made_by: Any = ColumnField,
    **options: Any,
) -> Any:
    """The field of a column of that type, read from a form in which ``typed`` was posted."""
    options = {"dialect": "postgresql", "value_kind": kind_of_type(type_), **options}
    members = {"one": made_by("One", **options)}
    form = type("Made", (RecordForm,), {"members": members})(
        FormData({} if typed is None else {"one": typed})
    )
    one = form["one"]
    one.created = created
    form.validate()
    return one


@pytest.mark.parametrize(
    ("type_", "typed", "value"),
    [
        (sa.BigInteger(), "9,000,000,000", 9_000_000_000),
        (sa.Text(), "a\r\nb", "a\nb"),
        (sa.String(20), "  tidy  ", "tidy"),
        (sa.Enum(Size), "LARGE", Size.LARGE),
        (sa.JSON(), '{"a": [1]}', {"a": [1]}),
    ],
    ids=str,
)
def test_a_value_is_read_as_its_kind_reads_it(type_: Any, typed: str, value: Any) -> None:
    one = field(type_, typed)
    assert (one.data, list(one.errors)) == (value, [])


@pytest.mark.parametrize(
    ("type_", "typed", "dialect", "sentence"),
    [
        (sa.SmallInteger(), "40000", "postgresql", "Enter at most 32,767."),
        (sa.Integer(), "9000000000", "sqlite", "Enter at most 2,147,483,647."),
        (sa.Integer(), "x", "sqlite", "Enter a whole number, such as 12."),
        (sa.Numeric(6, 2), "1.234", "sqlite", "Enter at most 2 decimal places."),
        (sa.Text(), "ä" * 40_000, "mariadb", "Shorten this to 65,535 bytes. It has 80,000."),
        (sa.String(3), "long", "sqlite", "Shorten this to 3 characters. It has 4."),
        (sa.Text(), "\x00", "sqlite", "Remove the characters that cannot be stored, such as NUL."),
        (sa.Enum(Size), "HUGE", "sqlite", "Choose one of the list."),
        (sa.Date(), "31 March", "sqlite", "Enter a date, such as 2026-03-31."),
    ],
    ids=str,
)
def test_what_a_column_does_not_take_is_told_in_a_sentence(
    type_: Any, typed: str, dialect: str, sentence: str
) -> None:
    one = field(type_, typed, dialect=dialect)
    assert list(one.errors) == [sentence]
    assert one.input_text() == typed


@pytest.mark.parametrize(
    ("type_", "options", "created", "value"),
    [
        (sa.String(9), {"nullable": True}, True, None),
        (sa.String(9), {"nullable": True}, False, None),
        (sa.String(9), {}, True, ""),
        (sa.String(9), {}, False, ""),
        (sa.String(9), {"has_default": True}, True, USE_DEFAULT),
        (sa.String(9), {"has_default": True}, False, ""),
        (sa.Integer(), {"has_default": True}, True, USE_DEFAULT),
        (sa.Integer(), {"nullable": True}, False, None),
        (sa.Integer(), {"has_default": True}, False, REQUIRED),
        (sa.Integer(), {"nullable": True, "required": True}, True, REQUIRED),
        (sa.String(9), {"required": True}, False, REQUIRED),
    ],
    ids=str,
)
def test_a_blank_is_null_or_no_text_or_the_default_or_refused(
    type_: Any, options: dict[str, Any], created: bool, value: Any
) -> None:
    one = field(type_, "  ", created=created, **options)
    if value == REQUIRED:
        assert list(one.errors) == [REQUIRED]
        assert draw_field(one).required
    else:
        assert (one.data, list(one.errors)) == (value, [])
        assert not draw_field(one).required


def test_moments_are_typed_in_the_zone_of_the_settings() -> None:
    zone = ZoneInfo("Europe/Berlin")
    one = field(sa.DateTime(timezone=True), "2026-07-01T14:30", zone=zone)
    assert one.data == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    assert one.format(one.data) == "2026-07-01T14:30:00"


def test_a_boolean_is_a_box_and_one_that_may_be_missing_a_choice() -> None:
    assert field(sa.Boolean()).data is False
    assert field(sa.Boolean(), "true").data is True
    for typed, value in (("yes", True), ("no", False), ("", None)):
        one = field(sa.Boolean(), typed, nullable=True)
        assert one.data is value
        drawn = draw_field(one)
        assert drawn.choice is not None
        assert [option.text for option in drawn.choice.options] == ["Yes", "No"]
        assert drawn.blank == "Not set"


def test_a_value_that_the_list_has_no_more_can_stay() -> None:
    one = field(sa.Enum(Size))
    one.data, one.typed = "MEDIUM", None
    drawn = draw_field(one)
    assert drawn.choice is not None
    assert [option.value for option in drawn.choice.options if option.selected] == ["MEDIUM"]


def test_a_text_with_line_breaks_is_never_drawn_as_one_line() -> None:
    one = field(sa.String(50))
    one.data, one.typed = "two\nlines", None
    assert draw_field(one).kind == "text"


@pytest.mark.parametrize(
    ("typed", "value"), [("12", 12), ("+12", Delta(12)), ("-3", Delta(-3)), ("1,200", 1200)]
)
def test_a_count_takes_a_number_or_one_to_add(typed: str, value: Any) -> None:
    assert field(sa.Integer(), typed, made_by=Count).data == value


def test_a_field_that_is_called_as_ours_is_posted_under_another_name() -> None:
    for name in ("version", "next", "save", "find", "opened", "locked", "csrf_token"):
        assert posted_name(name) == f"field.{name}"
    assert posted_name("choice_of_words") == "field.choice_of_words"
    assert posted_name("lost_find") == "field.lost_find"
    assert posted_name("price") == "price"


@pytest.mark.parametrize("name", ["data", "errors", "validate", "process", "meta", "populate_obj"])
def test_a_column_may_be_called_as_a_part_of_a_form(name: str) -> None:
    members = {name: ColumnField("One", value_kind=kind_of_type(sa.Text()), dialect="sqlite")}
    form = type("Made", (RecordForm,), {"members": members})(FormData({name: "typed"}))
    assert form.validate()
    assert form[name].data == "typed"
