"""Real parts, loaded through the models: 17,569 rows with the faults that real data has.

Every row is either a record afterwards or named in the report with the sentence that a person at
the form would have read. Constraints that only the database can judge (a name that is taken) are
left to it.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from backoffice.config import CHECKOUT
from backoffice.db import Database, read_violation
from backoffice.history import RecordSession, unit_of_work
from backoffice.models import Category, InvalidValue, Item

PATH_VARIABLE = "PARTS_CSV"
"""Names another place for the file than the folder of data beside the checkout."""

BATCH = 500

TAKEN = "An item with this name already exists."


@dataclass(frozen=True, slots=True)
class Part:
    """A row of the file, all text unchanged. ``line``: its number, the header's is 1."""

    line: int
    name: str
    description: str
    category: str
    price: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not a record: the field that broke a rule, and the rule's sentence."""

    part: Part
    field: str
    reason: str


@dataclass
class Report:
    """What became of the rows: ``read == loaded + len(refused)``."""

    read: int = 0
    loaded: int = 0
    categories: int = 0
    refused: list[Refused] = field(default_factory=list)

    def reasons(self) -> Counter[tuple[str, str]]:
        """How many rows were refused, by field and sentence."""
        return Counter((one.field, one.reason) for one in self.refused)


def parts_file() -> Path | None:
    """Where parts.csv is; None if it is not. It is not part of the product."""
    given = os.environ.get(PATH_VARIABLE)
    path = Path(given) if given else CHECKOUT.parent / "shared" / "data" / "parts.csv"
    return path if path.is_file() else None


def read_parts(path: Path) -> Iterator[Part]:
    """The rows of the file, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            yield Part(line=rows.line_num, **row)


def load_parts(database: Database, parts: Iterable[Part]) -> Report:
    """Make categories and items of ``parts``, in one unit of work, and say what was refused."""
    report = Report()
    with unit_of_work(database, writes=True) as session:
        categories: dict[str, Category] = {}
        batch: list[Part] = []
        for part in parts:
            report.read += 1
            batch.append(part)
            if len(batch) == BATCH:
                _load_batch(session, categories, batch, report)
                batch = []
        _load_batch(session, categories, batch, report)
        report.categories = len(categories)
    report.refused.sort(key=lambda one: one.part.line)
    return report


def _load_batch(
    session: RecordSession, categories: dict[str, Category], batch: Sequence[Part], report: Report
) -> None:
    named = {part.category for part in batch} - set(categories)
    for name in sorted(named):
        # A name that is not a category's is told for each of its rows.
        with suppress(InvalidValue):
            categories[name] = Category(name=name)
    session.add_all(categories[name] for name in sorted(named & set(categories)))
    session.flush()
    _insert(session, categories, batch, report)


def _insert(
    session: RecordSession, categories: dict[str, Category], batch: Sequence[Part], report: Report
) -> None:
    """Insert the rows at once; where the database refuses one, each half of them, to find it."""
    made = []
    for part in batch:
        try:
            made.append((part, _item(part, categories)))
        except InvalidValue as error:
            report.refused.append(Refused(part, error.field, error.message))
    try:
        with session.begin_nested():
            session.add_all(item for _part, item in made)
            session.flush()
    except IntegrityError as error:
        parts = [part for part, _item in made]
        if len(parts) == 1:
            report.refused.append(_refused(parts[0], error))
            return
        middle = len(parts) // 2
        _insert(session, categories, parts[:middle], report)
        _insert(session, categories, parts[middle:], report)
    else:
        report.loaded += len(made)


def _item(part: Part, categories: dict[str, Category]) -> Item:
    category = categories.get(part.category)
    if category is None:
        raise InvalidValue("category", "This field is required.")
    try:
        quantity = int(part.quantity)
    except ValueError:
        raise InvalidValue("quantity", "Enter a whole number, such as 12.") from None
    return Item(
        name=part.name,
        description=part.description,
        price=part.price,
        quantity=quantity,
        # The key and not the object: an item that is refused must not stay with its category.
        category_id=category.id,
    )


def _refused(part: Part, error: IntegrityError) -> Refused:
    violation = read_violation(error, Item.metadata.tables[Item.__tablename__])
    if violation.kind != "unique" or violation.columns != ("name",):
        raise error  # no fault of this data's that anybody knows of
    return Refused(part, "name", TAKEN)
