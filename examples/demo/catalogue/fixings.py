"""Nuts, washers, pins, keys and retaining rings."""

from collections.abc import Iterator

from examples.demo.catalogue.family import Family, Part, Shelf, table
from examples.demo.catalogue.metric import (
    LENGTHS,
    MAKERS,
    PACKS,
    PLAIN_STEELS,
    SPRING_STEELS,
    threads,
    weight,
)


def _pins(diameters: tuple[float, ...]) -> Iterator[Part]:
    for diameter in diameters:
        for length in LENGTHS:
            if 2 * diameter <= length <= 14 * diameter:
                yield Part(
                    f"{diameter:g}×{length}",
                    f"{diameter:g} × {length} mm",
                    weight(diameter, length),
                )


NUTS = Shelf(
    "Nuts",
    (
        Family(
            "%s %s %s",
            "%s, %s, %s.",
            0.02,
            700,
            (
                table(
                    """
                    Hex nut DIN 934       | Hexagon nut to DIN 934
                    Lock nut DIN 985      | Lock nut with polyamide insert to DIN 985      | 1.6
                    Hex nut ISO 4032      | Hexagon nut to ISO 4032
                    Thin nut DIN 439 B    | Thin hexagon nut, chamfered, to DIN 439 B
                    Flange nut DIN 6923   | Hexagon nut with serrated flange to DIN 6923   | 1.7
                    Cap nut DIN 1587      | Domed cap nut, high form, to DIN 1587          | 3
                    Wing nut DIN 315      | Wing nut with rounded wings to DIN 315         | 4
                    Lock nut DIN 980 V    | All-metal lock nut to DIN 980 V                | 2
                    Lock nut DIN 982      | Lock nut, high form, polyamide insert, DIN 982 | 1.8
                    Thin nut DIN 936      | Thin hexagon nut to DIN 936                    | 1.1
                    Square nut DIN 557    | Square nut to DIN 557                          | 1.3
                    Coupling nut DIN 6334 | Hexagon coupling nut, 3 d long, DIN 6334       | 5
                    """
                ),
                threads(3),
                PLAIN_STEELS[:6],
            ),
        ),
    ),
    MAKERS,
    PACKS,
)

WASHERS = Shelf(
    "Washers",
    (
        Family(
            "%s %s %s",
            "%s for %s, %s.",
            0.01,
            900,
            (
                table(
                    """
                    Washer DIN 125 A | Flat washer without chamfer to DIN 125 A
                    Washer DIN 9021  | Large flat washer, 3 d wide, to DIN 9021      | 2.2
                    Washer ISO 7089  | Flat washer to ISO 7089
                    Washer DIN 433   | Small flat washer for cheese heads to DIN 433 | 0.9
                    Washer DIN 7349  | Thick washer to DIN 7349                      | 3
                    Washer DIN 440 R | Large washer for wood to DIN 440 R            | 3.2
                    """
                ),
                threads(3),
                PLAIN_STEELS,
            ),
        ),
        Family(
            "%s %s %s",
            "%s for %s, %s.",
            0.02,
            700,
            (
                table(
                    """
                    Spring washer DIN 127 B    | Split spring washer to DIN 127 B
                    Spring washer DIN 137 B    | Waved spring washer to DIN 137 B  | 1.2
                    Serrated washer DIN 6798 A | Serrated lock washer, outside, DIN 6798 A
                    Toothed washer DIN 6797 J  | Toothed lock washer, inside, DIN 6797 J
                    Conical washer DIN 6796    | Conical spring washer to DIN 6796 | 2
                    """
                ),
                threads(3),
                SPRING_STEELS,
            ),
        ),
    ),
    MAKERS,
    PACKS,
)

PINS = Shelf(
    "Pins, keys and retaining rings",
    (
        Family(
            "Retaining ring %s %s %s",
            "Retaining ring %s, %s, %s.",
            0.04,
            300,
            (
                table(
                    """
                    DIN 471 | for shafts to DIN 471
                    DIN 472 | for bores to DIN 472 | 1.1
                    """
                ),
                [
                    Part(f"{d}×{t:g}", f"for {d} mm, {t:g} mm thick", 1 + d * t / 20)
                    for d, t in (
                        *((8, 0.8), (9, 1), (10, 1), (12, 1), (14, 1), (15, 1), (16, 1), (17, 1)),
                        *((18, 1.2), (20, 1.2), (22, 1.2), (24, 1.2), (25, 1.2), (28, 1.5)),
                        *((30, 1.5), (32, 1.5), (35, 1.5), (38, 1.75), (40, 1.75), (42, 1.75)),
                        *((45, 1.75), (47, 1.75), (50, 2), (52, 2), (55, 2), (60, 2), (62, 2)),
                        *((65, 2.5), (70, 2.5), (75, 2.5), (80, 2.5), (85, 3), (90, 3), (100, 3)),
                    )
                ],
                SPRING_STEELS,
            ),
        ),
        Family(
            "%s %s %s",
            "%s, %s, %s.",
            0.05,
            250,
            (
                table(
                    """
                    Dowel pin DIN 7      | Dowel pin, unhardened, tolerance m6, to DIN 7
                    Dowel pin DIN 6325   | Dowel pin, hardened, tolerance m6, DIN 6325 | 1.5
                    Roll pin DIN 1481    | Slotted spring pin, heavy duty, to DIN 1481 | 0.8
                    Roll pin ISO 13337   | Slotted spring pin, light duty, ISO 13337   | 0.7
                    Grooved pin ISO 8740 | Grooved pin, full length, to ISO 8740       | 1.2
                    """
                ),
                list(_pins((1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12))),
                table(
                    """
                    steel | steel, plain
                    A1    | stainless steel A1 | 2.8
                    """
                ),
            ),
        ),
        Family(
            "Parallel key DIN 6885 %s %s %s",
            "Parallel key to DIN 6885, %s, %s, %s.",
            0.12,
            120,
            (
                table(
                    """
                    A | form A with round ends
                    B | form B with square ends
                    """
                ),
                [
                    Part(f"{b}×{h}×{n}", f"{b} × {h} × {n} mm", weight(b, n))
                    for b, h in ((3, 3), (4, 4), (5, 5), (6, 6), (8, 7), (10, 8), (12, 8), (14, 9))
                    for n in (
                        10,
                        12,
                        14,
                        16,
                        18,
                        20,
                        22,
                        25,
                        28,
                        32,
                        36,
                        40,
                        45,
                        50,
                        56,
                        63,
                        70,
                        80,
                    )
                    if 2.5 * b <= n <= 12 * b
                ],
                table(
                    """
                    C45 | steel C45
                    A4  | stainless steel A4 | 3.4
                    """
                ),
            ),
        ),
    ),
    MAKERS,
    PACKS,
)


SHELVES = (NUTS, WASHERS, PINS)
