"""How well a text can be read on a background: the contrast ratio of WCAG 2."""

import math

LEAST = 4.5
"""For text of a usual size: WCAG 2.2, success criterion 1.4.3, level AA."""

LEAST_OF_SHAPES = 3.0
"""For what is not text, such as a button's area: success criterion 1.4.11."""

Linear = tuple[float, float, float]
"""Red, green and blue as amounts of light, from 0 to 1."""


def linear(colour: str) -> Linear:
    """The light of a colour like "#1d4db3"."""
    red, green, blue = (_light(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return red, green, blue


def _light(value: float) -> float:
    """From sRGB to an amount of light: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """The relative luminance: 0 for black, 1 for white."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21:
    https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def written(ratio: float) -> str:
    """A ratio as text, rounded down, so that no failure reads as if it passed: "4.49:1"."""
    return f"{math.floor(ratio * 100) / 100:.2f}:1"
