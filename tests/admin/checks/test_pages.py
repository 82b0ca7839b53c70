"""Custom pages that are misspelt or contradict others stop the start with a sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice.admin.page import Page
from backoffice.views import VIEWS

Start = Callable[..., list[str]]
GOOD = '{% extends "base.html" %}{% block content %}{{ page }}{% endblock %}'


@pytest.fixture
def page_problems(problems: Start) -> Start:
    """What a start with these pages complains of."""
    return lambda *pages, views=VIEWS: problems(views, pages)


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., type[Page]]:
    """Makes a page that is right, but for what a test sets: ``page(icon="boxx")``."""
    folder = tmp_path / "stock"
    folder.mkdir()
    (folder / "good.html").write_text(GOOD)
    (tmp_path / "none.css").touch()

    def make(source: str = "", class_name: str = "StockPage", **options: Any) -> type[Page]:
        if source:
            (folder / "given.html").write_text(source)
            options["template"] = "given.html"
        right = {"name": "Stock", "identity": "stock", "template": "good.html", "folder": folder}
        return type(class_name, (Page,), right | options)

    return make


def test_a_page_without_mistakes_starts(page_problems: Start, page: Any) -> None:
    other = page(class_name="OtherPage", identity="other-2", before="stock", icon="truck")
    assert page_problems(page(before="category"), other) == []


def test_what_is_no_page_is_told(page_problems: Start, page: Any) -> None:
    given = page()
    (told,) = page_problems(given())
    assert told.startswith("PAGES: ")
    assert told.endswith("is not a page: write the class, a subclass of Page.")


@pytest.mark.parametrize("identity", ["", "Low stock", "a/b", "a--b", "-a", "page:a", "x" * 65])
def test_an_identity_is_words_for_an_address(
    page_problems: Start, page: Any, identity: str
) -> None:
    assert page_problems(page(identity=identity)) == [
        f"StockPage.identity is {identity!r}: write at most 64 lower-case letters and digits, with "
        "hyphens between words, such as 'low-stock'."
    ]


def test_an_identity_is_one_pages_or_views_alone(page_problems: Start, page: Any) -> None:
    assert page_problems(page(identity="item")) == [
        "StockPage.identity: 'item' is already the identity of ItemView, the view of Item, "
        "and permissions use it: choose another."
    ]
    assert page_problems(page(), page(class_name="SecondPage")) == [
        "SecondPage.identity: 'stock' is already the identity of StockPage, and permissions "
        "use it: choose another."
    ]
    assert page_problems(page(identity="list")) == [
        "StockPage.identity: /admin/pages/list is another page's address: choose another."
    ]


def test_a_place_is_before_a_view_or_an_earlier_page(page_problems: Start, page: Any) -> None:
    assert page_problems(page(before="categories")) == [
        "StockPage.before: there is no view or earlier page 'categories'. Write 'category'."
    ]
    later = page(class_name="LaterPage", identity="zz9")
    assert page_problems(page(before="zz9"), later) == [
        "StockPage.before: there is no view or earlier page 'zz9'."
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": " "}, ".name is missing: write the page's name in the navigation."),
        ({"icon": "trukc"}, ".icon: Heroicons has no outline 'trukc'. Write 'truck'."),
        (
            {"tempalte": "x.html"},
            ".tempalte is not an option of a page. Write 'template', or put _ before its name.",
        ),
        ({"assets": "a.css"}, ".assets is a string: write ('a.css',)."),
        ({"assets": ("a.css",)}, ".assets: there is no a.css in stock/."),
        ({"assets": ("../none.css",)}, ".assets: there is no ../none.css in stock/."),
        (
            {"assets": ("good.html",)},
            ".assets: 'good.html' must end in one of .css, .js, .svg, .png, .ico, .woff2.",
        ),
        ({"template": ""}, ".template is missing: write the name of a file in stock/."),
        ({"template": "godo.html"}, ".template: there is no godo.html in stock/."),
        (
            {"template": "list.html"},
            ".template: 'list.html' is the name of a template of the back office: give yours "
            "another name.",
        ),
    ],
)
def test_a_wrong_option_is_told(
    page_problems: Start, page: Any, options: dict[str, Any], sentence: str
) -> None:
    given = page(**options)
    if "tempalte" in options:
        del given.template
        told = page_problems(given)
        assert told[0] == f"StockPage{sentence}"
    else:
        assert page_problems(given) == [f"StockPage{sentence}"]


def test_names_of_a_pages_own_are_no_mistakes(page_problems: Start, page: Any) -> None:
    own = {"form": 1, "rows": 2, "shown": 3, "_contents": 4, "names": 5, "static": 6}
    assert page_problems(page(**own)) == []
    assert page_problems(page(post=1)) == [
        "StockPage.post is not an option of a page. Write 'posted', or put _ before its name."
    ]


def test_a_function_that_is_async_is_told(page_problems: Start, page: Any) -> None:
    async def content(self: Any, context: Any) -> None: ...

    assert page_problems(page(content=content)) == [
        "StockPage.content is async, but runs in a worker thread: write a plain def."
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("{% block content %}\n{% if %}", "given.html, line 2: Expected an expression"),
        (
            '{% extends "bsae.html" %}',
            " uses 'bsae.html', which does not exist. Write 'base.html'.",
        ),
        (
            '{% from "macros/notice.html" import x %}',
            " uses 'macros/notice.html', which does not exist. Write 'macros/notices.html'.",
        ),
        ("<p>\n<b style='x'>", "given.html, line 2 has a style attribute, which browsers ignore"),
        ("<style>p {}</style>", "given.html, line 1 has a style element, which browsers ignore"),
        ("<script>alert(1)</script>", "line 1 has a script in the page, which browsers ignore"),
        ('<a onclick="x()">', "line 1 has an event attribute, which browsers ignore here: put it"),
    ],
)
def test_what_is_wrong_in_a_template_is_told(
    page_problems: Start, page: Any, source: str, sentence: str
) -> None:
    (told,) = page_problems(page(source))
    assert told.startswith("StockPage.template")
    assert sentence in told


def test_a_script_of_its_own_is_none_in_the_page(page_problems: Start, page: Any) -> None:
    source = '<script type="module" src="{{ asset_href(\'a.js\') }}"></script><p data-style=1>'
    assert page_problems(page(source)) == []


def test_a_model_called_pages_would_have_their_address(page_problems: Start) -> None:
    view = type("PagesView", (VIEWS[1],), {"identity": "pages"})
    assert any(
        told.startswith("PagesView: /admin/pages is another page's address")
        for told in page_problems(views=[*VIEWS, view])
    )
