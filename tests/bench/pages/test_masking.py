"""The comparison of pages masks what is another one each time, and sees everything else."""

from pathlib import Path

import pytest

from bench.pages.comparing import LONGEST_LINE, MOST_LINES, compare, difference
from bench.pages.forms import NotThere, PageReader
from bench.pages.masking import masked, masked_form, masked_headers, static_digests

PAGE = """
<a href="/admin/item/list?page=x&amp;sort=name" rel="nofollow next">Next</a>
<form id="narrow" action="/admin/item/list"><input name="search" value="hex"></form>
<form method="post" action="/admin/item/edit/5">
  <input type="hidden" name="csrf_token" value="abc">
  <input type="checkbox" name="grants" value="item:list" checked>
  <input type="checkbox" name="grants" value="item:edit">
  <input type="radio" name="keep_price" value="theirs"><input name="gone" disabled>
  <textarea name="description">
one
two &amp; three</textarea>
  <select name="category"><option value="1">A</option><option value="2" selected>B</option></select>
  <select name="size"><option value="s">S</option><option value="m">M</option></select>
  <button name="save" value="Save">Save</button>
</form>
<input name="price_from" value="10" form="narrow">
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name="csrf_token" value="x-Y_1"', 'name="csrf_token" value="‹token›"'),
        ('href="/static/list.css?v=0123456789ab"', 'href="/static/list.css?v=‹digest›"'),
        ('title="2026-11-27 06:44:37 UTC"', 'title="‹time›"'),
        ("asof=2026-11-27T06%3A44%3A37.123456%2B00%3A00&x", "asof=‹time›&x"),
        ("2026-11-27T06:44:37+00:00", "‹time›"),
        ("27 Nov 2026, 06:44 (#1)", "‹time› (#1)"),
        ("just now, 1 minute ago, in 2 hours", "‹ago›, ‹ago›, ‹ago›"),
        ('data-countdown="7">Try again in 7 seconds', 'data-countdown="‹seconds›">Try again ‹ago›'),
        ("http://127.0.0.1:51234/admin/", "http://127.0.0.1:‹port›/admin/"),
        ("Request 0123456789abcdef01234567.", "Request ‹request›."),
    ],
)
def test_what_is_another_one_each_time_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Hex bolt M8 × 40, 12.50 EUR, 25",
        "at=2026-11-27",
        "3 days ago",
        f'name="opened" value="{"0123456789abcdef" * 4}.{{}}"',
        "page=WyJuYW1lIl0.c2lnbmVk",
    ],
)
def test_signatures_dates_and_values_are_not(text: str) -> None:
    assert masked(text) == text


def test_of_headers_the_values_that_must_differ_go() -> None:
    headers = [
        ("Set-Cookie", "backoffice=signed.value; Path=/; HttpOnly"),
        ("Set-Cookie", "notices=; Path=/; Max-Age=0"),
        ("Content-Length", "12"),
        ("Date", "Fri, 27 Nov 2026 06:44:37 GMT"),
        ("X-Frame-Options", "DENY"),
    ]
    assert masked_headers(headers) == [
        "set-cookie: backoffice=‹value›; Path=/; HttpOnly",
        "set-cookie: notices=; Path=/; Max-Age=0",
        "x-frame-options: DENY",
    ]


def test_a_form_is_told_without_its_token_and_passwords() -> None:
    fields = [("csrf_token", "x"), ("name", "Nut"), ("password", "secret"), ("price", "1")]
    assert masked_form(fields) == "name=Nut&price=1"


def test_static_files_are_known_by_their_digests() -> None:
    page = '<link href="/static/list.css?v=0a1b"><script src="/admin/statics/js/a.min.js?v=2c">'
    assert static_digests(page) == {"/static/list.css": "0a1b", "/admin/statics/js/a.min.js": "2c"}


def test_a_page_is_read_as_a_browser_reads_it() -> None:
    read = PageReader(PAGE)
    assert read.link(rel="next") == "/admin/item/list?page=x&sort=name"
    assert read.radios == ["keep_price"]
    form = read.form("/admin/item/edit/", holding="save")
    assert form.fields == [
        ("csrf_token", "abc"),
        ("grants", "item:list"),
        ("description", "one\r\ntwo & three"),
        ("category", "2"),
        ("size", "s"),
    ]
    assert form.filled({"grants": ["a", "b"], "size": []})[-2:] == [
        ("grants", "a"),
        ("grants", "b"),
    ]
    assert read.form("/admin/item/list").fields == [("search", "hex"), ("price_from", "10")]
    with pytest.raises(NotThere):
        read.form("/admin/item/create")


def test_folders_are_compared_file_by_file(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, word in ((before, "saved"), (after, "kept")):
        folder.mkdir()
        (folder / "1-same.txt").write_text("same\n")
        (folder / "2-other.txt").write_text(f"first\nNothing was {word}.\nlast\n")
    (before / "3-gone.txt").write_text("gone\n")
    found = compare(before, after)
    assert (found.compared, found.equal) == (3, 1)
    assert list(found.differing) == ["2-other.txt", "3-gone.txt"]
    assert found.alike() == [["2-other.txt"], ["3-gone.txt"]]
    assert found.differing["2-other.txt"][2:4] == ["-Nothing was saved.", "+Nothing was kept."]


def test_files_that_differ_by_the_same_lines_are_told_together(tmp_path: Path) -> None:
    for folder, word in (("before", "saved"), ("after", "kept")):
        (tmp_path / folder).mkdir()
        for name in ("one", "two"):
            (tmp_path / folder / f"{name}.txt").write_text(f"page {name}\n{word}\n")
    assert compare(tmp_path / "before", tmp_path / "after").alike() == [["one.txt", "two.txt"]]


def test_a_line_end_alone_is_a_difference(tmp_path: Path) -> None:
    for name, content in (("before", b"a\r\n"), ("after", b"a\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.txt").write_bytes(content)
    found = compare(tmp_path / "before", tmp_path / "after")
    assert list(found.differing) == ["page.txt"]
    assert found.differing["page.txt"]


def test_long_differences_are_cut_to_where_they_are() -> None:
    lines = difference("x" * 5_000 + "a" + "y" * 5_000, "x" * 5_000 + "b" + "y" * 5_000)
    assert all(len(line) <= LONGEST_LINE + 3 for line in lines)
    assert "xay" in lines[1]
    assert "xby" in lines[2]
    many = difference("\n".join("abcdefghijkl"), "\n".join("ABCDEFGHIJKL"))
    assert len(many) == MOST_LINES + 1
    assert many[-1] == "… and 11 more lines"
