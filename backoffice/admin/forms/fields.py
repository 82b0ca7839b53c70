"""Form fields: WTForms fields that remember what was typed.

The field of a column asks the column's kind how to read, check and show a value. An *encoded* value
is a value as JSON holds it: conflicts are found by comparing encoded values.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, ClassVar, Final

from wtforms import Field, Form
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from backoffice.admin.forms.translations import TranslatedMeta
from backoffice.admin.pages.parts import FieldKind
from backoffice.columns import Kind
from backoffice.columns.text import UNSTORABLE, too_many_characters
from backoffice.language import N_, _

REQUIRED = N_("This field is required.")


class _Mark:
    """A value that no column can hold."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNTOUCHED: Final = _Mark("UNTOUCHED")
"""The value of a field that nobody changed since the form was opened: the stored value stays."""

USE_DEFAULT: Final = _Mark("USE_DEFAULT")
"""The value of a new record's field that was left blank, if its column has a default."""


_META = TranslatedMeta()


class RecordForm(Form):
    """A form whose fields are found by name, ``form["price"]``, and are not its attributes: a
    column named ``data`` or ``validate`` would replace an attribute of WTForms."""

    members: ClassVar[dict[str, Any]] = {}
    """The unbound fields by the record's attribute name."""

    def __init__(self, formdata: Any = None, data: Any = None) -> None:
        BaseForm.__init__(self, self.members, meta=_META)
        self.process(formdata, data=data)

    @property
    def fields(self) -> dict[str, Any]:
        """The fields by name, in order, without those that were deleted from the form."""
        return {name: self[name] for name in self.members if name in self}

    def __delitem__(self, name: str) -> None:
        BaseForm.__delitem__(self, name)  # WTForms' Form would set an attribute of that name


class RecordField(Field):
    """The base of all fields. The template draws it by ``kind``, ``required`` and ``maximum``.

    ``data`` is the cleaned value after ``validate``; ``input_text()`` is what the input shows.
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
        self.created = True
        """Whether the form is for a new record."""
        self.posted = False
        self.is_original_text: Callable[[str], bool] = lambda _text: False
        """Whether a posted text is the one that the form showed when it was opened."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.posted = bool(valuelist)
        self.typed = str(valuelist[0]) if valuelist and isinstance(valuelist[0], str) else ""
        self.data = self.typed

    def prefill(self, text: str) -> None:
        """Show ``text`` as if somebody had typed it."""
        self.typed = self.data = text

    def input_text(self) -> str:
        """The text in the field's input: what was typed, or else the value."""
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.format(self.data)

    def format(self, value: Any) -> str:
        """A value (never None) as the text that the form shows."""
        return str(value)

    def pre_validate(self, form: Any) -> None:
        typed = self.typed or ""
        text = self.tidy(typed)
        if not self.created and (not self.posted or self.is_original_text(self.as_sent(typed))):
            self.data = UNTOUCHED
            return
        if not text:
            self.data = self.blank()
            return
        if self.maximum is not None and len(text) > self.maximum:
            raise StopValidation(too_many_characters(self.maximum, len(text)))
        try:
            self.data = self.clean(text)
        except ValueError as error:
            raise StopValidation(str(error)) from None

    def tidy(self, text: str) -> str:
        """The typed text with plain line breaks, without blanks at its ends."""
        return with_plain_breaks(text).strip()

    def blank(self) -> Any:
        """The value of a field that was left blank.

        Raises:
            StopValidation: the field is required.
        """
        if self.required:
            raise StopValidation(_(REQUIRED))
        return None

    def clean(self, text: str) -> Any:
        """The value of a typed text, which is never blank.

        Raises:
            ValueError: the text is not valid; the message is shown at the field.
        """
        if "\x00" in text:
            raise ValueError(_(UNSTORABLE))
        return text

    def as_sent(self, text: str) -> str:
        """A text of the form as any browser may send it back: browsers change line breaks."""
        return with_plain_breaks(text)

    # Encoded values, by which conflicts are found --------------------------------------

    def encoded(self) -> Any:
        """This field's cleaned value as JSON holds it; None for no value."""
        return None if self.data is None else self.format(self.data)

    def same_encoded(self, encoded: Any, other: Any) -> bool:
        """Whether two encoded values mean the same."""
        return bool(encoded == other)

    def format_encoded(self, encoded: Any) -> str:
        """An encoded value as the text that the form shows."""
        return "" if encoded is None else str(encoded)

    def describe(self, encoded: Any) -> str:
        """An encoded value for reading."""
        return self.format_encoded(encoded)


class ColumnField(RecordField):
    """The field of a column. The column's kind says how a value is typed, read, checked and drawn.

    ``value_kind``: the column's kind. ``dialect``: of the database that stores the values.
    ``zone``: the time zone in which moments are typed. ``nullable``: whether the column may be
    NULL. ``has_default``: whether the column of a new record has a default.
    """

    def __init__(
        self,
        *arguments: Any,
        value_kind: Kind,
        dialect: str,
        zone: tzinfo = UTC,
        nullable: bool = False,
        has_default: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.value_kind, self.dialect, self.zone = value_kind, dialect, zone
        self.nullable, self.has_default = nullable, has_default
        if options.get("kind") is None:
            self.kind = control_for(value_kind, nullable=nullable)
        if self.maximum is None and value_kind.blank is not None:
            self.maximum = value_kind.longest

    @property
    def must_be_filled(self) -> bool:
        """Whether the field must not be left blank in this form."""
        if self.required or self.created:
            return self.required
        return not self.nullable and self.value_kind.blank is None

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """The choices, as text and label. The stored value is one of them even if the kind does not
        list it any more."""
        choices = list(self.value_kind.choices)
        value = self.input_text()
        if value and value not in [text for text, _label in choices]:
            choices.append((value, value))
        return choices

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.kind == "boolean":  # a checkbox that is not ticked is not sent
            self.posted, self.typed = True, None
            self.data = bool(valuelist) and _is_ticked(valuelist[0])

    def prefill(self, text: str) -> None:
        super().prefill(text)
        if self.kind == "boolean":
            self.typed, self.data = None, _is_ticked(text)

    def input_text(self) -> str:
        return "" if self.kind == "boolean" else super().input_text()

    def format(self, value: Any) -> str:
        return self.value_kind.write(value, self.zone)

    def pre_validate(self, form: Any) -> None:
        if self.kind == "boolean":
            self.data = bool(self.data)
        else:
            super().pre_validate(form)

    def tidy(self, text: str) -> str:
        return self.value_kind.tidy(with_plain_breaks(text))

    def blank(self) -> Any:
        if self.created and self.has_default:
            return USE_DEFAULT
        if self.must_be_filled:
            raise StopValidation(_(REQUIRED))
        if self.nullable:
            return None
        if self.value_kind.blank is None:
            raise StopValidation(_(REQUIRED))
        return self.value_kind.blank

    def clean(self, text: str) -> Any:
        value = self.value_kind.parse(text, self.zone)
        self.value_kind.check(value, self.dialect)
        return value

    def as_sent(self, text: str) -> str:
        plain = with_plain_breaks(text)
        # Chromium sends a time without its seconds where they are zero.
        is_clock = self.kind in ("moment", "time") and plain.count(":") == 2
        return plain.removesuffix(":00") if is_clock else plain

    def encoded(self) -> Any:
        return None if self.data is None else self.value_kind.encode(self.data)

    def same_encoded(self, encoded: Any, other: Any) -> bool:
        return self.value_kind.same_encoded(encoded, other)

    def format_encoded(self, encoded: Any) -> str:
        return "" if encoded is None else self.format(self.value_kind.decode(encoded))

    def describe(self, encoded: Any) -> str:
        if encoded is None:
            return ""
        return self.value_kind.show(self.value_kind.decode(encoded), self.zone)


@dataclass(frozen=True, slots=True)
class Delta:
    """A number to add to the stored one when the form is saved."""

    amount: int


class CountField(ColumnField):
    """A count that two people may change at once: a number, or a signed number to add (+12, -3)."""

    def clean(self, text: str) -> Any:
        value = super().clean(text)
        return Delta(value) if text[:1] in "+-" else value


class ChecksField(RecordField):
    """Any number of choices, each a checkbox. ``RecordView.option_groups`` lists them."""

    kind: FieldKind = "checks"

    @property
    def chosen(self) -> list[str]:
        """The values of the ticked boxes."""
        return list(self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [value for value in valuelist if isinstance(value, str)]

    def prefill(self, text: str) -> None:
        self.data = [text]

    def input_text(self) -> str:
        return ""

    def pre_validate(self, form: Any) -> None:
        self.data = list(dict.fromkeys(self.data or []))

    def encoded(self) -> Any:
        return sorted(set(self.chosen))

    def format_encoded(self, encoded: Any) -> str:
        return ", ".join(map(str, encoded or []))


class MatrixField(ChecksField):
    """Choices in groups with labels: a table with a row for each group. The record's page shows it,
    too."""


class LinksField(ChecksField):
    """Any number of records of another view (many to many), by their keys as text.
    ``forms/choices.py`` offers and finds the records."""


class RelationField(RecordField):
    """One record of another view, by its key as text. ``forms/choices.py`` offers and finds the
    records."""

    kind: FieldKind = "choice"


class SecretField(RecordField):
    """A password: read exactly as typed, with its spaces, and never sent back to the browser."""

    kind: FieldKind = "password"

    def input_text(self) -> str:
        return ""

    def pre_validate(self, form: Any) -> None:
        if not self.typed:
            if self.required:
                raise StopValidation(_(REQUIRED))
            self.data = None


def control_for(value_kind: Kind, *, nullable: bool) -> FieldKind:
    """The control of a column's field; "locked" if its values cannot be edited."""
    if value_kind.control == "none":
        return "locked"
    # A checkbox has no third state for "not set".
    return "choice" if value_kind.control == "boolean" and nullable else value_kind.control


def with_plain_breaks(text: str) -> str:
    """The text with "\\n" for every line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_ticked(value: Any) -> bool:
    return str(value).lower() not in ("", "0", "false", "off", "no")
