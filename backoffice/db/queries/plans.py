"""How a database would answer a statement: EXPLAIN, in the words of each and in ours."""

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
    """One of the plan's ways into a table. ``index``: by which; "" for none.

    ``bounded``: the index leads to some rows; false where it, or the table, is read from one end.
    """

    table: str
    index: str = ""
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``reads``: every way into a table. ``sorted``: the tables whose rows are sorted as a whole,
    because no index holds them in the order asked for; to sort the few that tie is no such sort."""

    reads: tuple[Read, ...] = ()
    sorted: frozenset[str] = frozenset()

    def of(self, table: str) -> list[Read]:
        """The ways into one table."""
        return [read for read in self.reads if read.table == table]


ORDERED = {"enable_seqscan": "off", "enable_sort": "off"}
"""PostgreSQL: what makes its planner show an order that an index holds, however small a table."""

FILTERED = {"enable_seqscan": "off", "enable_indexscan": "off", "enable_indexonlyscan": "off"}
"""PostgreSQL: the same for an index that leads to some of the rows. What is left are bitmaps, which
cannot be had of a whole table: a plain index scan would pass for one, and reads everything."""

_SWITCHES = ("seqscan", "sort", "indexscan", "indexonlyscan", "bitmapscan")
_USUAL = {f"enable_{name}": "on" for name in _SWITCHES}
_ALONE = {"max_parallel_workers_per_gather": "0"}


@contextmanager
def planning_for(connection: sa.Connection, options: Mapping[str, str]) -> Iterator[None]:
    """On PostgreSQL: the planner's options within it, for this transaction."""
    if connection.dialect.name != "postgresql":
        yield
        return
    # No parallel plans: lists do without them, too.
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
    """How the database would answer ``statement``, with these parameters. Nothing of it is run."""
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
    # The driver's own rows: SQLAlchemy would take them for the statement's, and convert them.
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
    """What tells a table's full name from that in a plan, which calls an alias by its own and
    leaves the schema out."""
    names: dict[str, str] = {}
    aliased = set()
    for one in visitors.iterate(statement):
        if isinstance(one, sa.Table):
            names.setdefault(str(one.name), one.fullname)
        elif isinstance(one, sa.Alias) and isinstance(one.element, sa.Table):
            names[str(one.name)] = one.element.fullname
            aliased.add(str(one.element.name))

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
    """A node of the plan and all below; ``within``: without subqueries worked out apart."""
    yield node
    for below in node.get("Plans", ()):
        if not (within and below.get("Parent Relationship") in ("InitPlan", "SubPlan")):
            yield from _nodes(below, within=within)


def _reads(
    node: dict[str, Any], name_of: Callable[[str], str], *, within: bool = False
) -> Iterator[Read]:
    for one in _nodes(node, within=within):
        if one.get("Relation Name") is None:
            continue
        table = name_of(one["Alias"])
        if table == one["Alias"]:  # of a view of the database, whose own names are not ours
            table = name_of(one["Relation Name"])
        if one["Node Type"] == "Bitmap Heap Scan":
            for below in _nodes(one, within=True):
                if below["Node Type"] == "Bitmap Index Scan":
                    yield Read(table, below["Index Name"], "Index Cond" in below)
        else:
            yield Read(table, one.get("Index Name", ""), "Index Cond" in one)


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
            # An index that it makes for one statement alone is made of the whole table.
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
