"""All accents derived from one colour, in light and dark: each measured against its backgrounds.

The backgrounds are read from the stylesheets, so that nobody changes one without the other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backoffice.admin.branding.contrast import LEAST, LEAST_OF_SHAPES, contrast, written
from backoffice.admin.branding.oklch import Oklch, in_hue_of, nearest, with_lightness
from backoffice.config import SettingsError

Pair = tuple[str, str]
"""A colour in light and in dark."""

WHITE = "#ffffff"
"""The text on buttons, in both themes."""

SURFACES = ("canvas", "chrome", "raised", "well")
"""The backgrounds on which links and other accents are read."""

TEXTS = ("ink", "ink-soft", "danger", "warning", "success")
"""The texts that are read on the accent's tint: of a row that is ticked, of a notice."""

THEMES = ("light", "dark")
HOVER = 0.05
"""How much darker a button is under the pointer, in OKLCH."""

NEARLY_BLACK = 0.2
"""A lightness in OKLCH below which no eye sees that a button gets darker."""

_TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def tokens_of(css: str) -> dict[str, Pair]:
    """The colours that a stylesheet defines as ``light-dark()``, by name."""
    return {name: (light, dark) for name, light, dark in _TOKEN.findall(css)}


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that take the place of the stylesheets' own."""

    accent: Pair
    accent_fill: Pair
    accent_fill_over: Pair
    accent_soft: Pair

    def named(self) -> dict[str, Pair]:
        """Every colour by the name of its custom property."""
        return {
            "accent": self.accent,
            "accent-fill": self.accent_fill,
            "accent-fill-over": self.accent_fill_over,
            "accent-soft": self.accent_soft,
        }

    def stylesheet(self) -> str:
        """The stylesheet that sets them."""
        lines = (
            f"  --{name}: light-dark({light}, {dark});"
            for name, (light, dark) in self.named().items()
        )
        return ":root {\n" + "\n".join(lines) + "\n}\n"


def check_colour(colour: str, tokens: Mapping[str, Pair]) -> None:
    """Check the colour where it is used as it is: in light, under the white text of buttons and as
    links on the canvas.

    Raises:
        SettingsError: its contrast is too low. It names the ratio and the nearest colour that
            passes.
    """
    canvas = tokens["canvas"][0]
    ratio = min(contrast(colour, WHITE), contrast(colour, canvas))
    if ratio < LEAST:
        passing = _readable(colour, [WHITE, canvas])
        raise SettingsError(
            f"BRAND_COLOUR {colour} is hard to read: in the light theme its contrast with white is "
            f"{written(ratio)}, but buttons and links need {LEAST}:1. The nearest colour that "
            f"passes, in light and in dark, is {passing}."
        )


def derive(colour: str, tokens: Mapping[str, Pair]) -> Palette:
    """The palette of a colour that ``check_colour`` passed.

    ``tokens``: the stylesheets' colours, by ``tokens_of``.
    """
    accents, softs = [], []
    for theme in (0, 1):
        texts = [tokens[name][theme] for name in TEXTS]
        soft = _readable(in_hue_of(tokens["accent-soft"][theme], colour), texts)
        grounds = [*(tokens[name][theme] for name in SURFACES), soft]
        accents.append(_readable(colour, grounds))
        softs.append(soft)
    dark_grounds = [tokens["canvas"][1], tokens["raised"][1]]
    fill_in_dark = nearest(
        colour,
        lambda one: (
            contrast(one, WHITE) >= LEAST
            and all(contrast(one, ground) >= LEAST_OF_SHAPES for ground in dark_grounds)
        ),
    )
    return Palette(
        accent=(accents[0], accents[1]),
        accent_fill=(colour, fill_in_dark),
        accent_fill_over=(_under_the_pointer(colour), _under_the_pointer(fill_in_dark)),
        accent_soft=(softs[0], softs[1]),
    )


def _under_the_pointer(fill: str) -> str:
    """A button's colour under the pointer: darker, or much lighter if it is nearly black."""
    is_black = Oklch.of(fill).lightness < NEARLY_BLACK
    return with_lightness(fill, NEARLY_BLACK if is_black else -HOVER)


def readings(palette: Palette, tokens: Mapping[str, Pair]) -> Iterator[tuple[str, str, str, float]]:
    """Everywhere that text and accents meet: the theme, the text, the background, the ratio."""
    for index, theme in enumerate(THEMES):
        soft = palette.accent_soft[index]
        for name in SURFACES:
            ratio = contrast(palette.accent[index], tokens[name][index])
            yield theme, "accent", name, ratio
        yield theme, "accent", "accent-soft", contrast(palette.accent[index], soft)
        for name in TEXTS:
            yield theme, name, "accent-soft", contrast(tokens[name][index], soft)
        for name, pair in (("fill", palette.accent_fill), ("over", palette.accent_fill_over)):
            yield theme, "white", name, contrast(WHITE, pair[index])


def _readable(colour: str, others: Sequence[str]) -> str:
    """The colour nearest to ``colour`` that can be read on, or under, each of the others."""
    return nearest(colour, lambda one: all(contrast(one, other) >= LEAST for other in others))
