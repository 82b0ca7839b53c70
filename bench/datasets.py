"""The two sets of rows that lists are measured on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import rows, shelves
from examples.demo.bulk import Row


@dataclass(frozen=True)
class DataSet:
    """Rows made by rule. ``prefix``: of a database's name, before the number of items.

    ``form`` identifies a kept database. If its rows are made in another way, change the number.
    """

    name: str
    prefix: str
    form: str
    categories: Callable[[], list[str]]
    rows: Callable[[int, list[int]], Iterator[Row]]


DEMO = DataSet("demo", "", "bench lists, form 1", shelves.shelves, shelves.stock)
SCATTERED = DataSet(
    "scattered", "scattered_", "bench lists, scattered, form 1", rows.categories, rows.rows
)
SETS = {data.name: data for data in (DEMO, SCATTERED)}
