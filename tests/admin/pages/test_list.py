"""What a list prints of a page's plain values, where no list of a test is that large."""

import re
from dataclasses import replace

from backoffice.admin.pages.list import (
    Column,
    ColumnChoice,
    ColumnSettings,
    EmptyState,
    Facet,
    FacetOption,
    ListPage,
    Row,
    SaveViewForm,
    ViewTab,
)
from backoffice.admin.pages.parts import Cell, Link, Option, Pager
from backoffice.admin.pages.rendering import render
from backoffice.admin.pages.shell import Shell, ShownBrand, UserMenu

BRAND = ShownBrand("", None, "/static/favicon.svg", "image/svg+xml")
ADA = UserMenu("Ada", "ada@example.com", (), "auto", (), "", is_untranslated=False)
SHELL = Shell("Stock", "Items", "token", "auto", "/admin/item/list", BRAND, ADA)
PAGE = ListPage(
    heading="Items",
    label="item",
    label_plural="items",
    columns=(Column("name", "Name", sort_href="?sort=-name", sorted="ascending"),),
    rows=(Row("1", "Bolt", (Cell("Bolt"),)),),
    count="1 item",
    pager=Pager(),
    action="/admin/item/list",
)


def printed(page: ListPage) -> str:
    """The page's HTML with single blanks."""
    return " ".join(render("list.html", SHELL, page).split())


def test_a_plain_list_is_nothing_but_its_rows_and_its_search() -> None:
    html = printed(PAGE)
    assert "1 item</p>" in html
    for absent in (
        'id="facets"',
        'class="views"',
        'class="chips"',
        'popovertarget="columns"',
        'class="totals"',
        "How to search",
        "facets.js",
        "completion.js",
        "columns.js",
    ):
        assert absent not in html, absent


def test_a_count_that_is_not_exact_leads_to_the_exact_one() -> None:
    html = printed(replace(PAGE, count="10,000+ items", exact_href="?count=exact"))
    link = r'<a class="exact" href="\?count=exact"[^>]*>Count exactly</a>'
    assert re.search(rf"10,000\+ items · {link}", html)


def test_a_column_that_is_not_sorted_by_says_why() -> None:
    reason = "There are too many items to sort by Weight, which has no index."
    weight = Column("weight", "Weight", refused=reason)
    row = Row("1", "Bolt", (Cell("Bolt"), Cell("7")))
    html = printed(replace(PAGE, columns=(*PAGE.columns, weight), rows=(row,)))
    heading = re.search(r"<th[^>]*>(?:(?!</th>).)*Weight.*?</th>", html)
    assert heading is not None
    assert f'title="{reason}"' in heading[0]
    assert f'<span class="visually-hidden"> {reason}</span>' in heading[0]
    assert "<a " not in heading[0]


def test_neighbouring_pages_are_told_to_the_browser() -> None:
    html = printed(replace(PAGE, pager=Pager(previous="?page=b", next="?page=a&sort=name")))
    assert '<link rel="next" href="?page=a&amp;sort=name">' in html
    assert '<link rel="prev" href="?page=b">' in html


def test_a_list_that_took_too_long_says_what_was_slow_and_leads_on() -> None:
    slow = EmptyState(
        "This list took longer than 5 seconds",
        "It was stopped.",
        (Link("Without the search", "?"),),
        ("“M3” is shorter than three characters.",),
    )
    html = printed(replace(PAGE, rows=(), count="", empty=slow))
    assert "<li>“M3” is shorter than three characters.</li>" in html
    assert '<a class="btn" href="?">Without the search</a>' in html
    assert 'class="count"' not in html


def test_the_chosen_rows_a_page_outlive_a_search_that_finds_nothing() -> None:
    sizes = (Option("", "50"), Option("25", "25", selected=True))
    empty = EmptyState("No items match", "")
    html = printed(replace(PAGE, rows=(), page_sizes=sizes, empty=empty))
    assert '<input type="hidden" name="pageSize" value="25">' in html


def test_a_view_is_saved_where_the_list_is_not_as_it_comes() -> None:
    saving = SaveViewForm("/admin/item/views", "search=bolt", manage_href="/admin/item/views")
    assert "Save view" not in printed(replace(PAGE, save_view=saving))
    for narrowed in ({"search": "bolt"}, {"sorts": (Option("-price", "Price", selected=True),)}):
        html = printed(replace(PAGE, save_view=saving, **narrowed))
        assert 'popovertarget="saving"' in html
        assert '<input type="hidden" name="query" value="search=bolt">' in html


def test_a_view_that_changed_is_saved_again_by_its_own_button() -> None:
    saving = SaveViewForm(
        "/admin/item/views", "q", update_action="/admin/item/views/3", update_name="Low"
    )
    tab = ViewTab("Low", "?view=3", current=True, changed=True, hint="Only you see it")
    html = printed(replace(PAGE, views=(ViewTab("All", "?view=all"), tab), save_view=saving))
    assert 'aria-current="page" title="Low · Only you see it"' in html
    assert "changed</span>" in html
    assert re.search(r'action="/admin/item/views/3".{0,250}Save changes</button>', html)


def test_facets_that_are_folded_say_that_nothing_was_asked_for_them() -> None:
    facet = Facet(
        "is", "Stock", "options", (FacetOption("low", "Low", True, "1,053"),), active=True
    )
    arranging = ColumnSettings("/admin/item/arrange", (ColumnChoice("name", "Name", True, True),))
    page = replace(PAGE, facets=(facet,), column_settings=arranging)
    assert 'class="facets" popover' in printed(page)
    html = printed(replace(page, facets_open=False))
    assert 'class="facets folded" data-unasked popover' in html
    assert 'data-remember="/admin/item/arrange"' in html
    assert '<span class="tick-text">Low</span> <span class="tick-count">1,053</span>' in html


def test_the_facets_of_few_records_are_folded_and_their_choices_are_there() -> None:
    facet = Facet("is", "Stock", "options", (FacetOption("low", "Low", False, "2"),))
    html = printed(replace(PAGE, facets=(facet,), is_short=True))
    assert 'class="facets folded" popover' in html
    assert "data-facets-button" in html
