"""Rules for the screens: each is an independent file, and none knows a model."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import backoffice

PACKAGE = Path(backoffice.__file__).parent
ADMIN = PACKAGE / "admin"
SCREENS = sorted(path for path in (ADMIN / "screens").glob("*.py") if path.name != "__init__.py")
RECORDS = {"User", "Role", "Item", "Category", "users", "roles", "user_roles"}
"""The models and tables that have a view. What holds for each of them is asked of its view."""


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """The modules that a file imports from, and the names; wherever in it that is."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_a_screen_is_named_as_its_file(path: Path) -> None:
    functions = [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert functions[0] == f"{path.stem}_screen"


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_a_screen_imports_no_other_screen(path: Path) -> None:
    screens = "backoffice.admin.screens"
    assert [
        (module, name)
        for module, name in imports_of(path)
        if module.startswith(screens) or f"{module}.{name}" == screens
    ] == []


def test_the_screens_know_no_model_that_has_a_view() -> None:
    known = {
        (str(path.relative_to(ADMIN)), name)
        for path in ADMIN.rglob("*.py")
        for module, name in imports_of(path)
        if module.startswith("backoffice.models") and name in RECORDS
    }
    assert known == set()
