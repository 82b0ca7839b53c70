"""Rendering pages: a page object and a template make HTML."""

from pathlib import Path
from typing import Any

import sqladmin
from jinja2 import FileSystemLoader, StrictUndefined

from backoffice.admin.pages.compiling import PageEnvironment
from backoffice.admin.pages.icons import icon
from backoffice.admin.pages.shell import Shell
from backoffice.admin.pages.static_files import StaticFolder
from backoffice.admin.pages.table_html import cell_html, rows_html

PACKAGE = Path(__file__).resolve().parents[2]
TEMPLATES = PACKAGE / "templates"

STATIC = StaticFolder(PACKAGE / "static", "/static")
"""The files in ``backoffice/static``."""

TABLER = StaticFolder(
    Path(sqladmin.__file__).resolve().parent / "statics",
    "/admin/statics",
    # The only one of SQLAdmin's files that our pages use. The others are not served.
    names=["css/tabler.min.css"],
)


def build_environment() -> PageEnvironment:
    """Jinja's environment for all templates. It escapes, and an undefined name raises."""
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
    environment.globals["icon"] = icon
    environment.globals["cell_html"] = cell_html
    environment.globals["rows_html"] = rows_html
    return environment


ENVIRONMENT = build_environment()


def render(template: str, shell: Shell, page: Any) -> str:
    """The HTML of ``page`` in ``template``, inside ``shell``."""
    return ENVIRONMENT.get_template(template).render(shell=shell, page=page)


def render_part(template: str, page: Any) -> str:
    """The HTML of ``page`` in ``template``, which a script puts into a page: it has no shell."""
    return ENVIRONMENT.get_template(template).render(page=page)
