"""Our templates print what Jinja itself would print."""

from dataclasses import dataclass
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup

from backoffice.admin.pages.compiling import PageEnvironment, escape
from backoffice.language import ENGLISH, _, current_language, find_language, speak


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


def test_a_text_is_translated_when_a_template_is_compiled_once_for_each_language() -> None:
    asked = []

    def translated(message: str, **values: Any) -> str:
        asked.append(message)
        return _(message, **values)

    source = (
        "{{ _('Save <b>') }}{% for n in (1, 2) %}{{ _(page.text) }}{{ _('{n}', n=n) }}{% endfor %}"
    )
    english = PageEnvironment(loader=DictLoader({"it": source}), autoescape=True)
    english.globals["_"] = translated
    english.constant_calls = ("_",)
    for _time in range(2):
        for language in (ENGLISH, find_language("qps-ploc")):
            with speak(language):
                template = english.in_language(language).get_template("it")
                lines = "".join(_("Name") + _("{n}", n=number) for number in (1, 2))
                assert template.render(page=Cell("Name")) == Markup.escape(_("Save <b>")) + lines
    assert asked.count("Save <b>") == 2
    assert asked.count("Name") == 8


def test_a_template_is_in_its_own_language_no_matter_who_asks_first() -> None:
    english = PageEnvironment(loader=DictLoader({"it": "{{ _('Save') }}"}), autoescape=True)
    english.globals["_"] = _
    english.constant_calls = ("_",)
    with speak(find_language("qps-ploc")):
        assert english.get_template("it").render() == "Save"
    with speak(find_language("is")):  # not translated, so it has the English templates
        assert english.in_language(current_language()) is english
