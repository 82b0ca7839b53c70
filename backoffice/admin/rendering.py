"""Printing pages: one synchronous Jinja environment, plain values in, HTML out."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqladmin
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backoffice.admin.pages import Shell

PACKAGE = Path(__file__).resolve().parent.parent
TEMPLATES = PACKAGE / "templates"
STATIC = PACKAGE / "static"
TABLER = Path(sqladmin.__file__).resolve().parent / "statics"


@lru_cache(maxsize=256)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_href(name: str) -> str:
    """The address of one of our static files, changing with its content so that it may be kept."""
    return f"/static/{name}?v={_digest(STATIC / name)}"


def tabler_href(name: str) -> str:
    """The address of a file that SQLAdmin ships, such as ``css/tabler.min.css``."""
    return f"/admin/statics/{name}?v={_digest(TABLER / name)}"


def build_environment() -> Environment:
    """The environment of all templates: escaped, strict about missing names, not async."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static_href"] = static_href
    environment.globals["tabler_href"] = tabler_href
    return environment


ENVIRONMENT = build_environment()


def render(template: str, shell: Shell, page: Any) -> str:
    """The HTML of ``page`` in ``template``, inside ``shell``."""
    return ENVIRONMENT.get_template(template).render(shell=shell, page=page)
