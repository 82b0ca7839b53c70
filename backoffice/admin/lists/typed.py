"""What a person types into a list's form, and the plain values that its address holds.

A form without a script also posts its empty fields, which no address needs.

An address means the same to everybody, so its numbers and times are plain: ``price_from=12.5``. A
form posts what was typed, "12,5", and says in which language (``typed=de``). The list answers with
a redirect to the plain address; where a text means nothing, or two things, it says so.
"""

from collections.abc import Callable, Sequence

from backoffice.admin.lists.bounds import typed_text
from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.filters import filters_of, search_fields_of
from backoffice.admin.lists.filters.range import RangeFilter
from backoffice.admin.lists.filters.text import TextFilter
from backoffice.admin.lists.search import parse_search, quote_value
from backoffice.admin.view import RecordView
from backoffice.columns import Kind
from backoffice.columns.numbers import plain_number
from backoffice.language import Language, current_language, find_language, speak
from backoffice.language.numbers import number_style, numbers_in, plain_numbers

TYPED = "typed"
"""The parameter with the code of the language in which a form's values were typed."""


def typed_language() -> str:
    """The code that the list's form sends as ``typed``; "" where people write as addresses do."""
    return "" if number_style().is_english else current_language().code


def language_typed(code: str, offered: Sequence[str]) -> Language:
    """The language of a form's ``typed``; the current one if it is not offered."""
    return find_language(code) if code in offered else current_language()


def plain_parameters(
    view: RecordView, parameters: Sequence[tuple[str, str]], language: Language
) -> tuple[list[tuple[str, str]], list[str]]:
    """A form's parameters with plain values, and a sentence for each that means two numbers.

    ``language``: in which they were typed. What means two numbers is left out; what means none is
    left as it is, for the list to complain about.
    """
    kinds = {
        parameter: found
        for found in filters_of(view).values()
        if isinstance(found, RangeFilter)
        for parameter in found.parameters
    }
    plain: list[tuple[str, str]] = []
    problems: list[str] = []
    for name, value in parameters:
        if name == TYPED:
            continue
        try:
            if name in kinds and value.strip():
                value = plain_text(kinds[name].kind, value, language)
            elif name == "search":
                value = _search_in(view, value, lambda kind, text: plain_text(kind, text, language))
        except InvalidCondition as error:
            problems.append(str(error))
            continue
        plain.append((name, value))
    return plain, problems


def without_blanks(
    view: RecordView, parameters: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """A form's parameters without its empty fields, and without how to compare an empty text."""
    filled = [(name, value) for name, value in parameters if value.strip()]
    names = {name for name, _value in filled}
    comparisons = {
        comparison
        for found in filters_of(view).values()
        if isinstance(found, TextFilter)
        for text, comparison in (found.parameters,)
        if text not in names
    }
    return [(name, value) for name, value in filled if name not in comparisons]


def plain_text(kind: Kind, text: str, language: Language) -> str:
    """A typed value as addresses hold it. One that cannot be read is returned as it is, for the
    list to complain about.

    Raises:
        InvalidCondition: it means two numbers.
    """
    if kind.is_number:
        # It may be one that the column cannot store: it is compared anyway.
        with numbers_in(language):
            try:
                return plain_number(text)
            except ValueError as error:
                raise InvalidCondition(str(error)) from None
    try:
        with speak(language):
            value = kind.parse(kind.tidy(text))
    except ValueError:
        return text
    with plain_numbers():
        return kind.write(value)


def typed_search(view: RecordView, search: str) -> str:
    """A search from an address as the person would type it."""
    return search if number_style().is_english else _search_in(view, search, typed_text)


def _search_in(view: RecordView, search: str, convert: Callable[[Kind, str], str]) -> str:
    """A search with ``convert`` applied to the values of its fields that are ranges."""
    fields = search_fields_of(view)
    parts: list[str] = []
    done = 0
    for term in parse_search(search):
        found = fields.get(term.field.lower()) if term.field else None
        if not isinstance(found, RangeFilter):
            continue
        low, between, high = term.text.partition("..")
        texts = [convert(found.kind, text) if text else "" for text in (low, high)]
        sign = "-" if term.negated else ""
        value = quote_value(between.join(texts) if between else texts[0])
        parts += [search[done : term.start], f"{sign}{term.field}{term.operator}{value}"]
        done = term.end
    return "".join(parts) + search[done:]
