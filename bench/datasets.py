"""The two sets of rows that lists are measured on, and what is searched for in each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bench import rows, shelves
from examples.demo.bulk import Row

NOWHERE = "periscope"
"""A word in no row."""


@dataclass(frozen=True)
class DataSet:
    """Rows made by rule, and searches for them.

    ``prefix``: of a database's name, before the number of items. ``form`` identifies a kept
    database: if its rows are made in another way, change the number. ``common``: a word in a good
    part of all rows. ``words``, ``pairs``: words by their share of the rows, alone and two
    together. ``short``: words that are too short for a trigram index. ``others``: further
    searches. ``history``: it gets a history with changes, to search in.
    """

    name: str
    prefix: str
    form: str
    categories: Callable[[], list[str]]
    rows: Callable[[int, list[int]], Iterator[Row]]
    common: str
    words: Mapping[str, str]
    pairs: Mapping[str, str]
    short: tuple[str, ...]
    others: tuple[str, ...] = ()
    history: bool = field(default=False)


DEMO = DataSet(
    "demo",
    "",
    "bench lists, form 1",
    shelves.shelves,
    shelves.stock,
    common="steel",
    # The nearest that the catalogue has. Its words know much of each other: screws are of
    # stainless steel, lenses are amber. The shares of the pairs are those of their single words.
    words={
        "10 % of names": "screw",
        "1 % of names": "rocker",
        "0.1 % of names": "amber",
        "10 % of texts": "stainless",
        "1 % of texts": "tactile",
        "0.1 % of texts": "ultra",
    },
    pairs={
        "10 and 10 %": "stainless screw",
        "10 and 1 %": "package vishay",
        "10 and 0.1 %": "package amber",
        "1 and 1 %": "declaration rocker",
        "1 and 0.1 %": "lens amber",
        "0.1 and 0.1 %": "lify violet",
    },
    short=("zq", "z"),
    others=("bolt zinc",),
)

_NAMES, _TEXTS = tuple(rows.NAME_WORDS), tuple(rows.DESCRIPTION_WORDS)

SCATTERED = DataSet(
    "scattered",
    "scattered_",
    "bench lists, scattered, form 1",
    rows.categories,
    rows.rows,
    common=_TEXTS[0],
    words={
        "10 % of names": _NAMES[0],
        "1 % of names": _NAMES[1],
        "0.1 % of names": _NAMES[2],
        "10 % of texts": _TEXTS[0],
        "1 % of texts": _TEXTS[1],
        "0.1 % of texts": _TEXTS[2],
        "the last by name": rows.LAST_WORD,
    },
    pairs={
        "10 and 10 %": f"{_NAMES[0]} {_TEXTS[0]}",
        "10 and 1 %": f"{_NAMES[0]} {_TEXTS[1]}",
        "10 and 0.1 %": f"{_TEXTS[0]} {_NAMES[2]}",
        "1 and 1 %": f"{_NAMES[1]} {_TEXTS[1]}",
        "1 and 0.1 %": f"{_TEXTS[1]} {_NAMES[2]}",
        "0.1 and 0.1 %": f"{_NAMES[2]} {_TEXTS[2]}",
    },
    short=(rows.PREFIX_TOKEN, rows.LETTER, rows.INSIDE_TOKEN, rows.ABSENT_TOKEN),
    history=True,
)
SETS = {data.name: data for data in (DEMO, SCATTERED)}
