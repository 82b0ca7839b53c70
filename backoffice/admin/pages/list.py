"""What a list shows, as plain values: its rows, and every way to narrow, order and arrange them.

As in ``pages``, nothing here reaches the database, and addresses are paths on this site. All of a
list's controls are fields of one GET form with the id ``narrow``; scripts only press its button.
"""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, CellKind, Link, Option, Pager


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header. ``unit`` stands behind the label ("EUR").

    ``sort_href``: sorts by this column alone, the other way round if it already is; None where it
    cannot be sorted, ``refused`` then says why if there is a reason to tell. ``add_href``: the
    same, keeping the other columns of the sort. ``place``: which of several sort columns it is,
    from 1; 0 where it is the only one or none.
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

    @property
    def full_label(self) -> str:
        """The label with its unit: "Price (EUR)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


# Not frozen: a page makes hundreds, and setting a frozen one's fields takes five times as long.
@dataclass(slots=True)
class Row:
    """A record in a list: its first cell is the link to it."""

    pk: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What a list without rows says, and the ways on; the first is the most likely.

    ``reasons``: sentences, one for each thing that made it so ("“M3” is too short …").
    """

    title: str
    text: str
    links: tuple[Link, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: "Category", "Resistors"; ``href`` is the list without it."""

    label: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class FacetOption:
    """A value to tick, and how many of the matching records have it ("12", "10,000+", or "" where
    that was not counted)."""

    value: str
    text: str
    selected: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a list: ticks within a facet are ORed, facets are ANDed.

    ``kind`` says which fields of the form it has:
      * "options": a checkbox ``name`` for each of ``options``. Where ``lookup_href`` is set, these
        are only the commonest and the ticked ones: the script searches there as ``Choice`` says
        (``q``; ``{"results": [{"id", "text"}], "more"}``) and adds what was chosen as a ticked box;
        without a script, a text box ``find_name`` (its value ``find_text``) and a button ``find``
        with value ``name`` bring the page back with what was found among ``options``; ``found``
        says in words how that went.
      * "range": ``name`` + "_from" and "_to" with ``low`` and ``high``; ``bounds`` says what there
        is ("0.01 to 99.90"), "" where that was not asked; ``unit`` as of a column; ``keys`` which
        ones a telephone offers: of times and durations it is "text".
      * "dates": a radio ``name`` for each of ``options`` (presets; an empty value for any time),
        and the date fields ``name`` + "_from" and "_to" with ``low`` and ``high`` (ISO dates).
      * "text": a select ``name`` + "_op" with ``options``, and a text field ``name`` with ``low``.
    ``active``: whether it narrows the list now.
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


@dataclass(frozen=True, slots=True)
class Completion:
    """A field of the search language: "price" with the examples "price>10" and "price:10..20".

    ``values``: all it may be, where they are few ("low", "out"). ``lookup_href``: where a script
    finds what else it may be, as of a facet.
    """

    name: str
    label: str
    examples: tuple[str, ...]
    values: tuple[str, ...] = ()
    lookup_href: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over everything that matches: "Stock value", "1,234,567.00", "EUR"."""

    label: str
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A saved view as a tab. ``changed``: it is the current one, and the list shows something else
    than it keeps. ``hint``: who owns and who sees it, for the title attribute."""

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
    ``update_name``; None where the current view is not the person's own, or shows just this.
    """

    action: str
    query: str
    roles: tuple[Option, ...] = ()
    update_action: str | None = None
    update_name: str = ""
    manage_href: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that the list may show. ``fixed``: the first one, which is the link."""

    name: str
    label: str
    shown: bool
    fixed: bool = False


Density = Literal["compact", "cosy"]


@dataclass(frozen=True, slots=True)
class ColumnSettings:
    """The form that arranges the list for oneself: POST to ``action`` with ``columns`` (each shown
    one, in order; the order of the fields is the order of the columns), ``density``, ``next``, or
    with ``reset``. ``columns``: those shown first, in their order, then the others.

    Without a script, a number field ``place_NAME`` for each column orders them.
    ``filters``: POSTed there alone ("open", "closed") by the script that folds the sidebar.
    """

    action: str
    columns: tuple[ColumnChoice, ...]
    density: Density = "compact"


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of records.

    ``count``: "2,000", "10,000+" or "about 9.8 million"; ``exact_href``: this page with the exact
    number, None where it is exact. ``carried``: the parameters that the form sends along unchanged.
    ``delete_href``: where the ticked records' form goes (GET, fields ``pks``); None where the
    person may not delete. ``clear_href``: the list without search and filters, None where nothing
    narrows it. ``messages``: what was wrong with the address, in sentences. ``wide``: whether the
    columns need more room than a screen has, however few they are. ``next``: this list's
    address, to come back to; "" for the plain list. ``totals_of``: what the totals are of
    ("312 matching items"). ``empty`` stands in place of the rows.
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
    completions: tuple[Completion, ...] = ()
    chips: tuple[Chip, ...] = ()
    facets: tuple[Facet, ...] = ()
    facets_open: bool = True
    totals: tuple[Total, ...] = ()
    totals_of: str = ""
    views: tuple[ViewTab, ...] = ()
    save_view: SaveViewForm | None = None
    column_settings: ColumnSettings | None = None
    carried: tuple[tuple[str, str], ...] = ()
    page_sizes: tuple[Option, ...] = ()
    create_href: str | None = None
    delete_href: str | None = None
    clear_href: str | None = None
    messages: tuple[str, ...] = ()
    wide: bool = False
    empty: EmptyState | None = None
    next: str = ""
