"""Rendering pages: a page object and a template make HTML."""

from collections.abc import Hashable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import sqladmin
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backoffice.admin.pages.compiling import PageEnvironment, escape_text
from backoffice.admin.pages.icons import icon
from backoffice.admin.pages.shell import Shell
from backoffice.admin.pages.static_files import MEDIA_TYPES, File, StaticFiles, StaticFolder
from backoffice.admin.pages.table_html import cell_html, rows_html
from backoffice.admin.pages.tabler import used_rules, variables_in, words_in
from backoffice.language import (
    Language,
    _,
    current_language,
    ngettext,
    number,
    pgettext,
    scripts_catalogue,
)

PACKAGE = Path(__file__).resolve().parents[2]
TEMPLATES = PACKAGE / "templates"

STATIC = StaticFolder(PACKAGE / "static", "/static")
"""The files in ``backoffice/static``."""

TABLER_USED, TABLER_WHOLE = "css/tabler.used.css", "css/tabler.min.css"


def _tabler() -> dict[str, File]:
    path = Path(sqladmin.__file__).resolve().parent / "statics" / TABLER_WHOLE
    ours = "".join(style.read_text() for style in sorted((PACKAGE / "static").glob("*.css")))
    written_by = (
        *TEMPLATES.rglob("*.html"),
        *(PACKAGE / "static").glob("*.js"),
        *Path(__file__).parent.glob("*.py"),
    )
    used = used_rules(path.read_text(encoding="utf-8"), words_in(written_by), variables_in(ours))
    return {
        TABLER_USED: File(used.encode(), MEDIA_TYPES[".css"]),
        TABLER_WHOLE: File.read(path),
    }


TABLER = StaticFiles("/admin/statics", _tabler)
"""Tabler's stylesheet: what our pages use of it, and the whole for pages of a developer's own. The
only one of SQLAdmin's files that is served. It takes a quarter of a second to make, and is made
when the application starts."""


def build_environment(*folders: Path, tabler: str = TABLER_WHOLE) -> PageEnvironment:
    """Jinja's environment for all templates. It escapes, and an undefined name raises.

    ``folders``: further folders of templates. A name that ours have is ours. ``tabler``: which of
    Tabler's stylesheets the pages link to.
    """
    environment = PageEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (TEMPLATES, *folders)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static_href"] = STATIC.href
    environment.globals["tabler_href"] = lambda: TABLER.href(tabler)
    environment.globals["icon"] = icon
    environment.globals["cell_html"] = cell_html
    environment.globals["rows_html"] = rows_html
    environment.globals["_"] = _
    environment.globals["_html"] = sentence_html
    environment.globals["ngettext"] = ngettext
    environment.globals["pgettext"] = pgettext
    environment.globals["number"] = number
    environment.globals["part_html"] = part_html
    environment.globals["language"] = current_language
    environment.globals["scripts_catalogue"] = scripts_catalogue_json
    environment.constant_calls = ("_", "pgettext", "icon")
    return environment


def sentence_html(message: str, /, **values: Any) -> Markup:
    """A translated sentence as HTML, for sentences with a link or a mark in them.

    A value that is ``Markup``, such as what a macro returns, is printed as it is; others are
    escaped, and so is the sentence.
    """
    return Markup(escape_text(_(message))).format(**values)  # noqa: S704 - it is escaped here


def scripts_catalogue_json() -> Markup:
    """The texts of scripts in the current language, for a ``script`` element; "" for English."""
    return Markup(scripts_catalogue())  # noqa: S704 - its JSON has no "<"


def part_html(template: str, part: Hashable, csrf_token: str = "", path: str = "") -> Markup:
    """A part of a page that is the same on many pages, but for the form's token and the page to
    return to. It is printed once for each ``part``, which says everything else."""
    html = _print_part(current_language(), template, part, bool(path))
    html = html.replace(_TOKEN, escape_text(csrf_token))
    return Markup(html.replace(_PATH, escape_text(path)))  # noqa: S704 - it is a template


_TOKEN, _PATH = "\0token", "\0path"
"""Where a part has what differs from page to page. No text that can be stored has a NUL."""


@lru_cache(maxsize=500)
def _print_part(language: Language, template: str, part: Hashable, has_path: bool) -> str:
    found = ENVIRONMENT.in_language(language).get_template(template)
    return found.render(part=part, csrf_token=_TOKEN, path=_PATH if has_path else "")


ENVIRONMENT = build_environment(tabler=TABLER_USED)


@cache
def environment_of(folder: Path) -> PageEnvironment:
    """The environment for templates in a folder of a developer's own. They extend ``base.html`` and
    import our macros; our screens never read that folder."""
    return build_environment(folder)


def render(
    template: str,
    shell: Shell,
    page: Any,
    *,
    environment: PageEnvironment = ENVIRONMENT,
    **more: Any,
) -> str:
    """The HTML of ``page`` in ``template``, inside ``shell``. ``more``: further names that the
    template may use."""
    found = environment.in_language(current_language()).get_template(template)
    return found.render(shell=shell, page=page, **more)


def render_part(template: str, page: Any) -> str:
    """The HTML of ``page`` in ``template``, which a script puts into a page: it has no shell."""
    found = ENVIRONMENT.in_language(current_language()).get_template(template)
    return found.render(page=page)
