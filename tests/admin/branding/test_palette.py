"""A colour of the brand: refused where it cannot be read, and what follows from one that can."""

import colorsys
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.admin.branding.contrast import LEAST, LEAST_OF_SHAPES, contrast, written
from backoffice.admin.branding.oklch import Oklch, in_hue_of, nearest, with_lightness
from backoffice.admin.branding.palette import (
    SURFACES,
    TEXTS,
    Palette,
    check_colour,
    derive,
    readings,
    tokens_of,
)
from backoffice.admin.pages.rendering import STATIC
from backoffice.config import SettingsError

TOKENS = tokens_of(STATIC.files["tokens.css"].plain.body.decode())
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def refusal(colour: str) -> str:
    with pytest.raises(SettingsError) as caught:
        check_colour(colour, TOKENS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        # Known from W3C's own examples and from the definition.
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.47),
        ("#ff0000", "#ffffff", 3.99),
        ("#0000ff", "#ffffff", 8.59),
        ("#00ff00", "#000000", 15.30),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_a_ratio_that_fails_never_reads_as_if_it_passed() -> None:
    assert written(4.4999) == "4.49:1"
    assert written(4.5) == "4.50:1"


@given(COLOURS)
def test_a_colour_comes_back_from_oklch(colour: str) -> None:
    assert Oklch.of(colour).written() == colour


@pytest.mark.parametrize(
    ("colour", "lightness", "chroma", "degrees"),
    [
        ("#ff0000", 0.628, 0.258, 29.2),
        ("#0000ff", 0.452, 0.313, 264.1),
        ("#ffffff", 1.0, 0.0, None),
    ],
)
def test_oklch_has_the_coordinates_that_css_names(
    colour: str, lightness: float, chroma: float, degrees: float | None
) -> None:
    found = Oklch.of(colour)
    assert found.lightness == pytest.approx(lightness, abs=0.001)
    assert found.chroma == pytest.approx(chroma, abs=0.001)
    if degrees is not None:
        assert found.hue * 180 / 3.14159265 % 360 == pytest.approx(degrees, abs=0.2)


def test_a_colour_that_cannot_be_read_is_refused_with_its_ratio_and_the_nearest_that_can() -> None:
    assert refusal("#f5c400") == (
        "BRAND_COLOUR #f5c400 is hard to read: in the light theme its contrast with white is "
        "1.64:1, but buttons and links need 4.5:1. The nearest colour that passes, in light and in "
        "dark, is #917300."
    )
    assert refusal("#777777").endswith("is #767676.")


@settings(deadline=None)
@given(COLOURS)
def test_the_nearest_colour_passes_has_the_hue_and_is_hardly_darker_than_needed(
    colour: str,
) -> None:
    try:
        check_colour(colour, TOKENS)
    except SettingsError as error:
        (found,) = re.findall(r"is (#[0-9a-f]{6})\.$", str(error))
    else:
        return
    check_colour(found, TOKENS)
    assert contrast(found, "#ffffff") < LEAST + 0.1
    before, after = Oklch.of(colour), Oklch.of(found)
    assert after.chroma <= before.chroma + 0.01
    if after.chroma > 0.03:  # the hue of a grey is chance
        turned = abs(before.hue - after.hue) % 6.2832
        assert min(turned, 6.2832 - turned) < 0.12


@settings(deadline=None)
@given(COLOURS)
def test_whatever_the_colour_everything_can_be_read_in_light_and_in_dark(colour: str) -> None:
    colour = nearest(colour, lambda one: contrast(one, "#ffffff") >= LEAST)
    palette = derive(colour, TOKENS)
    found = list(readings(palette, TOKENS))
    assert len(found) == 2 * (len(SURFACES) + 1 + len(TEXTS) + 2)
    assert [one for one in found if one[3] < LEAST] == []
    for ground in ("canvas", "raised"):
        assert contrast(palette.accent_fill[1], TOKENS[ground][1]) >= LEAST_OF_SHAPES
    assert palette.accent_fill[0] == colour  # as it was given


@pytest.mark.parametrize("name", SURFACES)
def test_a_background_of_another_colour_is_measured_as_well(name: str) -> None:
    # No button under white text can be told from a canvas or a panel as light as the second.
    in_dark = TOKENS[name][1] if name in ("canvas", "raised") else "#3f3f3f"
    tokens = TOKENS | {name: ("#d4d4d4", in_dark)}
    found = readings(derive("#007a3d", tokens), tokens)
    assert [one for one in found if one[3] < LEAST] == []


def test_the_products_own_colours_also_pass() -> None:
    own = Palette(
        TOKENS["accent"],
        TOKENS["accent-fill"],
        TOKENS["accent-fill-over"],
        TOKENS["accent-soft"],
    )
    assert [one for one in readings(own, TOKENS) if one[3] < LEAST] == []


def test_no_single_colour_is_a_button_under_white_and_a_link_in_dark() -> None:
    """Why the colour in dark is derived: see decision 30."""
    for hue in range(0, 360, 5):
        for value in range(0, 256, 3):
            for saturation in (0.0, 0.5, 1.0):
                parts = colorsys.hsv_to_rgb(hue / 360, saturation, value / 255)
                colour = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
                both = min(contrast(colour, "#ffffff"), contrast(colour, TOKENS["raised"][1]))
                assert both < LEAST


def test_a_button_changes_under_the_pointer_even_if_it_is_black() -> None:
    for colour in ("#000000", "#00000a", "#1d4db3"):
        palette = derive(colour, TOKENS)
        for fill, over in zip(palette.accent_fill, palette.accent_fill_over, strict=True):
            assert contrast(fill, over) > 1.05


def test_tints_take_the_hue() -> None:
    palette = derive("#007a3d", TOKENS)
    for tint in palette.accent_soft:
        assert int(tint[3:5], 16) > max(int(tint[1:3], 16), int(tint[5:7], 16))


def test_the_stylesheet_sets_each_name_once_and_the_product_has_all_of_them() -> None:
    palette = derive("#007a3d", TOKENS)
    css = palette.stylesheet()
    names = re.findall(r"--([\w-]+):", css)
    assert len(set(names)) == len(names) == 4
    assert set(names) <= set(TOKENS)
    assert tokens_of(css) == palette.named()


def test_grey_stays_grey() -> None:
    for colour in (in_hue_of("#1d3f8f", "#808080"), with_lightness("#808080", -0.1)):
        assert len({colour[1:3], colour[3:5], colour[5:7]}) == 1
