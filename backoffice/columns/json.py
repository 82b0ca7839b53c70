"""JSON: any value that it can hold."""

import json
import math
from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.columns.sql import json_part, retyped
from backoffice.columns.text import LONGEST_TEXT, UNSTORABLE, is_storable
from backoffice.db.sqlite_functions import same_json
from backoffice.db.types import MYSQL
from backoffice.language import N_, _, number

_DEEPEST = {"mariadb": 30, "mysql": 98}
"""Levels that a database accepts, less the one of the history's own object around them."""
_DEEP = 200

_SQLITE_DIGITS = 15
"""SQLite stores a number by itself as a binary fraction or a whole number of 64 bits."""


class Json(Kind):
    """Encoded as it is. Values are compared: the order of names and the spelling of numbers do not
    matter, and SQL's NULL equals JSON's null."""

    name = "json"
    control = "code"
    print = "code"
    sortable = False
    has_one_encoding = False
    example = '{"name": "value"}'
    hint = N_('JSON, for example {"name": "value"}.')

    @property
    def longest(self) -> int | None:
        return LONGEST_TEXT

    def too_long_to_edit(self, value: Any) -> bool:
        return len(self.write(value)) > LONGEST_TEXT

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return json.dumps(value, ensure_ascii=False, indent=2)

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        try:
            value = json.loads(
                text,
                parse_constant=_refuse_constant,
                parse_float=_finite,
                object_pairs_hook=_without_doubles,
            )
        except json.JSONDecodeError as error:
            raise ValueError(
                _(
                    "Enter JSON. There is a mistake in line {line}, column {column}: {mistake}.",
                    line=number(error.lineno),
                    column=number(error.colno),
                    mistake=error.msg[:1].lower() + error.msg[1:],
                )
            ) from None
        except RecursionError:
            raise ValueError(_too_deep(_DEEP)) from None
        except _Refused:
            raise
        except ValueError:  # Python reads no number of more than some thousand digits
            raise ValueError(_("Enter numbers with fewer digits.")) from None
        self.check(value, "")
        return value

    def tidy(self, text: str) -> str:
        return text.strip()

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return json.dumps(value, ensure_ascii=False)

    def check(self, value: Any, dialect: str) -> None:
        deepest = _DEEPEST.get(dialect, _DEEP)
        _check(value, deepest)
        if dialect == "sqlite" and not _sqlite_keeps(value):
            raise ValueError(
                _(
                    "Enter a number with at most {digits} digits, or put it in a list.",
                    digits=number(_SQLITE_DIGITS),
                )
            )

    def encode(self, value: Any) -> Any:
        if value is sa.JSON.NULL:
            return None
        # A copy: the record's value may change later.
        return json.loads(json.dumps(value))

    def decode(self, encoded: Any) -> Any:
        if encoded is None:  # a column that takes no NULL can hold it
            return sa.JSON.NULL
        return json.loads(json.dumps(encoded))

    def same(self, first: Any, second: Any) -> bool:
        first, second = (None if value is sa.JSON.NULL else value for value in (first, second))
        return same_json(first, second)

    def same_encoded(self, first: Any, second: Any) -> bool:
        return same_json(first, second)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            return sa.cast(value, JSONB)
        if dialect in MYSQL:  # json_extract makes JSON of what may be text to it
            return sa.func.json_extract(value, sa.literal_column("'$'"))
        return sa.func.json(retyped(value, sa.String))

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return sa.cast(text, self.type) if dialect == "postgresql" else text

    def sql_field(self, dialect: str, values: Any, name: str) -> Any:
        """As SQLAlchemy stores None: JSON's null, or NULL if the type has ``none_as_null``."""
        part = json_part(dialect, values, name)
        if getattr(self.type, "none_as_null", False):
            part = self._without_null(dialect, part)
        return self.sql_decode(dialect, part)

    def _without_null(self, dialect: str, part: Any) -> Any:
        if dialect == "postgresql":
            return sa.func.nullif(part, sa.literal_column("'null'::jsonb"))
        kind = sa.func.json_type(part)
        null: Any = sa.literal_column("'null'" if dialect == "sqlite" else "'NULL'")
        return sa.case((kind != null, part))

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        if dialect == "postgresql":
            null: Any = sa.literal_column("'null'::jsonb")
            first, second = (sa.func.coalesce(sa.cast(v, JSONB), null) for v in (first, second))
            return first == second
        first, second = (retyped(value, sa.String) for value in (first, second))
        if dialect in MYSQL:
            return _mysql_same_json(first, second)
        return sa.func.same_json(first, second, type_=sa.Boolean)


class _mysql_same_json(sa.sql.functions.FunctionElement[bool]):  # noqa: N801 - as SQL functions
    """Whether two are the same JSON. MariaDB's JSON is text, MySQL's a type that has ``=``."""

    inherit_cache = True
    type = sa.Boolean()


@compiles(_mysql_same_json)
def _compile_same_json(element: _mysql_same_json, compiler: Any, **options: Any) -> str:
    first, second = (
        f"COALESCE({compiler.process(clause, **options)}, 'null')" for clause in element.clauses
    )
    if getattr(compiler.dialect, "is_mariadb", True):
        return f"JSON_EQUALS({first}, {second})"
    return f"(CAST({first} AS JSON) = CAST({second} AS JSON))"


class _Refused(ValueError):
    """JSON that Python reads but no database stores."""


def _refuse_constant(word: str) -> Any:
    raise _Refused(_("Enter JSON. It has no {word}.", word=word.removeprefix("-")))


def _finite(digits: str) -> float:
    found = float(digits)
    if math.isinf(found):
        raise _Refused(_("Enter numbers below 1.8e308."))
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(_("Give each name once. “{name}” is in one object twice.", name=twice))
    return found


def _check(value: Any, deepest: int) -> None:
    """Check that every part of a value is JSON that the databases accept.

    Raises:
        ValueError: a part is not; its text is a sentence.
    """
    parts = [(value, 0)]
    while parts:
        part, depth = parts.pop()
        if isinstance(part, str):
            if not is_storable(part):
                raise ValueError(_(UNSTORABLE))
        elif isinstance(part, float):
            if not math.isfinite(part):
                raise ValueError(_("Enter JSON. It has no NaN and no Infinity."))
        elif isinstance(part, dict | list | tuple):
            if depth >= deepest:
                raise ValueError(_too_deep(deepest))
            within = [*part.keys(), *part.values()] if isinstance(part, dict) else part
            parts += [(child, depth + 1) for child in within]
        elif part is not None and not isinstance(part, int):
            raise ValueError(_("Enter JSON: text, numbers, true, false, null, lists and objects."))


def _too_deep(deepest: int) -> str:
    return _("Nest lists and objects at most {levels} levels deep.", levels=number(deepest))


def _sqlite_keeps(value: Any) -> bool:
    """Whether SQLite, whose JSON columns are numeric, stores a number by itself exactly."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not isinstance(value, float) or float(f"{value:.{_SQLITE_DIGITS}g}") == value


register(sa.JSON, Json)
