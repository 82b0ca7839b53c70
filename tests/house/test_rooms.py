"""No file is part of an import circle; imports that only type checkers follow count.

The import contract holds the rooms and the files within each. This holds single files across rooms,
and the ``__init__`` of a package with the files in it, of which the contract knows nothing.
"""

import ast
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import backoffice

PACKAGE = Path(backoffice.__file__).parent

RELATED_MODELS = {
    ("backoffice.models.category", "backoffice.models.item"),
    ("backoffice.models.role", "backoffice.models.user"),
}
"""A model and the model that it relates to name each other."""

Imports = dict[str, set[str]]


def module_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(source: str, modules: Collection[str]) -> Iterator[str]:
    """The modules, of ``modules``, that a module imports anywhere in its code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                if submodule in modules:
                    yield submodule
                elif node.module in modules:
                    yield node.module


def imports_of(sources: dict[str, str]) -> Imports:
    """Which modules each module imports. ``sources``: the code by the module's name."""
    return {name: set(imported_by(source, sources)) for name, source in sources.items()}


def circle_in(imports: Imports) -> list[str]:
    """The modules of one circle, in order; empty where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_file_is_part_of_a_circle() -> None:
    sources = {module_name(file): file.read_text() for file in PACKAGE.rglob("*.py")}
    assert len(sources) > 200
    imports = imports_of(sources)
    for model, related in RELATED_MODELS:
        imports[model].discard(related)

    assert circle_in(imports) == []


@pytest.mark.parametrize(
    "line", ["from shop.b import b", "if TYPE_CHECKING:\n    from shop import b", "import shop.b"]
)
def test_a_circle_is_found_however_it_is_written(line: str) -> None:
    sources = {"shop": "", "shop.a": line, "shop.b": "def b():\n    from shop.a import a"}
    assert set(circle_in(imports_of(sources))) == {"shop.a", "shop.b"}
