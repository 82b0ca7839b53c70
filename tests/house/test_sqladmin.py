"""What is taken from SQLAdmin: names that it documents, so that an upgrade breaks little."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqladmin import Admin, ModelView

from backoffice.admin.routes import BackOffice
from backoffice.admin.view import RecordView
from backoffice.config import CHECKOUT
from backoffice.views import VIEWS

MODULES = sorted((CHECKOUT / "backoffice").rglob("*.py"))


def private_names(*classes: type) -> set[str]:
    """The underscore names that SQLAdmin's part of these classes has, on class or instance."""
    names: set[str] = set()
    for owner in {base for one in classes for base in one.__mro__}:
        if owner.__module__.partition(".")[0] == "sqladmin":
            names |= {name for name in vars(owner) if re.match(r"_[a-z]", name)}
            names |= set(re.findall(r"self\.(_[a-z]\w*)", inspect.getsource(owner)))
    return names


PRIVATE = private_names(Admin, ModelView)


def uses(tree: ast.AST) -> Iterator[str]:
    """SQLAdmin's private names that a module reaches for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in PRIVATE:
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqladmin"):
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from (part for part in parts if part.startswith("_"))
        elif isinstance(node, ast.Import):
            yield from (
                alias.name
                for alias in node.names
                if alias.name.startswith("sqladmin") and "._" in alias.name
            )
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
            named = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from (name for name in named if name in PRIVATE)


def test_there_are_private_names_to_look_for() -> None:
    assert {"_list", "_menu", "_views", "_find_model_view", "_run_query"} <= PRIVATE
    reaching = "from sqladmin._queries import Query\nself._views, getattr(self, '_menu')"
    assert set(uses(ast.parse(reaching))) == {"_queries", "_views", "_menu"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_module_uses_a_private_name_of_sqladmin(path: Path) -> None:
    # Should one ever have to: one adapter module alone, let through here, with the name tested for.
    assert list(uses(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize("ours", [BackOffice, RecordView, *VIEWS], ids=lambda ours: ours.__name__)
def test_no_class_of_ours_overrides_a_private_name_of_sqladmin_unawares(ours: type) -> None:
    methods = {name for name, value in vars(ours).items() if callable(value)}
    assert methods & PRIVATE == set()  # what is not a method, add_view itself puts there


def test_what_is_built_on_is_there() -> None:
    assert {"add_view", "views", "login", "logout"} <= set(dir(Admin))
    assert {
        "identity", "is_accessible", "is_visible", "has_permission", "get_list_columns",
        "get_details_columns", "get_form_columns", "column_labels", "column_list",
        "column_searchable_list", "column_sortable_list", "column_default_sort",
        "column_details_list", "form_columns", "form_args", "form_overrides", "page_size",
        "can_create", "can_edit", "can_delete", "can_view_details",
    } <= set(dir(ModelView))  # fmt: skip
