"""The texts that people read, by the file and line where they are written."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from backoffice.config import CHECKOUT

PACKAGE = CHECKOUT / "backoffice"


class Text(NamedTuple):
    """What somebody reads: ``place`` is a path and a line."""

    place: str
    words: str


def guides() -> Iterator[Text]:
    """Every line of the guides, but for code; decisions are records of their day."""
    pages = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
    for page in (page for page in pages if page.parent.name != "decisions"):
        in_code = False
        for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
            if line.lstrip().startswith("```"):
                in_code = not in_code
            elif not in_code and page.name != "words.md":
                words = re.sub(r"`[^`]*`|\]\([^)]*\)", " ", line)
                yield Text(f"{page.relative_to(CHECKOUT)}:{number}", words)


def python_texts() -> Iterator[Text]:
    """Every text in the package's Python that is not a docstring, SQL or address."""
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in docstrings or not isinstance(node, ast.Constant):
                continue
            if isinstance(node.value, str) and " " in node.value:
                yield Text(f"{file.relative_to(CHECKOUT)}:{node.lineno}", node.value)


def template_texts() -> Iterator[Text]:
    """The lines of the templates: their text, and the texts inside of their expressions."""
    for file in sorted((PACKAGE / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", _blank, file.read_text("utf-8"), flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), start=1):
            words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", _quoted, line)
            words = re.sub(r'\b(?!title|placeholder|alt|aria-label)[\w-]+="[^"]*"', " ", words)
            yield Text(f"{file.relative_to(CHECKOUT)}:{number}", words)


def _quoted(expression: re.Match[str]) -> str:
    """What is between quotation marks in an expression, if it reads like a text."""
    texts = re.findall(r'"([^"]*)"', expression[0])
    return " ".join(text for text in texts if " " in text or text.istitle())


def script_texts() -> Iterator[Text]:
    """The texts that the scripts of the pages show: those that are translated."""
    for file in sorted((PACKAGE / "static").glob("*.js")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            for found in re.findall(r"\b(?:_|ngettext)\((.*)", line):
                yield Text(f"{file.relative_to(CHECKOUT)}:{number}", found)


def _blank(comment: re.Match[str]) -> str:
    return "\n" * comment[0].count("\n")
