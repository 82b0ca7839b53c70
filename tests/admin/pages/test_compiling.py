"""Our templates print what Jinja itself would print."""

from dataclasses import dataclass
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup

from backoffice.admin.pages.compiling import PageEnvironment, escape


@dataclass(frozen=True, slots=True)
class Cell:
    text: Any
    href: str | None = None


TEMPLATES = {
    "base": (
        "<h1>{% block title %}{{ page.text }}{% endblock %}</h1>{{ self.title() }}"
        "{% block rest %}rest{% endblock %}"
    ),
    "macros": (
        "{% macro link(cell, big=False) -%}{% if big %}<big>{% endif %}"
        "<a href='{{ cell.href }}'>{{ cell.text }}</a>{%- endmacro %}"
        "{% macro box(cell) %}<p>{{ caller(cell.text) }}{{ caller('<') }}</p>{% endmacro %}"
        "{% macro both() %}{{ link(*varargs, **kwargs) }}{% endmacro %}"
    ),
    "page": (
        "{% extends 'base' %}{% from 'macros' import link, box, both %}"
        "{% block rest %}{% for cell in cells %}{{ loop.index }}{{ link(cell) }}"
        "{% set made %}<b>{{ cell.text }}</b>{% endset %}{{ made }}{{ cell.text ~ '<' }}"
        "{{ cell.text | string | upper }}{{ cell.text | e }}{{ none }}{{ 1.5 }}{{ True }}"
        "{% call(text) box(cell) %}{{ loop.first }}{{ text }}{{ link(cell) }}{% endcall %}"
        "{{ loop.cycle('odd', 'even') }}{{ both(cell, big=True) }}{{ link(cell=cell, big=1 > 2) }}"
        "{{ range(2) | list }}{{ cell.text.__class__('x') if cell.text is string }}"
        "{% endfor %}{{ super() }}{{ cells | map(attribute='href') | list }}{% endblock %}"
    ),
}

TEXTS = ["plain", "<script>&\"'", "Ω × é", "", Markup("<i>done</i>"), 12, None, b"<", ["<", 1]]


def environment(kind: type[Environment], templates: dict[str, str] = TEMPLATES) -> Environment:
    return kind(loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined)


def test_a_template_prints_what_jinja_would_print() -> None:
    values = {
        "page": Cell("<title>"),
        "cells": [Cell(text, f"/a?b=1&c={number}") for number, text in enumerate(TEXTS)],
    }
    ours = environment(PageEnvironment).get_template("page").render(values)
    assert ours == environment(Environment).get_template("page").render(values)
    assert "<script>" not in ours
    assert "<i>done</i>" in ours


@pytest.mark.parametrize("text", TEXTS)
def test_a_value_is_escaped_as_markupsafe_does(text: Any) -> None:
    assert str(escape(text)) == str(Markup.escape(text))


def test_a_text_that_is_more_than_a_text_is_asked_for_its_html() -> None:
    class Bold(str):
        __slots__ = ()

        def __html__(self) -> str:
            return f"<b>{self}</b>"

    assert escape(Bold("x")) == "<b>x</b>"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ nobody }}", UndefinedError),
        ("{{ nobody.text }}", UndefinedError),
        ("{{ page.nothing }}", AttributeError),
        ("{% if page.nothing %}{% endif %}", AttributeError),
        ("{{ page['nothing'] }}", UndefinedError),
    ],
)
def test_a_missing_name_is_no_empty_text(source: str, error: type[Exception]) -> None:
    template = environment(PageEnvironment, {"it": source}).get_template("it")
    with pytest.raises(error):
        template.render(page=Cell("x"))
