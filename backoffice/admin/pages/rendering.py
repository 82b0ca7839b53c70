"""Rendering pages: a page object and a template make HTML."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import sqladmin
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backoffice.admin.pages.compiling import PageEnvironment, escape_text
from backoffice.admin.pages.icons import icon
from backoffice.admin.pages.shell import Shell, UserMenu
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
    environment.globals["shortcuts_html"] = shortcuts_html
    environment.globals["user_menu_html"] = user_menu_html
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


def shortcuts_html(shell: Shell) -> Markup:
    """The dialog of all keys. It is the same on every page of people with the same navigation."""
    places = tuple((entry.key, entry.text) for entry in shell.menu if entry.key)
    return _shortcuts(current_language(), shell.home_key, places)


@lru_cache(maxsize=200)
def _shortcuts(language: Language, home_key: str, places: tuple[tuple[str, str], ...]) -> Markup:
    template = ENVIRONMENT.in_language(language).get_template("shortcuts.html")
    return Markup(template.render(home_key=home_key, places=places))  # noqa: S704 - it is a template


def user_menu_html(shell: Shell) -> Markup:
    """The button and the menu of the person who is signed in."""
    assert shell.user_menu is not None
    html = _user_menu(current_language(), shell.user_menu)
    html = html.replace(_TOKEN, escape_text(shell.csrf_token))
    return Markup(html.replace(_PATH, escape_text(shell.path)))  # noqa: S704 - it is a template


_TOKEN, _PATH = "\0token", "\0path"
"""Where a menu has what differs from page to page. No name or e-mail address has a NUL."""


@lru_cache(maxsize=200)
def _user_menu(language: Language, menu: UserMenu) -> str:
    template = ENVIRONMENT.in_language(language).get_template("user_menu.html")
    return template.render(menu=menu, csrf_token=_TOKEN, path=_PATH)


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
