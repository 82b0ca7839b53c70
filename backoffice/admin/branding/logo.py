"""The company's logo: a PNG or SVG file, read and checked at the start."""

import struct
from dataclasses import dataclass
from xml.parsers import expat

from backoffice.config import CHECKOUT, SettingsError

MOST_BYTES = 256 * 1024
"""A logo that is shown 26 px high is a few KB; each visitor of the sign-in page loads it."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_MOST_STRETCHED = 40
_UNKNOWN_SHAPE = 2.0
"""Width by height where an SVG file does not say: what browsers assume (300 × 150)."""


@dataclass(frozen=True, slots=True)
class LogoFile:
    """A logo. ``name``: "logo.png" or "logo.svg". ``shape``: its width by its height."""

    name: str
    content: bytes
    shape: float


def read_logo(setting: str) -> LogoFile:
    """Read the file that BRAND_LOGO names; a relative path begins at the checkout.

    Raises:
        SettingsError: it cannot be read, is too large, or is neither PNG nor SVG.
    """
    path = CHECKOUT / setting
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise SettingsError(
            f"BRAND_LOGO cannot be read ({reason}): name a PNG or SVG file."
        ) from None
    if len(content) > MOST_BYTES:
        raise SettingsError(
            f"BRAND_LOGO is larger than {MOST_BYTES // 1024} KB: make it smaller or save it as SVG."
        )
    is_png = content.startswith(_PNG)
    shape = _png_shape(content) if is_png else _svg_shape(content)
    if not 1 / _MOST_STRETCHED <= shape <= _MOST_STRETCHED:
        raise SettingsError(
            f"BRAND_LOGO is more than {_MOST_STRETCHED} times as long one way as the other, so "
            "nobody could see it: crop it."
        )
    return LogoFile("logo.png" if is_png else "logo.svg", content, shape)


def _png_shape(content: bytes) -> float:
    """Width by height, from the first chunk: https://www.w3.org/TR/png-3/#11IHDR"""
    if content[12:16] != b"IHDR" or len(content) < 33:
        raise SettingsError(
            "BRAND_LOGO starts like a PNG file, but cannot be read as one. Save it again."
        )
    width, height = struct.unpack(">II", content[16:24])
    if not width or not height:
        raise SettingsError("BRAND_LOGO is a PNG file without a size: save it again.")
    return float(width / height)


def _svg_shape(content: bytes) -> float:
    """Width by height of a well-formed SVG file.

    Entities are refused: no logo needs them, and a few can expand to a gigabyte.
    """
    root: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        if not root:
            root.append((name, attributes))

    def entity(*_declaration: object) -> None:
        raise SettingsError("BRAND_LOGO declares entities: save it as plain SVG.")

    parser.StartElementHandler = start
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise SettingsError(
            f"BRAND_LOGO is neither PNG nor well-formed SVG ({error}): save it again."
        ) from None
    name, attributes = root[0]
    if name != f"{_SVG_NAMESPACE} svg":
        found = name.rpartition(" ")[2]
        raise SettingsError(
            f"BRAND_LOGO is not an SVG file (its first element is {found!r}): it must be an svg "
            f'element with xmlns="{_SVG_NAMESPACE}".'
        )
    box = attributes.get("viewBox", "").replace(",", " ").split()
    sizes = box[2:] if len(box) == 4 else [attributes.get("width"), attributes.get("height")]
    try:
        width, height = (float(str(size).removesuffix("px")) for size in sizes)
        return width / height if width > 0 and height > 0 else _UNKNOWN_SHAPE
    except ValueError:
        return _UNKNOWN_SHAPE
