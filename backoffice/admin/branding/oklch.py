"""Colours of the same hue: lighter, darker, paler.

The space is OKLCH, in which equal steps of lightness look equal and a hue stays itself. Its numbers
are those of Björn Ottosson, "A perceptual color space for image processing",
https://bottosson.github.io/posts/oklab/.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from backoffice.admin.branding.contrast import Linear, linear

STEPS = 1000
"""Steps of lightness from black to white. A channel of 8 bits has fewer."""


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour. ``lightness``: from 0 to 1. ``chroma``: 0 for grey. ``hue``: in radians."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def of(cls, colour: str) -> "Oklch":
        """The colour that is written like "#1d4db3"."""
        red, green, blue = linear(colour)
        long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        return cls(lightness, math.hypot(a, b), math.atan2(b, a))

    def written(self) -> str:
        """The colour like "#1d4db3". Where screens cannot show it, one of less chroma."""
        if not _is_shown(self._linear()):
            least, most = 0.0, self.chroma
            for _halving in range(16):
                middle = (least + most) / 2
                if _is_shown(replace(self, chroma=middle)._linear()):
                    least = middle
                else:
                    most = middle
            return replace(self, chroma=least)._digits()
        return self._digits()

    def _digits(self) -> str:
        return "#" + "".join(f"{_channel(light):02x}" for light in self._linear())

    def _linear(self) -> Linear:
        a, b = self.chroma * math.cos(self.hue), self.chroma * math.sin(self.hue)
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )


def _is_shown(light: Linear) -> bool:
    """Whether a screen can show it, but for rounding."""
    return all(-0.0005 <= part <= 1.0005 for part in light)


def _channel(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    value = light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(value * 255)


def nearest(colour: str, passes: Callable[[str], bool]) -> str:
    """The colour of that hue that ``passes`` and whose lightness differs least; ``colour`` itself
    if it passes.

    Raises:
        LookupError: none passes.
    """
    if passes(colour):
        return colour
    start = Oklch.of(colour)
    for step in range(1, STEPS + 1):
        for lightness in (start.lightness - step / STEPS, start.lightness + step / STEPS):
            if 0 <= lightness <= 1 and passes(
                found := replace(start, lightness=lightness).written()
            ):
                return found
    raise LookupError(f"no colour of the hue of {colour} passes")


def with_lightness(colour: str, difference: float) -> str:
    """``colour``, so much lighter, or darker."""
    own = Oklch.of(colour)
    return replace(own, lightness=min(max(own.lightness + difference, 0.0), 1.0)).written()


def in_hue_of(model: str, colour: str) -> str:
    """``model`` in the hue of ``colour``, as light as before and no more colourful than either."""
    shade, own = Oklch.of(model), Oklch.of(colour)
    return replace(shade, chroma=min(shade.chroma, own.chroma), hue=own.hue).written()
