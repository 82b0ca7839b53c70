"""What the doctor finds, and says."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from starlette.applications import Starlette

from backoffice import views
from backoffice.admin.doctor.diagnosis import (
    FELT,
    PRODUCTS,
    Diagnosis,
    Judgement,
    ViewDiagnosis,
    diagnose,
    is_large,
)
from backoffice.admin.doctor.query_shapes import Question, table_of
from backoffice.admin.routes import BackOffice
from backoffice.admin.view import Registry
from backoffice.auth.backend import SignInBackend
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.queries.indexes import WantedIndex
from backoffice.history import unit_of_work

WIDTH = 100
INDENT = "  "
WIDEST = 36
"""Characters of a question that has room for its answer beside it on the same line."""

BEHIND = (
    "Migrations are missing: run `alembic upgrade head` first. What follows is of the database as "
    "it is, and no migration is made of it."
)


def examine(settings: Settings, database: Database) -> Diagnosis:
    """Ask the database about every list.

    Raises:
        DBAPIError: it does not answer, or its tables are older than the models.
    """
    with unit_of_work(database) as session:
        return diagnose(session, site_of(settings, database))


def site_of(settings: Settings, database: Database) -> Registry:
    """The views as they are served, but for the application around them, which no command asks.

    Raises:
        ViewError: a view contradicts its model.
    """
    return BackOffice(
        Starlette(),
        settings=settings,
        database=database,
        views=views.VIEWS,
        authentication_backend=SignInBackend(settings, database),
    ).site


def report(found: Diagnosis, *, behind: bool) -> Iterator[str]:
    """What was found, line by line. ``behind``: migrations are missing, which comes first."""
    if behind:
        yield from (*textwrap.wrap(BEHIND, WIDTH), "")
    rows = {one.view.identity: list(_rows(found, one)) for one in found.views}
    others = [(index.table, _missing(found, (index,))) for index in found.unasked]
    lengths = [len(what) for some in (*rows.values(), others) for what, _said in some]
    width = 2 + max((length for length in lengths if length <= WIDEST), default=WIDEST)
    for one in found.views:
        size = found.sizes[table_of(one.view).fullname]
        yield f"{one.view.name_plural}: {_counted(size.number, str(size))}"
        yield from _table(rows[one.view.identity], width)
    if others:
        yield "Besides, the models declare"
        yield from _table(others, width)
    if advice := _advice(found):
        yield from (*textwrap.wrap(advice, WIDTH), "")
    yield _summary(found)


def _table(rows: list[tuple[str, str]], width: int) -> Iterator[str]:
    """Two columns, the second wrapped; and an empty line. What is too long for the first column has
    a line of its own."""
    for what, said in rows:
        if len(what) > width - 2:
            yield INDENT + what
            what = ""
        yield from textwrap.wrap(
            said,
            WIDTH,
            initial_indent=INDENT + what.ljust(width),
            subsequent_indent=" " * (len(INDENT) + width),
            break_long_words=False,
            break_on_hyphens=False,
        )
    yield ""


def _rows(found: Diagnosis, one: ViewDiagnosis) -> Iterator[tuple[str, str]]:
    """What the list may be asked for and how that is served; variants served alike are one row."""
    for what, group in groupby(one.judged, key=lambda pair: pair[0].what):
        said: dict[str, list[str]] = {}
        for question, judgement in group:
            sentence = _sentence(found, one, question, judgement)
            said.setdefault(sentence, []).append(question.variant)
        for sentence, variants in said.items():
            alone = len(said) == 1 or variants == [""]
            yield what if alone else f"{what} ({'; '.join(filter(None, variants))})", sentence


def _sentence(
    found: Diagnosis, one: ViewDiagnosis, question: Question, judgement: Judgement
) -> str:
    if question.statement is None:
        return "needs no index"
    if judgement.missing:
        return _missing(found, judgement.missing)
    own = table_of(one.view).fullname
    told = []
    if judgement.served_by and own not in [reading.table for reading in judgement.reads]:
        told.append(f"served by {', '.join(judgement.served_by)}")
    for why, readings in groupby(judgement.reads, key=lambda reading: reading.why):
        tables = [reading.table for reading in readings]
        verb = "sorts" if question.order and own in tables else "reads"
        every = " and ".join(_everything(found, table) for table in tables)
        told.append(f"{verb} {every}: {_because(found, why, tables)}")
    return "; ".join(told)


def _missing(found: Diagnosis, indexes: tuple[WantedIndex, ...]) -> str:
    names = [index.name + _why(found, index) for index in indexes]
    sizes = [found.sizes[index.table] for index in indexes]
    largest = max(sizes, key=lambda size: size.number)
    return f"MISSING: {', '.join(names)}; {_counted(largest.number, str(largest))}"


def _why(found: Diagnosis, index: WantedIndex) -> str:
    if index.is_invalid(found.held):
        return " (INVALID: its build failed, or goes on)"
    if index.is_taken(found.held):
        return " (another index has that name: drop it first)"
    return ""


def _everything(found: Diagnosis, table: str) -> str:
    """A table's rows in words: "all 312 users"."""
    size = found.sizes[table]
    views = [one.view for one in found.views if table_of(one.view).fullname == table]
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


def _because(found: Diagnosis, why: str, tables: Sequence[str]) -> str:
    """Why a table is read from end to end, and whether anybody notices."""
    product = PRODUCTS[found.dialect]
    if why == "none":
        felt = FELT[found.dialect]
        if all(found.sizes[table].number < felt for table in tables):
            return f"{product} has no index for it, which is felt from about {felt:,} on"
        return f"{product} has no index for it, and so many are felt"
    if why == "view":
        return "a view of the database has no index of its own"
    if why == "computed":
        return "no index holds what is computed"
    if why == "refused" and any(is_large(found.sizes[table]) for table in tables):
        after = "; perhaps after ANALYZE" if found.dialect == "postgresql" else ""
        return f"{product} takes none of its indexes for it{after}"
    return "fine while there are few"


def _counted(number: int, text: str) -> str:
    return f"{text} {'row' if number == 1 else 'rows'}"


def _advice(found: Diagnosis) -> str:
    """What is to be done about pg_trgm before search indexes can be made; "" for nothing."""
    advice = {
        "may be created": "The migration creates the extension pg_trgm, which this user may do.",
        "may not be created": (
            "Search indexes need the extension pg_trgm, which this user may not create. Have an "
            "administrator run CREATE EXTENSION pg_trgm in this database, and run the migration "
            "after that: before, it leaves them out."
        ),
        "not on the server": (
            "Search indexes need the extension pg_trgm, and this server does not have it: install "
            "PostgreSQL's contrib modules there (as the package postgresql-contrib), and run the "
            "migration after that: before, it leaves them out."
        ),
    }
    if not any(index.kind == "trigram" for index in found.missing) or found.trigrams is None:
        return ""
    return advice.get(found.trigrams, "")


def _summary(found: Diagnosis) -> str:
    number = len(found.missing)
    if not number:
        return "Nothing is missing."
    are = "1 index is" if number == 1 else f"{number} indexes are"
    small = "" if found.urgent else " No large table is among theirs, so that nobody waits yet."
    return f"{are} missing.{small}"
