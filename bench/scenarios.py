"""What is measured on one database: names of scenarios, and the addresses of each side for them.

Only this module and the tour know the addresses of each side.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from bench.datasets import NOWHERE, DataSet
from bench.shelves import MARK, MARKED

PAGE_SIZE = 50

FIRST, MIDDLE, LAST = "first page", "middle page", "last page"
FLOOR = "its count and rows"
"""The bare one's time for only the list's two statements and the page."""

FEW, NONE, MANY = f"search: {MARKED} hits", "search: no hit", "search: common word"
FILTER, LARGEST, SORT = "one category", "largest category", "by price"
WORD, PAIR, SHORT = "word: ", "words: ", "short: "
IN_CATEGORY, EXACT, FEED = "two words in category", "count exactly", "feed: rare word"
EDIT, SAVE, CREATE = "edit form", "save", "create"
COUNTS = ", its counts"
"""Follows the name of a list whose page leaves out its counts: the request for them."""

PAGES = (FIRST, MIDDLE, LAST)
WRITES = (SAVE, CREATE)

LIST, FEED_LIST = "/admin/item/list", "/admin/changeset/list"

REFUSED = 422
"""How a list answers that had no time to find its rows."""

Addresses = Mapping[str, Sequence[str]]
"""The addresses by side; they take turns."""


@dataclass(frozen=True)
class Scenario:
    """What is measured, and where each side is asked for it.

    ``alike``: ours and the bare one show the same rows. ``rows``: how many; None if unknown.
    ``may_refuse``: an answer that there was no time counts too, and is named.
    """

    name: str
    addresses: Addresses = field(default_factory=dict)
    alike: bool = False
    rows: int | None = None
    may_refuse: bool = False

    def is_for(self, side: str) -> bool:
        """Whether that side takes part: only ours and the stock one write."""
        return side != "bare" if self.name in WRITES else side in self.addresses

    @property
    def is_list(self) -> bool:
        """Whether it is a list of items, which the bare one shows too."""
        return "ours" in self.addresses and "bare" in self.addresses

    def with_before(self) -> "Scenario":
        """The same scenario, and an earlier commit is asked for it where ours is."""
        if "ours" not in self.addresses:
            return self
        return replace(self, addresses={**self.addresses, "before": self.addresses["ours"]})


@dataclass(frozen=True)
class Places:
    """Where the lists of one database are asked to go.

    ``middle``: names and ids of the rows before successive pages; ``cursors``: those of our own
    list for these pages. ``categories``: some of all sizes; ``largest``: that with the most items.
    """

    items: int
    middle: Sequence[tuple[str, int]]
    cursors: Sequence[str]
    categories: Sequence[int]
    largest: int
    keys: Sequence[int]


def scenarios(data: DataSet, places: Places, *, feed: bool) -> Iterator[Scenario]:
    """All of them, in the order in which they are measured. ``feed``: it has a long history."""
    yield _alike(FIRST, rows=PAGE_SIZE)
    yield Scenario(FLOOR, {"bare": [_address("/", only="rows")]})
    yield from _pages(places)
    yield _search(FEW, MARK, stock=True, rows=PAGE_SIZE)
    yield _search(NONE, NOWHERE, stock=True, rows=0)
    yield _search(MANY, data.common, stock=True)
    categories = [{"category": str(key)} for key in places.categories]
    yield _lists(FILTER, categories)
    yield _lists(LARGEST, [{"category": str(places.largest)}])
    yield Scenario(
        SORT,
        {
            "ours": [_address(LIST, sort="price")],
            "bare": [_address("/", sort="price")],
            "stock": [_address(LIST, sortBy="price", sort="asc")],
        },
        alike=True,
        rows=PAGE_SIZE,
    )
    yield from _words(data, categories)
    if feed:
        rare = next(word for share, word in data.words.items() if share == "0.1 % of names")
        yield Scenario(FEED, {"ours": [_address(FEED_LIST, search=rare)]}, may_refuse=True)
    forms = [f"/admin/item/edit/{key}" for key in places.keys]
    yield Scenario(EDIT, {"ours": forms, "stock": forms})
    yield Scenario(SAVE)
    yield Scenario(CREATE)


def _pages(places: Places) -> Iterator[Scenario]:
    page = max(1, places.items // PAGE_SIZE // 2)
    yield Scenario(
        MIDDLE,
        {
            "ours": [_address(LIST, page=cursor) for cursor in places.cursors],
            "bare": [_address("/", after=name, id=str(key)) for name, key in places.middle],
            "stock": [_address(LIST, page=str(page + at)) for at in range(len(places.middle))],
        },
        alike=True,
        rows=PAGE_SIZE,
    )
    final = -(-places.items // PAGE_SIZE)
    yield Scenario(
        LAST,
        {
            "ours": [_address(LIST, page="last")],
            "bare": [_address("/", at="last")],
            "stock": [_address(LIST, page=str(final))],
        },
        alike=True,
        rows=PAGE_SIZE,
    )


def _words(data: DataSet, categories: Sequence[Mapping[str, str]]) -> Iterator[Scenario]:
    for share, word in data.words.items():
        yield _search(WORD + share, word)
    for shares, words in data.pairs.items():
        yield _search(PAIR + shares, words)
    for words in data.others:
        yield _search(f"search: {words}", words)
    pair = data.pairs["10 and 10 %"]
    yield _lists(IN_CATEGORY, [{"search": pair, **category} for category in categories])
    for word in data.short:
        # How the shortest words are searched is not the same everywhere, so the rows differ.
        yield _lists(f"{SHORT}{word}", [{"search": word}], alike=False)
    exact = {"search": data.common, "count": "exact"}
    yield _lists(EXACT, [exact])


def _alike(name: str, rows: int) -> Scenario:
    addresses = {"ours": [LIST], "bare": ["/"], "stock": [LIST]}
    return Scenario(name, addresses, alike=True, rows=rows)


def _search(name: str, words: str, *, stock: bool = False, rows: int | None = None) -> Scenario:
    """``stock``: the stock one takes part. It would take two words for a phrase."""
    own = _lists(name, [{"search": words}], rows=rows)
    if not stock:
        return own
    addresses = {**own.addresses, "stock": [_address(LIST, search=words)]}
    return Scenario(name, addresses, alike=True, rows=rows, may_refuse=True)


def _lists(
    name: str,
    asked: Sequence[Mapping[str, str]],
    *,
    alike: bool = True,
    rows: int | None = None,
) -> Scenario:
    """Of ours and the bare one, which take the same parameters. The stock one has no filter: its
    own would load all categories with each page."""
    addresses = {
        "ours": [_address(LIST, **parameters) for parameters in asked],
        "bare": [_address("/", **parameters) for parameters in asked],
    }
    return Scenario(name, addresses, alike=alike, rows=rows, may_refuse=True)


def _address(path: str, **parameters: str) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
