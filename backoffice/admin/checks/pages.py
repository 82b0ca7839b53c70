"""Problems with custom pages: their names, their addresses and their files."""

import inspect
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError, meta

from backoffice.admin.checks.names import suggestion
from backoffice.admin.page import Page
from backoffice.admin.page_options import ADDRESS, PageOptions
from backoffice.admin.pages.icons import OUTLINES
from backoffice.admin.pages.rendering import TEMPLATES, environment_of
from backoffice.admin.pages.static_files import MEDIA_TYPES
from backoffice.admin.view import RecordView

_IDENTITY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_IDENTITY = 64
"""Characters, as many as the column of a role's permissions has."""

_TAKEN = ("list",)
"""Identities whose address another route takes."""

_SET_OR_OVERRIDDEN = {*PageOptions.__annotations__, "content", "posted"}
"""What most pages set or override. A name that is nearly one of these is taken for a mistake."""

_INLINE = (
    (re.compile(r"<style\b", re.IGNORECASE), "a style element"),
    (re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE), "a script in the page"),
    (re.compile(r"<[a-z][^>]*\sstyle=", re.IGNORECASE), "a style attribute"),
    (re.compile(r"<[a-z][^>]*\son[a-z]+=", re.IGNORECASE), "an event attribute"),
)
"""What browsers ignore here without a word, by the Content-Security-Policy."""


def page_problems(pages: Sequence[Any], views: Sequence[type[RecordView]]) -> Iterator[str]:
    """The problems with all that is in PAGES. ``views``: those with a model."""
    taken = {view.identity: f"{view.__name__}, the view of {view.model.__name__}" for view in views}
    for page in pages:
        if not isinstance(page, type) or not issubclass(page, Page):
            yield f"PAGES: {page!r} is not a page: write the class, a subclass of Page."
            continue
        yield from _identity_problems(page, taken)
        yield from _place_problems(page, taken)
        taken.setdefault(page.identity, page.__name__)
        yield from _option_problems(page)
        yield from _template_problems(page)
        yield from _asset_problems(page)


def _identity_problems(page: type[Page], taken: dict[str, str]) -> Iterator[str]:
    where, identity = f"{page.__name__}.identity", page.identity
    if not _IDENTITY.fullmatch(identity) or len(identity) > _LONGEST_IDENTITY:
        yield (
            f"{where} is {identity!r}: write at most {_LONGEST_IDENTITY} lower-case letters and "
            "digits, with hyphens between words, such as 'low-stock'."
        )
    elif identity in _TAKEN:
        yield f"{where}: /admin/{ADDRESS}/{identity} is another page's address: choose another."
    elif identity in taken:
        yield (
            f"{where}: {identity!r} is already the identity of {taken[identity]}, and permissions "
            "use it: choose another."
        )


def _place_problems(page: type[Page], taken: dict[str, str]) -> Iterator[str]:
    if page.before and page.before not in taken:
        yield (
            f"{page.__name__}.before: there is no view or earlier page {page.before!r}."
            f"{suggestion(page.before, taken)}"
        )


def _option_problems(page: type[Page]) -> Iterator[str]:
    name = page.__name__
    if not page.name.strip():
        yield f"{name}.name is missing: write the page's name in the navigation."
    if page.icon and page.icon not in OUTLINES:
        hint = suggestion(page.icon, OUTLINES) or " Write the name of an outline, such as 'cube'."
        yield f"{name}.icon: Heroicons has no outline {page.icon!r}.{hint}"
    for method in ("content", "posted"):
        if inspect.iscoroutinefunction(getattr(page, method)):
            yield f"{name}.{method} is async, but runs in a worker thread: write a plain def."
    own = {key for key in vars(page) if not key.startswith("_")}
    for key in sorted(own - set(dir(Page))):
        if meant := get_close_matches(key, _SET_OR_OVERRIDDEN - own, n=1, cutoff=0.8):
            yield (
                f"{name}.{key} is not an option of a page. Write {meant[0]!r}, or put _ before its "
                "name."
            )


def _template_problems(page: type[Page]) -> Iterator[str]:
    where, folder = f"{page.__name__}.template", page.files_folder()
    if not page.template:
        yield f"{where} is missing: write the name of a file in {folder.name}/."
        return
    if (TEMPLATES / page.template).is_file():
        yield (
            f"{where}: {page.template!r} is the name of a template of the back office: give yours "
            "another name."
        )
        return
    environment = environment_of(folder)
    assert environment.loader is not None
    try:
        source, _path, _uptodate = environment.loader.get_source(environment, page.template)
        environment.get_template(page.template)
        used = meta.find_referenced_templates(environment.parse(source))
    except TemplateNotFound as error:
        yield f"{where}: there is no {error.name} in {folder.name}/."
        return
    except TemplateSyntaxError as error:
        yield f"{where}: {error.filename or page.template}, line {error.lineno}: {error.message}"
        return
    known = set(environment.list_templates())
    for name in used:
        if name is not None and name not in known:
            yield f"{where} uses {name!r}, which does not exist.{suggestion(name, known)}"
    for pattern, what in _INLINE:
        if found := pattern.search(source):
            line = source.count("\n", 0, found.start()) + 1
            yield (
                f"{where}: {page.template}, line {line} has {what}, which browsers ignore here: "
                "put it into a file in assets."
            )


def _asset_problems(page: type[Page]) -> Iterator[str]:
    where, folder = f"{page.__name__}.assets", page.files_folder()
    if isinstance(page.assets, str):
        yield f"{where} is a string: write ({page.assets!r},)."
        return
    for name in page.assets:
        if PurePosixPath(name).suffix not in MEDIA_TYPES:
            yield f"{where}: {name!r} must end in one of {', '.join(MEDIA_TYPES)}."
        elif ".." in PurePosixPath(name).parts or not (folder / name).is_file():
            yield f"{where}: there is no {name} in {folder.name}/."
