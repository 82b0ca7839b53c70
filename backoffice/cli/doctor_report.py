"""The report of the doctor: each query shape of each view, and how indexes cover it."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from backoffice.admin.doctor.diagnosis import (
    PRODUCTS,
    SLOW_SEARCH_ROWS,
    Diagnosis,
    IndexCoverage,
    ViewDiagnosis,
    diagnose,
    is_large,
)
from backoffice.admin.doctor.query_shapes import QueryShape, table_of
from backoffice.cli.site import build_site
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.queries.indexes import WantedIndex
from backoffice.history import unit_of_work

WIDTH = 100
INDENT = "  "
WIDEST = 36
"""The longest title that has its answer on the same line, in characters."""

BEHIND = (
    "Migrations are missing: run `alembic upgrade head` first. This report is about the database "
    "as it is now, and no migration is written."
)


def examine(settings: Settings, database: Database) -> Diagnosis:
    """Ask the database about every list.

    Raises:
        DBAPIError: it does not answer, or its tables are older than the models.
    """
    with unit_of_work(database) as session:
        return diagnose(session, build_site(settings, database))


def report(diagnosis: Diagnosis, *, behind: bool) -> Iterator[str]:
    """The report, line by line. ``behind``: whether migrations are missing; it begins with that."""
    if behind:
        yield from (*textwrap.wrap(BEHIND, WIDTH), "")
    rows = {
        view_diagnosis.view.identity: list(_rows(diagnosis, view_diagnosis))
        for view_diagnosis in diagnosis.views
    }
    others = [(index.table, _missing(diagnosis, (index,))) for index in diagnosis.beyond_lists]
    lengths = [len(title) for table in (*rows.values(), others) for title, _text in table]
    width = 2 + max((length for length in lengths if length <= WIDEST), default=WIDEST)
    for view_diagnosis in diagnosis.views:
        size = diagnosis.sizes[table_of(view_diagnosis.view).fullname]
        yield f"{view_diagnosis.view.name_plural}: {_counted(size.number, str(size))}"
        yield from _table(rows[view_diagnosis.view.identity], width)
    if others:
        yield "The models also declare"
        yield from _table(others, width)
    if advice := _advice(diagnosis):
        yield from (*textwrap.wrap(advice, WIDTH), "")
    yield _summary(diagnosis)


def _table(rows: list[tuple[str, str]], width: int) -> Iterator[str]:
    """Two columns, the second wrapped, and an empty line. A title that is too long for the first
    column gets a line of its own."""
    for title, text in rows:
        if len(title) > width - 2:
            yield INDENT + title
            title = ""
        yield from textwrap.wrap(
            text,
            WIDTH,
            initial_indent=INDENT + title.ljust(width),
            subsequent_indent=" " * (len(INDENT) + width),
            break_long_words=False,
            break_on_hyphens=False,
        )
    yield ""


def _rows(diagnosis: Diagnosis, view_diagnosis: ViewDiagnosis) -> Iterator[tuple[str, str]]:
    """Each query shape and how indexes cover it. Variants with the same coverage share a row."""
    for title, group in groupby(view_diagnosis.coverages, key=lambda pair: pair[0].title):
        variants_by_sentence: dict[str, list[str]] = {}
        for shape, coverage in group:
            sentence = _sentence(diagnosis, view_diagnosis, shape, coverage)
            variants_by_sentence.setdefault(sentence, []).append(shape.variant)
        for sentence, variants in variants_by_sentence.items():
            alone = len(variants_by_sentence) == 1 or variants == [""]
            named = f"{title} ({'; '.join(filter(None, variants))})"
            yield title if alone else named, sentence


def _sentence(
    diagnosis: Diagnosis, view_diagnosis: ViewDiagnosis, shape: QueryShape, coverage: IndexCoverage
) -> str:
    if shape.statement is None:
        return "needs no index"
    if coverage.missing:
        return _missing(diagnosis, coverage.missing)
    own = table_of(view_diagnosis.view).fullname
    parts = []
    if coverage.indexes and own not in [scan.table for scan in coverage.scans]:
        parts.append(f"served by {', '.join(coverage.indexes)}")
    for why, scans in groupby(coverage.scans, key=lambda scan: scan.why):
        tables = [scan.table for scan in scans]
        verb = "sorts" if shape.is_sort and own in tables else "reads"
        every = " and ".join(_everything(diagnosis, table) for table in tables)
        parts.append(f"{verb} {every}: {_because(diagnosis, why, tables)}")
    return "; ".join(parts)


def _missing(diagnosis: Diagnosis, indexes: tuple[WantedIndex, ...]) -> str:
    names = [index.name + _why(diagnosis, index) for index in indexes]
    sizes = [diagnosis.sizes[index.table] for index in indexes]
    largest = max(sizes, key=lambda size: size.number)
    return f"MISSING: {', '.join(names)}; {_counted(largest.number, str(largest))}"


def _why(diagnosis: Diagnosis, index: WantedIndex) -> str:
    if index.is_invalid(diagnosis.held):
        return " (INVALID: its build failed or is still running)"
    if index.is_taken(diagnosis.held):
        return " (another index has that name: drop it first)"
    return ""


def _everything(diagnosis: Diagnosis, table: str) -> str:
    """A table's rows in words: "all 312 users"."""
    size = diagnosis.sizes[table]
    views = [
        view_diagnosis.view
        for view_diagnosis in diagnosis.views
        if table_of(view_diagnosis.view).fullname == table
    ]
    many, single = (
        (views[0].label_plural, views[0].label)
        if views
        else (f"rows of {table}", f"row of {table}")
    )
    if size.number == 0:
        return f"all {many} (none so far)"
    if size.number == 1:
        return f"1 {single}"
    return f"all of {size} {many}" if size.about else f"all {size} {many}"


def _because(diagnosis: Diagnosis, why: str, tables: Sequence[str]) -> str:
    """Why tables are read completely, and whether that is noticeable."""
    product = PRODUCTS[diagnosis.dialect]
    if why == "none":
        slow_from = SLOW_SEARCH_ROWS[diagnosis.dialect]
        if all(diagnosis.sizes[table].number < slow_from for table in tables):
            return f"{product} has no index for it; slow from about {slow_from:,} on"
        return f"{product} has no index for it; slow with this many"
    if why == "view":
        return "a database view has no index of its own"
    if why == "computed":
        return "computed values have no index"
    if why == "refused" and any(is_large(diagnosis.sizes[table]) for table in tables):
        after = "; perhaps after ANALYZE" if diagnosis.dialect == "postgresql" else ""
        return f"{product} uses no index for it{after}"
    return "fine while there are few"


def _counted(number: int, text: str) -> str:
    return f"{text} {'row' if number == 1 else 'rows'}"


def _advice(diagnosis: Diagnosis) -> str:
    """What to do about pg_trgm before search indexes can be made; "" for nothing."""
    advice = {
        "may be created": "The migration also creates the extension pg_trgm: this user can.",
        "may not be created": (
            "Search indexes need the extension pg_trgm, which this user has no permission to "
            "create. Ask an administrator to run CREATE EXTENSION pg_trgm in this database, then "
            "run the migration: without the extension, it skips them."
        ),
        "not on the server": (
            "Search indexes need the extension pg_trgm, and this server does not have it: install "
            "PostgreSQL's contrib modules there (the package postgresql-contrib), then run the "
            "migration: without the extension, it skips them."
        ),
    }
    if (
        not any(index.kind == "trigram" for index in diagnosis.missing)
        or diagnosis.trigrams is None
    ):
        return ""
    return advice.get(diagnosis.trigrams, "")


def _summary(diagnosis: Diagnosis) -> str:
    number = len(diagnosis.missing)
    if not number:
        return "Nothing is missing."
    are = "1 index is" if number == 1 else f"{number} indexes are"
    small = (
        "" if diagnosis.urgent else " None of them is for a large table, so nothing is slow yet."
    )
    return f"{are} missing.{small}"
