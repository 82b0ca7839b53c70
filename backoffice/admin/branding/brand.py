"""The brand of an installation: what the settings say, as files that browsers can keep."""

from dataclasses import dataclass

from backoffice.admin.branding.logo import LogoFile, read_logo
from backoffice.admin.branding.palette import Palette, check_colour, derive, tokens_of
from backoffice.admin.pages.rendering import STATIC
from backoffice.admin.pages.shell import Picture, ShownBrand
from backoffice.admin.pages.static_files import MEDIA_TYPES, File, StaticFiles
from backoffice.config import Settings

ADDRESS = "/static/brand"
STYLESHEET, FAVICON = "brand.css", "favicon.svg"
FAVICON_COLOUR = "#2456c7"
"""The colour of the product's own mark in its favicon."""

LOGO_HEADERS = {
    # Opened by its own address, an SVG file is a page: it runs nothing and loads nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
}
HEIGHT = 26
"""Pixels, in the bar at the top. The sign-in page shows the logo larger, by a stylesheet."""

WIDEST = 160
NEARLY_SQUARE = (0.75, 1.34)
"""Shapes, width by height, that can be read in a browser's tab."""


@dataclass(frozen=True)
class Brand:
    """``shown``: what pages show of it. ``files``: to be served at ``files.address``, to everybody,
    since the sign-in page shows them."""

    shown: ShownBrand
    files: StaticFiles


def load_brand(settings: Settings) -> Brand:
    """Read and check BRAND_LOGO and BRAND_COLOUR.

    Raises:
        SettingsError: the logo is not a picture, or the colour cannot be read.
    """
    files: dict[str, File] = {}
    logo = read_logo(settings.brand_logo) if settings.brand_logo else None
    if settings.brand_colour:
        palette = _palette(settings.brand_colour)
        files[STYLESHEET] = _file(STYLESHEET, palette.stylesheet().encode())
        own_mark = STATIC.files[FAVICON].plain.body.decode()
        recoloured = own_mark.replace(FAVICON_COLOUR, palette.accent_fill[0])
        files[FAVICON] = _file(FAVICON, recoloured.encode())
    if logo is not None:
        files[logo.name] = _file(logo.name, logo.content, LOGO_HEADERS)
    served = StaticFiles(ADDRESS, files)
    return Brand(_shown(served, logo), served)


def _palette(colour: str) -> Palette:
    tokens = tokens_of(STATIC.files["tokens.css"].plain.body.decode())
    check_colour(colour, tokens)
    return derive(colour, tokens)


def _shown(files: StaticFiles, logo: LogoFile | None) -> ShownBrand:
    icon = FAVICON if FAVICON in files.files else ""
    if logo is not None and NEARLY_SQUARE[0] <= logo.shape <= NEARLY_SQUARE[1]:
        icon = logo.name
    return ShownBrand(
        stylesheet=files.href(STYLESHEET) if STYLESHEET in files.files else "",
        logo=_picture(files, logo) if logo is not None else None,
        icon=files.href(icon) if icon else STATIC.href(FAVICON),
        icon_type=MEDIA_TYPES[f".{icon.rpartition('.')[2]}"] if icon else MEDIA_TYPES[".svg"],
    )


def _picture(files: StaticFiles, logo: LogoFile) -> Picture:
    """The logo as high as the bar allows, or else as wide."""
    width = min(HEIGHT * logo.shape, WIDEST)
    return Picture(files.href(logo.name), max(round(width), 1), max(round(width / logo.shape), 1))


def _file(name: str, content: bytes, headers: dict[str, str] | None = None) -> File:
    return File(content, MEDIA_TYPES[f".{name.rpartition('.')[2]}"], headers)
