"""Query plans: EXPLAIN on each database, read into one form."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors

from backoffice.db.types import MYSQL


@dataclass(frozen=True, slots=True)
class Read:
    """One access of the plan to a table. ``index``: the one it uses; "" for none.

    ``bounded``: the index leads to some rows. False for a scan of the table or of a whole index.
    """

    table: str
    index: str = ""
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``reads``: every access to a table. ``sorted``: the tables whose rows are all sorted, because
    no index has them in the requested order. Sorting the few rows that tie does not count."""

    reads: tuple[Read, ...] = ()
    sorted: frozenset[str] = frozenset()

    def of(self, table: str) -> list[Read]:
        """The accesses to one table."""
        return [read for read in self.reads if read.table == table]


ORDERED = {"enable_seqscan": "off", "enable_sort": "off"}
"""Settings that make PostgreSQL's planner use an index for an order, however small the table."""

FILTERED = {"enable_seqscan": "off", "enable_indexscan": "off", "enable_indexonlyscan": "off"}
"""The same for an index that leads to some of the rows. This leaves bitmap scans, which never read
a whole table; a plain index scan may read all of it."""

_SWITCHES = ("seqscan", "sort", "indexscan", "indexonlyscan", "bitmapscan")
_USUAL = {f"enable_{name}": "on" for name in _SWITCHES}
_ALONE = {"max_parallel_workers_per_gather": "0"}


@contextmanager
def planning_for(connection: sa.Connection, options: Mapping[str, str]) -> Iterator[None]:
    """Within it, PostgreSQL plans with these settings, in this transaction."""
    if connection.dialect.name != "postgresql":
        yield
        return
    # No parallel plans: lists have none, either.
    _set(connection, _USUAL | _ALONE | dict(options))
    yield
    _set(connection, _USUAL)


def _set(connection: sa.Connection, options: Mapping[str, str]) -> None:
    settings = (sa.func.set_config(name, value, True) for name, value in options.items())
    connection.execute(sa.select(*settings))


def plan_of(
    connection: sa.Connection,
    statement: sa.Select[Any],
    parameters: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan for ``statement`` with these parameters. The statement is not run."""
    name = connection.dialect.name
    rows = _explain(connection, statement, parameters or {})
    name_of = _names(statement)
    if name == "postgresql":
        (found,) = rows[0].values()
        parsed = json.loads(found) if isinstance(found, str) else found
        return _of_postgresql(parsed, name_of)
    return (_of_mysql if name in MYSQL else _of_sqlite)(rows, name_of)


def _explain(
    connection: sa.Connection, statement: sa.Select[Any], parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    result = connection.execute(_explained(statement), dict(parameters))
    # The driver's own rows: SQLAlchemy would convert them as if they were the statement's.
    cursor: Any = result.cursor
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    result.close()
    return rows


class _explained(sa.Executable, sa.ClauseElement):  # noqa: N801 - it prints as SQL
    inherit_cache = False

    def __init__(self, statement: sa.Select[Any]) -> None:
        self.statement = statement


@compiles(_explained)
def _explained_sql(element: _explained, compiler: Any, **options: Any) -> str:
    words = {"postgresql": "EXPLAIN (FORMAT JSON)", "sqlite": "EXPLAIN QUERY PLAN"}
    explain = words.get(compiler.dialect.name, "EXPLAIN")
    return f"{explain} {compiler.process(element.statement, **options)}"


def _names(statement: sa.Select[Any]) -> Callable[[str], str]:
    """A function from the name in a plan to the table's full name.

    A plan names an alias by its own name, and leaves the schema out.
    """
    names: dict[str, str] = {}
    aliased = set()
    for element in visitors.iterate(statement):
        if isinstance(element, sa.Table):
            names.setdefault(str(element.name), element.fullname)
        elif isinstance(element, sa.Alias) and isinstance(element.element, sa.Table):
            names[str(element.name)] = element.element.fullname
            aliased.add(str(element.element.name))

    def name_of(name: str) -> str:
        numbered = re.sub(r"_[0-9]+$", "", name)  # the alias that nobody named: items_1
        found = names.get(name)
        if found is None and numbered in aliased:
            found = names.get(numbered, numbered)
        return found or name

    return name_of


# PostgreSQL -------------------------------------------------------------------------------------


def _of_postgresql(found: list[dict[str, Any]], name_of: Callable[[str], str]) -> Plan:
    top = found[0]["Plan"]
    sorted_tables = {
        read.table
        for node in _nodes(top)
        if node["Node Type"] == "Sort"
        for read in _reads(node, name_of, within=True)
    }
    return Plan(tuple(_reads(top, name_of)), frozenset(sorted_tables))


def _nodes(node: dict[str, Any], *, within: bool = False) -> Iterator[dict[str, Any]]:
    """A node of the plan and all below it; ``within``: without separate subqueries."""
    yield node
    for below in node.get("Plans", ()):
        if not (within and below.get("Parent Relationship") in ("InitPlan", "SubPlan")):
            yield from _nodes(below, within=within)


def _reads(
    node: dict[str, Any], name_of: Callable[[str], str], *, within: bool = False
) -> Iterator[Read]:
    for scan in _nodes(node, within=within):
        if scan.get("Relation Name") is None:
            continue
        table = name_of(scan["Alias"])
        if table == scan["Alias"]:  # within a database view, which has names of its own
            table = name_of(scan["Relation Name"])
        if scan["Node Type"] == "Bitmap Heap Scan":
            for below in _nodes(scan, within=True):
                if below["Node Type"] == "Bitmap Index Scan":
                    yield Read(table, below["Index Name"], "Index Cond" in below)
        else:
            yield Read(table, scan.get("Index Name", ""), "Index Cond" in scan)


# SQLite -----------------------------------------------------------------------------------------

_STEP = re.compile(
    r"(?P<way>SCAN|SEARCH) (?:TABLE )?(?P<table>.+?)(?: AS (?P<alias>\w+))?"
    r"(?: USING (?P<kind>[A-Z ]*?)(?:INDEX(?: (?P<index>[^(]+?))?|PRIMARY KEY))?"
    r"(?: \(.*\))?(?: LEFT-JOIN)?"
)


def _of_sqlite(rows: list[dict[str, Any]], name_of: Callable[[str], str]) -> Plan:
    reads = []
    sorts = False
    for row in rows:
        detail = str(row["detail"])
        sorts = sorts or detail == "USE TEMP B-TREE FOR ORDER BY"
        if step := _STEP.fullmatch(detail):
            table = name_of(step["table"])
            # An automatic index is built for this statement from the whole table.
            automatic = "AUTOMATIC" in (step["kind"] or "")
            index = "" if automatic else step["index"] or ""
            reads.append(Read(table, index, step["way"] == "SEARCH" and not automatic))
    return Plan(tuple(reads), frozenset(read.table for read in reads) if sorts else frozenset())


# MariaDB and MySQL ------------------------------------------------------------------------------


def _of_mysql(rows: list[dict[str, Any]], name_of: Callable[[str], str]) -> Plan:
    reads = []
    sorts = False
    for row in rows:
        sorts = sorts or "Using filesort" in (row["Extra"] or "")
        if row["table"] is not None:
            table = name_of(row["table"])
            reads.append(Read(table, row["key"] or "", row["type"] not in ("ALL", "index")))
    return Plan(tuple(reads), frozenset(read.table for read in reads) if sorts else frozenset())
