"""The page of a list: its rows, filters, sorts and settings.

All controls of a list are fields of one GET form with the id ``narrow``. Scripts only press its
button.
"""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, CellKind, Link, Option, Pager
from backoffice.admin.pages.widths import NO_ROOM, TableRoom

Room = Literal["", "rest", "spare", "flexible"]
"""What a column does about the room in the table: it has a width of its own; it takes the rest, as
the name does; it has what the name leaves, and goes first, as a description; or it has a width, and
what is too little for a description."""


# Not frozen: its width is set once the rows are there.
@dataclass(slots=True)
class Column:
    """A column's heading. ``unit``: shown behind the label ("EUR").

    ``sort_href``: the list sorted by this column alone, descending if it was ascending; None where
    the list is not sorted by it, for the reason ``refused`` ("" for none). ``add_href``: the same
    after the other sorted columns. ``place``: the column's place among several sorted ones, from 1;
    0 for a single one, and for one that is not sorted. ``width``: in steps of ``pages.widths``, 0
    for one that takes the rest or the spare room. ``main``: the number that a telephone shows
    beside the name.
    """

    name: str
    label: str
    kind: CellKind = "text"
    align: Literal["left", "right"] = "left"
    unit: str = ""
    sort_href: str | None = None
    add_href: str | None = None
    sorted: Literal["", "ascending", "descending"] = ""
    place: int = 0
    refused: str = ""
    width: int = 0
    room: Room = ""
    main: bool = False

    @property
    def width_classes(self) -> str:
        """The classes of its width in the stylesheet."""
        if self.room == "flexible":
            return f"w-{self.width} col-flexible"
        return f"col-{self.room}" if self.room else f"w-{self.width}"

    @property
    def cell_classes(self) -> str:
        """The classes of its heading and its cells, but for the first one's."""
        right = " right" if self.align == "right" else ""
        spare = " cell-spare" if self.room == "spare" else ""
        main = " cell-main" if self.main else ""
        return f"cell-{self.kind}{right}{spare}{main}"

    @property
    def full_label(self) -> str:
        """The label with its unit: "Price (EUR)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


RowMark = Literal["", "saved"]


# Not frozen: a page makes hundreds, and setting a frozen one's fields takes five times as long.
@dataclass(slots=True)
class Row:
    """A record in a list. The first cell links to the record. ``mark``: the class of a row that was
    just saved, "" for the others."""

    pk: str
    label: str
    cells: tuple[Cell, ...]
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What a list without rows says. ``links``: where to go, the most likely first.

    ``reasons``: sentences about what made it so ("“M3” is too short …").
    """

    title: str
    text: str
    links: tuple[Link, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use: "Category", "Resistors". ``href``: the list without it."""

    label: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class FacetOption:
    """A value to tick. ``count``: how many of the matching records have it ("12", "10,000+"), ""
    if that was not counted."""

    value: str
    text: str
    selected: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter beside a list. Ticked values of one facet are ORed, facets are ANDed.

    ``kind`` says which fields of the form it has:
      * "options": a checkbox ``name`` for each of ``options``. Where ``lookup_href`` is set, these
        are only the commonest and the ticked ones, by name. A script searches there as ``Choice``
        describes and adds the chosen value as a ticked checkbox. Without a script, a text box
        ``find_name`` with the value ``find_text`` and a button ``find`` with the value ``name``
        load the page again, with the found values among ``options``; ``found`` is that in words.
      * "range": ``name`` + "_from" and "_to" with ``low`` and ``high``. ``bounds``: the lowest and
        highest value ("0.01 to 99.90"), "" if unknown. ``unit``: as of a column. ``keys``: which
        keys a telephone offers; "text" for times and durations.
      * "dates": a radio ``name`` for each of ``options`` (presets; an empty value for any time),
        and the date fields ``name`` + "_from" and "_to" with ``low`` and ``high`` (ISO dates).
      * "text": a select ``name`` + "_op" with ``options``, and a text field ``name`` with ``low``.
    ``active``: whether it narrows the list now. ``coming``: lines to keep free for what comes a
    moment later: further options, or the bounds.
    """

    name: str
    label: str
    kind: Literal["options", "range", "dates", "text"]
    options: tuple[FacetOption, ...] = ()
    unit: str = ""
    low: str = ""
    high: str = ""
    bounds: str = ""
    keys: Literal["decimal", "text"] = "decimal"
    lookup_href: str | None = None
    find_name: str = ""
    find_text: str = ""
    found: str = ""
    active: bool = False
    coming: int = 0


@dataclass(frozen=True, slots=True)
class SearchExample:
    """A search by words that occur in the list: ``hex m8``, "both words, in any order"."""

    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A field of the search language: "price" with the examples "price>10" and "price:10..20".

    ``values``: all possible values, where they are few ("low", "out"). ``lookup_href``: where a
    script searches for others, as of a facet.
    """

    name: str
    label: str
    examples: tuple[str, ...]
    values: tuple[str, ...] = ()
    lookup_href: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over all matching records: "Stock value", "1,234,567.00", "EUR". ``text``: "" if it
    comes later."""

    label: str
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A saved view as a tab. ``changed``: it is the current one, and the list shows something else
    than it stores. ``hint``: who owns and who sees it, for the title attribute."""

    text: str
    href: str
    current: bool = False
    changed: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SaveViewForm:
    """The form that saves what the list shows now as a view: POST to ``action`` with ``name``,
    ``query`` (unchanged), ``share`` (a role's id or ""), ``default`` ("yes").

    ``update_action``: where ``query`` is POSTed to replace that of the current view, whose name is
    ``update_name``; None if the current view is not the person's own, or shows just this.
    """

    action: str
    query: str
    roles: tuple[Option, ...] = ()
    update_action: str | None = None
    update_name: str = ""
    manage_href: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that the list can show. ``fixed``: whether it is the first one, the link."""

    name: str
    label: str
    shown: bool
    fixed: bool = False


Density = Literal["compact", "cosy"]


@dataclass(frozen=True, slots=True)
class ColumnSettings:
    """The form with a person's settings for a list: POST to ``action`` with ``columns`` (the shown
    ones; the order of the fields is that of the columns), ``density`` and ``next``, or ``reset``
    ("widths" for the widths alone). ``columns``: the shown ones in their order, then the others.
    ``has_widths``: whether the person has set widths.

    Without a script, a number field ``place_NAME`` for each column orders them. The script that
    folds the filters POSTs ``filters`` alone ("open", "closed"); that of the widths POSTs
    ``width_NAME`` for one column, in steps, "" for its own width again.
    """

    action: str
    columns: tuple[ColumnChoice, ...]
    density: Density = "compact"
    has_widths: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of records.

    ``count``: "2,000 items", "10,000+ items" or "about 9.8 million items"; "" if nothing is known.
    ``exact_href``: this page with the exact count, None if it is exact. ``search_clear_href``:
    the list without its search. ``sorts``: the orders to choose from where there are no headings;
    the list's own has an empty value. ``carried``: parameters that the form sends unchanged.
    ``facets_open``: whether the person has them open. ``is_short``: whether the list has few
    records without any filter. ``typed``: the language in which its numbers are typed, "" if as in
    addresses. ``delete_href``: the action of the form of ticked records (GET, with the fields
    ``pks``); None if the person may not delete. ``actions``: where else the same form goes.
    ``clear_href``: the list without filters. ``messages``: sentences about what the list could not
    do. ``room``: how much room the columns take. ``peek_href``: where a script gets the fields of a
    record to show beside the list, with the key behind it; None for no such. ``next``: this list's
    address, to return to; "" for the plain list. ``totals_of``: what the totals add up ("312
    matching items"). ``empty``: shown in place of rows. ``counts_href``: where a script gets the
    counts of facets and totals, which come a moment later (a ``ListCounts``); None if they are
    here. ``show_counts_href``: this page with its counts, without a script. ``count_coming``:
    whether the count also comes later.
    """

    heading: str
    label: str
    label_plural: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    count: str
    pager: Pager
    action: str
    exact_href: str | None = None
    search: str = ""
    search_hint: str = ""
    search_clear_href: str = ""
    search_examples: tuple[SearchExample, ...] = ()
    completions: tuple[Completion, ...] = ()
    chips: tuple[Chip, ...] = ()
    facets: tuple[Facet, ...] = ()
    facets_open: bool = True
    is_short: bool = False
    totals: tuple[Total, ...] = ()
    totals_of: str = ""
    views: tuple[ViewTab, ...] = ()
    save_view: SaveViewForm | None = None
    column_settings: ColumnSettings | None = None
    carried: tuple[tuple[str, str], ...] = ()
    typed: str = ""
    sorts: tuple[Option, ...] = ()
    page_sizes: tuple[Option, ...] = ()
    create_href: str | None = None
    delete_href: str | None = None
    actions: tuple[Link, ...] = ()
    clear_href: str = ""
    messages: tuple[str, ...] = ()
    room: TableRoom = NO_ROOM
    peek_href: str | None = None
    empty: EmptyState | None = None
    next: str = ""
    counts_href: str | None = None
    show_counts_href: str | None = None
    count_coming: bool = False

    @property
    def facets_beside(self) -> bool:
        """Whether the facets are shown beside the rows. Of few records all are seen anyway: their
        facets open by the button."""
        return self.facets_open and not self.is_short

    @property
    def is_narrowed(self) -> bool:
        """Whether the list differs from the one that opens by itself, so that it can be saved."""
        is_sorted = any(order.selected and order.value for order in self.sorts)
        return bool(self.search or self.chips or self.carried or is_sorted)

    @property
    def has_ticks(self) -> bool:
        """Whether rows can be ticked, for something that is done to them."""
        return self.delete_href is not None or bool(self.actions)


@dataclass(frozen=True, slots=True)
class ListCounts:
    """What comes a moment after a list's rows. The fields are those of ``ListPage``.

    ``counted``: false if counting took too long; then nothing else is here. ``status``: a sentence
    about what came, for those who do not see it.
    """

    status: str
    count: str = ""
    exact_href: str | None = None
    facets: tuple[Facet, ...] = ()
    totals: tuple[Total, ...] = ()
    totals_of: str = ""
    counted: bool = False
