"""Views and templates name icons, and every name that they write is drawn."""

import re
from typing import get_args
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from jinja2 import TemplateSyntaxError

from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.icons import ARCHIVE, DRAWINGS, OURS, OUTLINES, USES
from backoffice.admin.pages.rendering import ENVIRONMENT, TEMPLATES
from backoffice.admin.pages.shell import ShownNotice

SVG = "{http://www.w3.org/2000/svg}"


def literals(kind: object) -> set[str]:
    found = set(get_args(kind))
    assert found, f"{kind!r} is no Literal"
    return found


def test_every_name_that_a_template_writes_is_drawn() -> None:
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for call in re.findall(r"icon\(([^)]*)\)", path.read_text())
        for name in re.findall(r'"([^"]+)"', call)
    }
    assert len(named) >= 15
    assert named - set(DRAWINGS) == set()


def test_every_name_that_a_page_object_may_carry_is_drawn() -> None:
    assert literals(ShownNotice.__annotations__["kind"]) <= set(DRAWINGS)
    assert literals(Entry.__annotations__["operation"]) <= set(DRAWINGS)
    for pages in ("first", "left", "right", "last"):
        assert pages in DRAWINGS
    for theme in ("sun", "auto", "moon"):
        assert theme in DRAWINGS
    for order in ("ascending", "descending"):
        assert order in DRAWINGS


def test_a_name_has_one_drawing() -> None:
    assert (set(USES) | set(OURS)) & set(OUTLINES) == set()
    assert set(USES) & set(OURS) == set()
    assert len(DRAWINGS) == len(OUTLINES) + len(USES) + len(OURS)


def test_of_an_outline_nothing_is_left_out_but_how_its_lines_look() -> None:
    assert len(OUTLINES) > 300
    with ARCHIVE.open("rb") as file, ZipFile(file) as archive:
        for name, taken in OUTLINES.items():
            svg = ElementTree.fromstring(archive.read(f"outline/{name}.svg"))
            assert svg.get("viewBox") == "0 0 24 24", name
            assert {shape.tag for shape in svg} == {f"{SVG}path"}, name
            styles = {key for shape in svg for key in shape.keys()}  # noqa: SIM118 - an element
            assert styles <= {"d", "stroke-linecap", "stroke-linejoin"}, name
            own = ElementTree.fromstring(f"<svg>{taken}</svg>")
            assert [shape.attrib for shape in own] == [{"d": shape.get("d")} for shape in svg], name


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_is_drawn_here_has_shapes_alone(name: str) -> None:
    svg = ElementTree.fromstring(f"<svg>{OURS[name]}</svg>")
    assert {shape.tag for shape in svg} <= {"path", "rect"}
    assert not any({"stroke", "fill", "style", "class"} & set(shape.keys()) for shape in svg)


def test_an_icon_is_hidden_from_readers_and_has_the_size_that_was_asked_for() -> None:
    drawn = ENVIRONMENT.from_string('{{ icon("close", 14) }}').render()
    assert drawn == (
        '<svg class="icon-drawn" width="14" height="14" viewBox="0 0 24 24" aria-hidden="true" '
        f'focusable="false">{OUTLINES["x-mark"]}</svg>'
    )


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    with pytest.raises(TemplateSyntaxError, match="clsoe"):
        ENVIRONMENT.from_string('{{ icon("clsoe") }}')
    template = ENVIRONMENT.from_string("{{ icon(name) }}")
    with pytest.raises(KeyError, match="clsoe"):
        template.render(name="clsoe")
