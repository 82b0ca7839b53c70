"""Form fields: WTForms fields that keep what was typed. A column's field asks its kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, ClassVar, Final

from wtforms import Field, Form
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from backoffice.admin.pages.parts import FieldKind
from backoffice.columns import Kind

REQUIRED = "This field is required."


class _Mark:
    """A value that is none of a column's."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNTOUCHED: Final = _Mark("UNTOUCHED")
"""The value of a field that holds what its form was opened with: whatever is stored stays."""

USE_DEFAULT: Final = _Mark("USE_DEFAULT")
"""The value of a new record's field that was left blank, and whose column has a default."""


class RecordForm(Form):
    """A form whose fields are found by name alone, ``form["price"]``: as attributes, columns named
    ``data`` or ``validate`` would take the place of WTForms' own."""

    members: ClassVar[dict[str, Any]] = {}
    """The unbound fields by attribute name."""

    def __init__(self, formdata: Any = None, data: Any = None) -> None:
        BaseForm.__init__(self, self.members)
        self.process(formdata, data=data)

    def __delitem__(self, name: str) -> None:
        del self._fields[name]


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
        self.created = True
        """Whether the form is for a new record."""
        self.posted = False
        self.was_shown: Callable[[str], bool] = lambda _text: False
        """Whether a text is what the form showed when it was opened."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.posted = bool(valuelist)
        self.typed = str(valuelist[0]) if valuelist and isinstance(valuelist[0], str) else ""
        self.data = self.typed

    def prefill(self, text: str) -> None:
        """Show ``text`` as if somebody had typed it."""
        self.typed = self.data = text

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.written(self.data)

    def written(self, value: Any) -> str:
        """A stored value as the form shows it."""
        return str(value)

    def pre_validate(self, form: Any) -> None:
        typed = self.typed or ""
        text = self.tidy(typed)
        if not self.created and (not self.posted or self.was_shown(self.as_sent(typed))):
            self.data = UNTOUCHED
            return
        if not text:
            self.data = self.blank()
            return
        if self.maximum is not None and len(text) > self.maximum:
            raise StopValidation(
                f"Shorten this to {self.maximum:,} characters (it has {len(text):,})."
            )
        try:
            self.data = self.clean(text)
        except ValueError as error:
            raise StopValidation(str(error)) from None

    def tidy(self, text: str) -> str:
        """What was typed, with line breaks of one character, and without blanks at the ends."""
        return with_plain_breaks(text).strip()

    def blank(self) -> Any:
        """The value of a field that was left blank.

        Raises:
            StopValidation: it must not be.
        """
        if self.required:
            raise StopValidation(REQUIRED)
        return None

    def clean(self, text: str) -> Any:
        """The value that ``text`` (never blank) means. ValueError's text is shown at the field."""
        if "\x00" in text:
            raise ValueError("Remove the characters that cannot be stored (such as NUL).")
        return text

    def as_sent(self, text: str) -> str:
        """A text of the form as any browser may send it back: line breaks are not kept."""
        return with_plain_breaks(text)

    # What conflicts are found by: a value as JSON holds it ----------------------------

    def kept(self) -> Any:
        """This field's cleaned value as JSON holds it."""
        return None if self.data is None else self.written(self.data)

    def same_encoded(self, one: Any, other: Any) -> bool:
        """Whether two kept values mean the same."""
        return bool(one == other)

    def shown_for(self, kept: Any) -> str:
        """A kept value as the form shows it."""
        return "" if kept is None else str(kept)

    def told(self, kept: Any) -> str:
        """A kept value for reading."""
        return self.shown_for(kept)


class ColumnField(RecordField):
    """The field of any column: its kind says how a value is typed, read, checked and drawn.

    ``value_kind``: the column's. ``dialect``: the database that must take the values. ``zone``: the
    one in which moments are typed. ``nullable``: whether the column may be empty.
    ``has_default``: whether a new record's column gets a value by itself where none is given.
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
            self.kind = drawn_as(value_kind, nullable=nullable)
        if self.maximum is None and value_kind.blank is not None:
            self.maximum = value_kind.longest

    @property
    def must_be_filled(self) -> bool:
        """Whether the field of this form must not be left blank."""
        if self.required or self.created:
            return self.required
        return not self.nullable and self.value_kind.blank is None

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """What may be chosen, as text and label: also what is stored and the list has no more."""
        choices = list(self.value_kind.choices)
        value = self._value()
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

    def _value(self) -> str:
        return "" if self.kind == "boolean" else super()._value()

    def written(self, value: Any) -> str:
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
            raise StopValidation(REQUIRED)
        if self.nullable:
            return None
        if self.value_kind.blank is None:
            raise StopValidation(REQUIRED)
        return self.value_kind.blank

    def clean(self, text: str) -> Any:
        value = self.value_kind.parse(text, self.zone)
        self.value_kind.check(value, self.dialect)
        return value

    def as_sent(self, text: str) -> str:
        plain = with_plain_breaks(text)
        # A box for a time sends no seconds where they are zero.
        is_clock = self.kind in ("moment", "time") and plain.count(":") == 2
        return plain.removesuffix(":00") if is_clock else plain

    def kept(self) -> Any:
        return None if self.data is None else self.value_kind.encode(self.data)

    def same_encoded(self, one: Any, other: Any) -> bool:
        return self.value_kind.same_encoded(one, other)

    def shown_for(self, kept: Any) -> str:
        return "" if kept is None else self.written(self.value_kind.decode(kept))

    def told(self, kept: Any) -> str:
        return "" if kept is None else self.value_kind.show(self.value_kind.decode(kept), self.zone)


@dataclass(frozen=True, slots=True)
class Delta:
    """A number to add to what is there when it is saved, not a value to put in its place."""

    amount: int


class CountField(ColumnField):
    """A count that two people change at once: a number, or a signed one to add (+12, -3)."""

    def clean(self, text: str) -> Any:
        number = super().clean(text)
        return Delta(number) if text[:1] in "+-" else number


class ChecksField(RecordField):
    """Any number of choices, each a checkbox; the view says which there are."""

    kind: FieldKind = "checks"

    @property
    def chosen(self) -> list[str]:
        """The values of the ticked boxes."""
        return list(self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [value for value in valuelist if isinstance(value, str)]

    def prefill(self, text: str) -> None:
        self.data = [text]

    def _value(self) -> str:
        return ""

    def pre_validate(self, form: Any) -> None:
        self.data = list(dict.fromkeys(self.data or []))

    def kept(self) -> Any:
        return sorted(set(self.chosen))

    def shown_for(self, kept: Any) -> str:
        return ", ".join(map(str, kept or []))


class LinksField(ChecksField):
    """Any number of records of another view (many to many), by their keys as text;
    ``admin.choices`` offers and finds them."""


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


def drawn_as(value_kind: Kind, *, nullable: bool) -> FieldKind:
    """The control that a column's values are typed into."""
    if value_kind.control == "none":
        return "locked"
    # A checkbox has no third state for "not set".
    return "choice" if value_kind.control == "boolean" and nullable else value_kind.control


def with_plain_breaks(text: str) -> str:
    """A text whose line breaks are one character each."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_ticked(value: Any) -> bool:
    return str(value).lower() not in ("", "0", "false", "off", "no")
