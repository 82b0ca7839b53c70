"""Formatting and parsing dates and times in a language.

Reading takes what writing writes. ISO 8601, which every language reads too, is read by those who
call this.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale
from babel.dates import DateTimeFormat, DateTimePattern, tokenize_pattern

from backoffice.language.languages import current_language, find_language
from backoffice.language.texts import _, ngettext

_MARKS = dict.fromkeys(map(ord, "\u061c\u200e\u200f"))
"""Marks of direction, which some languages write between the parts of a date."""


def date_text(day: date) -> str:
    """A date: "Mar 31, 2026"."""
    language = current_language()
    return _pattern(language.code, "date").apply(day, language.locale)


def time_text(clock: time) -> str:
    """A time of day, to the second if it has seconds: "2:30 PM"."""
    language = current_language()
    form = "time" if clock.second else "short time"
    return _pattern(language.code, form).apply(clock, language.locale)


def datetime_text(moment: datetime) -> str:
    """A date and time, to the second, without its zone: "Mar 31, 2026, 2:30:05 PM"."""
    language = current_language()
    clock = _pattern(language.code, "time").apply(moment, language.locale)
    return _joined(language.locale).replace("{0}", clock).replace("{1}", date_text(moment))


def relative_time(moment: datetime, now: datetime) -> str:
    """How long ago a time was, or how far ahead it is: "3 days ago", "in 2 hours". Both times have
    a zone, or neither has."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 45:
        return _("just now")
    for limit, length, past, future in _STEPS:
        if abs(seconds) < limit:
            say = past if seconds > 0 else future
            return say(max(1, round(abs(seconds) / length)))
    raise AssertionError("the last step has no limit")


Say = Callable[[int], str]

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_STEPS: tuple[tuple[float, float, Say, Say], ...] = (
    (
        45 * _MINUTE,
        _MINUTE,
        lambda count: ngettext("{count} minute ago", "{count} minutes ago", count),
        lambda count: ngettext("in {count} minute", "in {count} minutes", count),
    ),
    (
        22 * _HOUR,
        _HOUR,
        lambda count: ngettext("{count} hour ago", "{count} hours ago", count),
        lambda count: ngettext("in {count} hour", "in {count} hours", count),
    ),
    (
        26 * _DAY,
        _DAY,
        lambda count: ngettext("{count} day ago", "{count} days ago", count),
        lambda count: ngettext("in {count} day", "in {count} days", count),
    ),
    (
        320 * _DAY,
        30.44 * _DAY,
        lambda count: ngettext("{count} month ago", "{count} months ago", count),
        lambda count: ngettext("in {count} month", "in {count} months", count),
    ),
    (
        float("inf"),
        365.25 * _DAY,
        lambda count: ngettext("{count} year ago", "{count} years ago", count),
        lambda count: ngettext("in {count} year", "in {count} years", count),
    ),
)


def read_date(text: str) -> date | None:
    """The date that ``date_text`` would write so in the current language; None for other texts."""
    return _day(_read(text, "date"))


def read_time(text: str) -> time | None:
    """The time that ``time_text`` would write so in the current language; None for other texts."""
    return _clock(_read(text, "time") or _read(text, "short time"))


def read_datetime(text: str) -> datetime | None:
    """The date and time, without a zone, that ``datetime_text`` would write so in the current
    language; None for other texts."""
    parts = _read(text, "date and time")
    day, clock = _day(parts), _clock(parts)
    return None if day is None or clock is None else datetime.combine(day, clock)


def _day(parts: dict[str, int] | None) -> date | None:
    try:
        return None if parts is None else date(parts["y"], parts["M"], parts["d"])
    except ValueError:
        return None


def _clock(parts: dict[str, int] | None) -> time | None:
    if parts is None:
        return None
    hour = parts.get("H", parts.get("h", 0))
    if "h" in parts:
        hour = hour % 12 + parts.get("a", 0)
    try:
        return time(hour, parts["m"], parts.get("s", 0))
    except ValueError:
        return None


def _read(text: str, form: str) -> dict[str, int] | None:
    """The numbers of a text's fields, by the letter of Unicode's patterns; None if it does not
    have that form. "a" is 12 in the afternoon."""
    reader, names = _reader(current_language().code, form)
    found = reader.fullmatch(_folded(text).strip())
    if found is None:
        return None
    return {
        letter: names[letter][value] if letter in names else int(value)
        for letter, value in found.groupdict().items()
    }


def _folded(text: str) -> str:
    """A text without what looks the same or is not seen: blanks of any kind, marks of direction,
    and capitals."""
    return re.sub(r"\s+", " ", text.translate(_MARKS)).casefold()


Names = dict[str, dict[str, int]]
"""The numbers of the names of fields that are written in words, by the field's letter."""


@lru_cache(maxsize=64)
def _reader(code: str, form: str) -> tuple[re.Pattern[str], Names]:
    """A pattern with a group for each field, and what its words mean.

    ``form``: as in ``_pattern``, or "date and time".
    """
    names: Names = {}
    if form != "date and time":
        return re.compile(_expression(code, form, names)), names
    places = {"{0}": "time", "{1}": "date"}
    parts = re.split(r"(\{[01]\})", _joined(find_language(code).locale))
    return re.compile(
        "".join(
            _expression(code, places[part], names) if part in places else re.escape(_folded(part))
            for part in parts
        )
    ), names


def _expression(code: str, form: str, names: Names) -> str:
    """A regular expression for the pattern of a language; adds its words to ``names``."""
    locale = find_language(code).locale
    parts: list[str] = []
    for _kind, value in tokenize_pattern(_pattern(code, form).pattern):
        if isinstance(value, str):
            parts.append(re.escape(_folded(value)))
            continue
        field, length = value[0], int(value[1])
        letter = {"L": "M", "K": "h", "k": "H", "b": "a", "B": "a"}.get(field, field)
        if letter == "M" and length >= 3:
            width = "abbreviated" if length == 3 else "wide"
            months = locale.months["format"][width]
            names["M"] = {_folded(name): month for month, name in months.items()}
        elif letter == "a":
            names["a"] = _day_periods(locale, field * length)
        choices = names.get(letter)
        pattern = r"\d+" if choices is None else "|".join(map(re.escape, choices))
        parts.append(f"(?P<{letter}>{pattern})")
    return "".join(parts)


def _day_periods(locale: Locale, field: str) -> dict[str, int]:
    """The names of the parts of a day, "AM" and "PM" or more of them, and how many hours each adds
    to a clock of twelve."""
    return {
        _folded(DateTimeFormat(time(hour), locale)[field]): hour // 12 * 12 for hour in range(24)
    }


def _joined(locale: Locale) -> str:
    """How a date, "{1}", and a time, "{0}", are joined."""
    return str(locale.datetime_formats["medium"]).replace("'", "")


@lru_cache(maxsize=64)
def _pattern(code: str, form: str) -> DateTimePattern:
    """The pattern of a language: of "date", "time" or "short time"."""
    locale = find_language(code).locale
    formats = locale.date_formats if form == "date" else locale.time_formats
    found: DateTimePattern = formats["short" if form == "short time" else "medium"]
    return found
