"""Yes and no."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL
from backoffice.language import _

_WORDS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


class Boolean(Kind):
    """Encoded as true and false."""

    name = "boolean"
    control = "boolean"
    print = "boolean"
    facet = "yes_no"
    example = "yes"

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        return (("yes", _("Yes")), ("no", _("No")))

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return "yes" if value else "no"

    def parse(self, text: str, zone: tzinfo = UTC) -> bool:
        word = text.strip().lower()
        if word not in _WORDS:
            words = {label.lower(): text == "yes" for text, label in self.choices}
            if word not in words:
                raise ValueError(_("Enter yes or no."))
            return words[word]
        return _WORDS[word]

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return _("Yes") if value else _("No")

    def encode(self, value: Any) -> Any:
        return bool(value)

    def decode(self, encoded: Any) -> bool:
        return bool(encoded)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            return value
        word = sa.case(
            (value.is_(sa.true()), "true"), (value.is_(sa.false()), "false"), else_="null"
        )
        if dialect in MYSQL:
            return sa.func.json_extract(word, "$")
        return sa.func.json(word)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql":
            return sa.cast(text, sa.Boolean)
        if dialect in MYSQL:
            return sa.case((text.in_(["true", "1"]), 1), (text.is_(None), sa.null()), else_=0)
        return text  # json_extract gives 1 and 0


register(sa.Boolean, Boolean)
