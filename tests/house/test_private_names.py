"""Private names of libraries are used in one module each, and listed here: an upgrade that changes
one of them breaks this test first."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import markupsafe
import pymysql.connections  # type: ignore[import-untyped]  # and has no stubs
import pytest
from jinja2.compiler import CodeGenerator
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backoffice.config import CHECKOUT

PACKAGE = CHECKOUT / "backoffice"
PYMYSQL_LIMIT = "_read_timeout"
MARKUPSAFE_ESCAPE = "_escape_inner"
ALLOWED = {
    "admin/pages/compiling.py": {MARKUPSAFE_ESCAPE},
    "db/resilience/deadlines.py": {PYMYSQL_LIMIT},
    "web/server/protocol.py": {"_unset_keepalive_if_required"},  # uvicorn's
}
MODULES = sorted(PACKAGE.rglob("*.py"))
JINJA_METHODS = {
    "visit_Template": ["self", "node", "frame"],
    "visit_Getattr": ["self", "node", "frame"],
    "visit_Call": ["self", "node", "frame", "forward_caller"],
    "signature": ["self", "node", "frame", "extra_kwargs"],
    "write": ["self", "x"],
    "writeline": ["self", "x", "node", "extra"],
}
"""Methods of Jinja's code generator with their parameters. They are not private, but no
documentation promises them."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def own_names(tree: ast.AST) -> set[str]:
    """The private names that a module itself defines."""
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
    return own


def foreign_private_names(path: Path) -> Iterator[str]:
    """The private names that a module uses and does not define."""
    tree = ast.parse(path.read_text())
    own = own_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("backoffice"):
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from filter(is_private, parts)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("getattr", "setattr"):
            constants = [each.value for each in node.args if isinstance(each, ast.Constant)]
            yield from (name for name in constants if isinstance(name, str) and is_private(name))
        elif isinstance(node, ast.Assign) and getattr(node.value, "value", "") == PYMYSQL_LIMIT:
            # A constant, for getattr and setattr.
            yield PYMYSQL_LIMIT


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_uses_only_the_private_names_that_it_may(path: Path) -> None:
    allowed = ALLOWED.get(path.relative_to(PACKAGE).as_posix(), set())
    assert set(foreign_private_names(path)) == allowed


def test_pymysql_reads_its_timeout_from_that_name() -> None:
    source = Path(pymysql.connections.__file__).read_text()
    assert f"self._sock.settimeout(self.{PYMYSQL_LIMIT})" in source


def test_uvicorn_has_that_method() -> None:
    assert callable(HttpToolsProtocol._unset_keepalive_if_required)


def test_markupsafe_escapes_a_text_by_that_function() -> None:
    escape = getattr(markupsafe, MARKUPSAFE_ESCAPE)
    assert escape("<a & 'b' \"c\">") == str(markupsafe.escape("<a & 'b' \"c\">"))


@pytest.mark.parametrize(("name", "parameters"), JINJA_METHODS.items())
def test_jinjas_code_generator_has_that_method(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(CodeGenerator, name)).parameters) == parameters


def test_only_one_module_knows_how_jinja_compiles() -> None:
    importing = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if "from jinja2.compiler import" in path.read_text() or "jinja2.nodes" in path.read_text()
    }
    assert importing == {"admin/pages/compiling.py"}
