"""Resistors and capacitors, in the preferred numbers of IEC 60063."""

from collections.abc import Iterable

from examples.demo.catalogue.family import Family, Part, Shelf, makers, one_of, packs, table

E6 = (1.0, 1.5, 2.2, 3.3, 4.7, 6.8)

E24 = (
    *(1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0),
    *(3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1),
)

E96 = tuple(round(10 ** (place / 96), 2) for place in range(96))
"""The preferred numbers of IEC 60063. E24's are not powers of a root, E96's are."""


def _ohms(value: float) -> str:
    for limit, unit in ((1e6, "MΩ"), (1e3, "kΩ")):
        if value >= limit:
            return f"{value / limit:.4g} {unit}"
    return f"{value:.4g} Ω"


def _farads(picofarads: float) -> str:
    for limit, unit in ((1e6, "µF"), (1e3, "nF")):
        if picofarads >= limit:
            return f"{picofarads / limit:.4g} {unit}"
    return f"{picofarads:.4g} pF"


def _resistances(series: Iterable[float], decades: Iterable[int]) -> list[Part]:
    series = list(series)
    names = [_ohms(round(value * 10**decade, 6)) for decade in decades for value in series]
    return [Part(name, name) for name in names]


def _capacitances(series: Iterable[float], decades: Iterable[int]) -> list[Part]:
    series = list(series)
    return [
        Part(name, name, 0.8 + 0.25 * max(0, decade - 2) ** 2)
        for decade in decades
        for name in (_farads(round(value * 10**decade, 6)) for value in series)
    ]


_CHIPS = table(
    """
    0603 | package 0603 (1.6 × 0.8 mm), 0.1 W
    0805 | package 0805 (2.0 × 1.25 mm), 0.125 W | 1.1
    1206 | package 1206 (3.2 × 1.6 mm), 0.25 W   | 1.3
    0402 | package 0402 (1.0 × 0.5 mm), 0.063 W  | 0.9
    2512 | package 2512 (6.3 × 3.2 mm), 1 W      | 5
    """
)

RESISTORS = Shelf(
    "Resistors",
    (
        Family(
            "Resistor %s 1%% %s",
            "Thick film chip resistor, %s, ±1 %%, %s, from the E24 series.",
            0.02,
            4000,
            (_resistances(E24, range(7)), _CHIPS),
        ),
        Family(
            "Resistor %s 1%% %s metal film",
            "Metal film resistor with leads, %s, ±1 %%, %s.",
            0.04,
            1500,
            (
                _resistances(E24, range(6)),
                table(
                    """
                    0207 0.6 W | size 0207, 0.6 W
                    0204 0.4 W | size 0204, 0.4 W
                    0411 2 W   | size 0411, 2 W | 3
                    """
                ),
            ),
        ),
        Family(
            "Resistor %s 0.1%% %s",
            "Thin film precision chip resistor, %s, ±0.1 %%, 25 ppm/K, %s.",
            0.22,
            600,
            (
                [
                    Part(
                        f"{_ohms(round(value * 10**decade, 6))} E96", f"{_ohms(value * 10**decade)}"
                    )
                    for decade in range(1, 6)
                    for value in E96
                ],
                _CHIPS[:4],
            ),
        ),
        Family(
            "Resistor %s 5%% %s wirewound",
            "Wirewound resistor in a ceramic case, %s, ±5 %%, %s.",
            0.35,
            200,
            (
                [*_resistances(E24, range(3)), *_resistances(E6, [-1])],
                table(
                    """
                    5 W  | 5 W, axial
                    10 W | 10 W, axial | 1.6
                    3 W  | 3 W, axial  | 0.8
                    """
                ),
            ),
        ),
    ),
    makers("Yageo, Vishay, Panasonic, KOA, ROHM, Bourns, TE Connectivity, Susumu"),
    packs(10, 50, 100, 500, 1000, 5000),
)

CAPACITORS = Shelf(
    "Capacitors",
    (
        Family(
            "Capacitor %s X7R %s %s",
            "Multilayer ceramic capacitor, %s, X7R, ±10 %%, %s, %s.",
            0.03,
            3000,
            (
                _capacitances(E6, range(2, 6)),
                table(
                    """
                    50 V  | 50 V
                    25 V  | 25 V  | 0.9
                    100 V | 100 V | 1.6
                    """
                ),
                one_of(["0603", "0805", ("1206", 1.4), ("0402", 0.9)], "package %s"),
            ),
        ),
        Family(
            "Capacitor %s C0G %s %s",
            "Multilayer ceramic capacitor, %s, C0G (NP0), ±5 %%, %s, %s.",
            0.03,
            2500,
            (
                _capacitances(E24, range(4)),
                table(
                    """
                    50 V  | 50 V
                    100 V | 100 V | 1.4
                    """
                ),
                one_of(["0603", "0805", ("0402", 0.9)], "package %s"),
            ),
        ),
        Family(
            "Electrolytic capacitor %s %s %s",
            "Aluminium electrolytic capacitor, radial, %s, ±20 %%, %s, %s.",
            0.09,
            500,
            (
                _capacitances(E6, range(6, 10)),
                one_of([("16 V", 0.8), ("25 V", 1.0), ("35 V", 1.2), ("50 V", 1.5), ("63 V", 1.8)]),
                table(
                    """
                    105 °C | 2,000 h at 105 °C
                    85 °C  | 2,000 h at 85 °C | 0.85
                    """
                ),
            ),
        ),
        Family(
            "Film capacitor %s %s %s",
            "Metallised film capacitor with leads, %s, %s, %s.",
            0.18,
            400,
            (
                _capacitances(E6, range(3, 6)),
                one_of(["63 V DC", ("100 V DC", 1.1), ("250 V DC", 1.4), ("630 V DC", 1.9)]),
                table(
                    """
                    MKT | polyester
                    MKP | polypropylene, low loss | 1.6
                    """
                ),
            ),
        ),
    ),
    makers("Murata, TDK, KEMET, Samsung, Yageo, Nichicon, WIMA, Vishay, Panasonic"),
    packs(10, 50, 100, 500, 1000, 4000),
)


SHELVES = (RESISTORS, CAPACITORS)
