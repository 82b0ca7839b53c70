"""Printing pages: one synchronous Jinja environment, plain values in, HTML out."""

from pathlib import Path
from typing import Any

import sqladmin
from jinja2 import FileSystemLoader, StrictUndefined

from backoffice.admin.pages.compiling import PageEnvironment
from backoffice.admin.pages.icons import DRAWINGS
from backoffice.admin.pages.shell import Shell
from backoffice.admin.pages.static_files import StaticFolder

PACKAGE = Path(__file__).resolve().parents[2]
TEMPLATES = PACKAGE / "templates"

STATIC = StaticFolder(PACKAGE / "static", "/static")
"""Our own files."""

TABLER = StaticFolder(
    Path(sqladmin.__file__).resolve().parent / "statics",
    "/admin/statics",
    # Of all that SQLAdmin ships our pages use this; the rest nobody need be able to load.
    names=["css/tabler.min.css"],
)


def build_environment() -> PageEnvironment:
    """The environment of all templates: escaped, strict about missing names, not async."""
    environment = PageEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static_href"] = STATIC.href
    environment.globals["tabler_href"] = TABLER.href
    environment.globals["drawing"] = DRAWINGS.__getitem__
    environment.globals["zip"] = zip  # a column and its cell, without counting at every cell
    return environment


ENVIRONMENT = build_environment()


def render(template: str, shell: Shell, page: Any) -> str:
    """The HTML of ``page`` in ``template``, inside ``shell``."""
    return ENVIRONMENT.get_template(template).render(shell=shell, page=page)
