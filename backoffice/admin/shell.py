"""The shell around every page: navigation, the signed-in person, notices."""

from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from backoffice.admin.pages.parts import Link
from backoffice.admin.pages.rendering import render
from backoffice.admin.pages.shell import (
    HOME_KEY,
    LanguageChoice,
    MenuEntry,
    Shell,
    ShownNotice,
    Theme,
    UserMenu,
)
from backoffice.admin.view import Context, Registry
from backoffice.auth.browser import Notice
from backoffice.auth.csrf import csrf_token
from backoffice.auth.preferences import preferred_language_of
from backoffice.auth.signed_in import SignedIn
from backoffice.language import N_, _, current_language, find_language

THEME_COOKIE = "theme"
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")

NO_CHANGES = N_(
    "The database is read-only right now, so nothing can be saved. You can still see records."
)


def build_shell(
    request: Request,
    site: Registry,
    title: str,
    crumbs: tuple[Link, ...] = (),
    *,
    refused: bool = False,
) -> Shell:
    """The shell for this request. It has no navigation and no person if nobody is signed in.

    ``refused``: whether the page says why what was asked was not done.
    """
    browser = request.state.browser
    signed_in = getattr(request.state, "signed_in", None)
    notices = tuple(map(_shown, (*browser.take_notices(), *browser.leaving)))
    browser.leaving.clear()
    # A page that answers a POST says so itself.
    if site.database.read_only_state.is_active and request.method != "POST":
        notices = (ShownNotice("warning", _(NO_CHANGES)), *notices)
    # A person who has to choose a password first cannot go anywhere else.
    may_leave = signed_in is not None and not signed_in.password_is_temporary
    return Shell(
        product=site.settings.product_name,
        brand=site.brand.shown,
        title=title,
        csrf_token=csrf_token(site.settings, browser.token),
        theme=chosen_theme(request),
        path=_path(request),
        notices=notices,
        refused=refused,
        user_menu=_user_menu(request, site, signed_in) if signed_in is not None else None,
        menu=_menu(request, site) if may_leave else (),
        breadcrumbs=crumbs if signed_in is not None else (),
    )


def _shown(notice: Notice) -> ShownNotice:
    text = {"undo": _("Undo"), "redo": _("Redo")}.get(notice.button, notice.link)
    link = Link(text, notice.href) if text else None
    return ShownNotice(notice.kind, notice.text, link, notice.button if link else "")


def chosen_theme(request: Request) -> Theme:
    """The theme that the person chose; "auto" follows their system."""
    value = request.cookies.get(THEME_COOKIE)
    return next((theme for theme in THEMES if theme == value), "auto")


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    query = request.url.query if request.method == "GET" else ""
    return f"{path}?{query}" if query else path


def _menu(request: Request, site: Registry) -> tuple[MenuEntry, ...]:
    path, keys = request.scope["path"], _keys(site)
    entries = [
        (
            view.identity,
            MenuEntry(
                text=view.title_plural,
                href=site.href(view.identity, "list"),
                current=path.startswith(f"{site.base_url}/{view.identity}/"),
                icon=view.icon,
                key=keys[view.identity],
            ),
            view.is_visible(request) and view.has_permission(request, "list"),
        )
        for view in site.record_views
    ]
    for page in site.pages:
        href = site.page_href(page)
        entry = MenuEntry(
            text=_(page.name),
            href=href,
            current=path == href,
            icon=page.icon,
            key=keys[page.identity],
        )
        # All entries have their place first, so that nobody's permissions change the order.
        identities = [identity for identity, _entry, _shown in entries]
        place = identities.index(page.before) if page.before else len(entries)
        entries.insert(place, (page.identity, entry, page.is_open_to(request, site.permissions)))
    return tuple(entry for _identity, entry, is_shown in entries if is_shown)


def _keys(site: Registry) -> Mapping[str, str]:
    """The letter that goes to each view and page after ``g``, by identity: the first of its English
    name that none before it has. So a key is the same for everybody, in every language."""
    return site.cache.get("keys of the menu", lambda: _find_keys(site), always=True)


def _find_keys(site: Registry) -> Mapping[str, str]:
    names = {view.identity: str(view.name_plural) for view in site.record_views}
    names |= {page.identity: page.name for page in site.pages}
    keys: dict[str, str] = {}
    for identity, name in names.items():
        free = (
            letter
            for letter in (*name.lower(), *ascii_lowercase)
            if letter in ascii_lowercase and letter not in (HOME_KEY, *keys.values())
        )
        keys[identity] = next(free, "")
    return keys


def _user_menu(request: Request, site: Registry, person: SignedIn) -> UserMenu:
    language = current_language()
    has_temporary_password = person.password_is_temporary
    return UserMenu(
        name=person.name,
        email=person.email,
        links=() if has_temporary_password else _person_links(request, site, person.user_id),
        theme=chosen_theme(request),
        languages=_languages(site),
        language=preferred_language_of(person.preferences),
        is_untranslated=language.catalogue is None and language.locale.language != "en",
    )


def _person_links(request: Request, site: Registry, user_id: int) -> tuple[Link, ...]:
    """Links to the person's own record, if they may see it, and to the change of password."""
    own = [
        Link(_("Your record"), site.href(view.identity, "details", user_id))
        for view in site.record_views
        if view.shows_people and view.has_permission(request, "details")
    ]
    return (*own[:1], Link(_("Change password"), site.href("password")))


def _languages(site: Registry) -> tuple[LanguageChoice, ...]:
    """The languages to choose from; none if only one is offered."""
    return site.cache.get("languages to choose", lambda: _find_languages(site), always=True)


def _find_languages(site: Registry) -> tuple[LanguageChoice, ...]:
    codes = site.settings.offered_languages
    languages = map(find_language, codes)
    choices = (LanguageChoice(one.code, one.lang, one.name) for one in languages)
    return tuple(choices) if len(codes) > 1 else ()


def page_response(
    context: Context,
    template: str,
    title: str,
    page: Any,
    *,
    crumbs: tuple[Link, ...] = (),
    status: int = 200,
) -> Response:
    """A response with ``page``, printed by ``template`` inside the shell of this request."""
    shell = build_shell(context.request, context.site, title, crumbs, refused=status >= 400)
    return HTMLResponse(render(template, shell, page), status_code=status)
