"""Form fields, one for each kind of column: WTForms fields that keep what was typed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import Field
from wtforms.validators import StopValidation

from backoffice.admin.pages import FieldKind
from backoffice.models.rules import LARGEST_INTEGER

REQUIRED = "This field is required."
LONGEST_TEXT = 100_000
"""Characters of a text without a limit of its own."""

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)


class RecordField(Field):
    """The base: ``required``, ``maximum`` and ``kind`` are what the template needs to draw it.

    ``data`` is the cleaned value once ``validate`` passed; ``_value()`` is what was typed.
    """

    kind: FieldKind = "line"
    autocomplete = "off"

    def __init__(
        self,
        label: str = "",
        validators: Sequence[Any] = (),
        *,
        required: bool = False,
        maximum: int | None = None,
        kind: FieldKind | None = None,
        unit: str = "",
        autocomplete: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(label, list(validators), **options)
        self.required, self.maximum, self.unit = required, maximum, unit
        if kind is not None:
            self.kind = kind
        if autocomplete is not None:
            self.autocomplete = autocomplete
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = str(valuelist[0]) if valuelist and isinstance(valuelist[0], str) else ""
        self.data = self.typed

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.written(self.data)

    def written(self, value: Any) -> str:
        """A stored value as it stands in the form."""
        return str(value)

    def pre_validate(self, form: Any) -> None:
        text = (self.typed or "").strip()
        if "\x00" in text:
            raise StopValidation("Remove the characters that cannot be stored (such as NUL).")
        if not text:
            if self.required:
                raise StopValidation(REQUIRED)
            self.data = None
            return
        if self.maximum is not None and len(text) > self.maximum:
            raise StopValidation(
                f"Shorten this to {self.maximum:,} characters (it has {len(text):,})."
            )
        try:
            self.data = self.clean(text)
        except ValueError as error:
            raise StopValidation(str(error)) from None

    def clean(self, text: str) -> Any:
        """The value that ``text`` (never blank) means. ValueError's text is shown at the field."""
        return text


class LineField(RecordField):
    """One line of text."""


class TextField(RecordField):
    """Text of several lines; line breaks are kept as one character each."""

    kind: FieldKind = "text"

    def clean(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")


class WholeNumberField(RecordField):
    """A whole number; "1,234" as the list shows it is taken too."""

    kind: FieldKind = "number"

    def clean(self, text: str) -> int:
        digits = _ungrouped(text)
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", digits, re.ASCII):
            raise ValueError("Enter a whole number like 12.")
        number = int(digits)
        if abs(number) > LARGEST_INTEGER:
            raise ValueError(f"Enter at most {LARGEST_INTEGER:,}.")
        return number


@dataclass(frozen=True, slots=True)
class Delta:
    """A number to add to what is there when it is saved, not a value to put in its place."""

    amount: int


class CountField(WholeNumberField):
    """A count that two people change at once: a number, or a signed one to add (+12, -3)."""

    def clean(self, text: str) -> Any:
        number = super().clean(text)
        return Delta(number) if text[:1] in "+-" else number


class DecimalField(RecordField):
    """A decimal number; "1,234.50" as the list shows it is taken too."""

    kind: FieldKind = "money"

    def clean(self, text: str) -> Decimal:
        try:
            number = Decimal(_ungrouped(text))
        except InvalidOperation:
            raise ValueError("Enter a number like 12.50.") from None
        if not number.is_finite() or abs(number.adjusted()) > 100:
            raise ValueError("Enter a number like 12.50.")
        return number


class BooleanField(RecordField):
    """A checkbox: on or off, never missing."""

    kind: FieldKind = "boolean"

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = bool(valuelist) and str(valuelist[0]).lower() not in ("", "0", "false", "off")

    def pre_validate(self, form: Any) -> None:
        self.data = bool(self.data)


class ChecksField(RecordField):
    """Any number of choices, each a checkbox; the view says which there are."""

    kind: FieldKind = "checks"

    @property
    def chosen(self) -> list[str]:
        """The values of the ticked boxes."""
        return list(self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [value for value in valuelist if isinstance(value, str)]

    def pre_validate(self, form: Any) -> None:
        self.data = list(dict.fromkeys(self.data or []))


class MomentField(RecordField):
    """A date and time, typed in the zone of the settings, stored in UTC."""

    kind: FieldKind = "moment"
    zone: ZoneInfo = ZoneInfo("UTC")

    def written(self, value: Any) -> str:
        moment: datetime = value
        return moment.astimezone(self.zone).replace(tzinfo=None).isoformat(timespec="seconds")

    def clean(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("Enter a date and time like 2026-03-31 14:30.") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise ValueError("Enter a date between the years 1 and 9999.") from None


class DateField(RecordField):
    """A day."""

    kind: FieldKind = "date"

    def clean(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("Enter a date like 2026-03-31.") from None


class EnumField(RecordField):
    """One of an enumeration's members, by name."""

    kind: FieldKind = "choice"

    def __init__(self, *arguments: Any, members: type[Enum], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.members = members

    def written(self, value: Any) -> str:
        return str(value.name)

    def clean(self, text: str) -> Enum:
        try:
            return self.members[text]
        except KeyError:
            raise ValueError("Choose one of the list.") from None


class RelationField(RecordField):
    """One record of another view, by its key; ``admin.choices`` offers and finds the records."""

    kind: FieldKind = "choice"


class SecretField(RecordField):
    """A password: taken as typed, spaces and all, and never sent back to the browser."""

    kind: FieldKind = "password"

    def _value(self) -> str:
        return ""

    def pre_validate(self, form: Any) -> None:
        if not self.typed:
            if self.required:
                raise StopValidation(REQUIRED)
            self.data = None


def _ungrouped(text: str) -> str:
    text = text.replace("\u202f", "").replace("\xa0", "")
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text
