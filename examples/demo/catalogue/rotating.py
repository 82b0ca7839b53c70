"""What turns and seals: bearings, O-rings and belts."""

from examples.demo.catalogue.family import Family, Part, Shelf, makers, packs, table

_BORES = (10, 12, 15, 17, 20, 25, 30, 35, 40, 45, 50, 55, 60)

_SERIES = {
    # outer diameter × width in mm for the bores above (ISO 15)
    "60": "26×8 28×8 32×9 35×10 42×12 47×12 55×13 62×14 68×15 75×16 80×16 90×18 95×18",
    "62": "30×9 32×10 35×11 40×12 47×14 52×15 62×16 72×17 80×18 85×19 90×20 100×21 110×22",
    "63": "35×11 37×12 42×13 47×14 52×15 62×17 72×19 80×21 90×23 100×25 110×27 120×29 130×31",
    "68": "19×5 21×5 24×5 26×5 32×7 37×7 42×7 47×7 52×7 58×7 65×7 72×9 78×10",
    "69": "22×6 24×6 28×7 30×7 37×9 42×9 47×9 55×10 62×12 68×12 72×12 80×13 85×13",
}

_MINIATURE = {
    "608": "8×22×7",
    "623": "3×10×4",
    "624": "4×13×5",
    "625": "5×16×5",
    "626": "6×19×6",
    "627": "7×22×7",
    "629": "9×26×8",
    "683": "3×7×2",
    "684": "4×9×2.5",
    "685": "5×11×3",
    "686": "6×13×3.5",
    "687": "7×14×3.5",
    "688": "8×16×4",
    "689": "9×17×4",
    "693": "3×8×3",
    "694": "4×11×4",
    "695": "5×13×4",
    "696": "6×15×5",
    "697": "7×17×5",
    "698": "8×19×6",
}


def _deep_groove() -> list[Part]:
    found = [Part(code, size.replace("×", " × ") + " mm", 0.8) for code, size in _MINIATURE.items()]
    for series, sizes in _SERIES.items():
        for place, (bore, size) in enumerate(zip(_BORES, sizes.split(), strict=True)):
            outer, width = size.split("×")
            volume = (int(outer) ** 2 - bore**2) * int(width)
            found.append(
                Part(f"{series}{place:02}", f"{bore} × {outer} × {width} mm", 0.8 + volume / 16_000)
            )
    return found


def _by_bore(prefix: str, first: int, last: int, factor: float = 1.0) -> list[Part]:
    """Bearings whose last two figures are a fifth of the bore, as from 04 on they are."""
    return [
        Part(f"{prefix}{code:02}", f"bore {5 * code} mm", factor * (0.5 + code * code / 40))
        for code in range(first, last + 1)
    ]


BEARINGS = Shelf(
    "Bearings",
    (
        Family(
            "Ball bearing %s%s%s",
            "Deep groove ball bearing, %s, %s, %s.",
            1.6,
            90,
            (
                _deep_groove(),
                table(
                    """
                    -2RS | rubber seals on both sides  | 1.1
                    -ZZ  | metal shields on both sides | 1.05
                         | open
                    """
                ),
                table(
                    """
                        | normal clearance
                     C3 | clearance C3 | 1.05
                    """
                ),
            ),
        ),
        Family(
            "%s %s",
            "%s, %s.",
            6.5,
            30,
            (
                table(
                    """
                    Angular contact bearing | Angular contact ball bearing, single row, 40°
                    """
                ),
                [
                    Part(part.name + suffix, f"{part.text}, {text}", part.factor * factor)
                    for part in _by_bore("72", 4, 20) + _by_bore("73", 4, 20, 1.5)
                    for suffix, text, factor in (
                        ("-BEP", "polyamide cage", 1.0),
                        ("-BECBP", "polyamide cage, for pairing", 1.1),
                    )
                ],
            ),
        ),
        Family(
            "Tapered roller bearing %s%s",
            "Tapered roller bearing, single row, %s, %s.",
            7.2,
            30,
            (
                [
                    *_by_bore("302", 4, 20),
                    *_by_bore("303", 4, 16, 1.5),
                    *_by_bore("320", 4, 20, 1.2),
                    *_by_bore("322", 6, 20, 1.4),
                ],
                table(
                    """
                         | standard
                     P6X | running accuracy P6X | 1.6
                    """
                ),
            ),
        ),
        Family(
            "Thrust bearing %s%s",
            "Thrust ball bearing, single direction, %s, %s.",
            4.5,
            40,
            (
                [*_by_bore("511", 4, 20), *_by_bore("512", 4, 20, 1.3)],
                table(
                    """
                        | steel balls
                     P5 | running accuracy P5 | 2.2
                    """
                ),
            ),
        ),
    ),
    makers("SKF, FAG, NSK, NTN, KOYO, NACHI, SNR, Timken, ZKL"),
    packs(2, 5, 10, 20, 50),
)

_ORINGS = [
    Part(f"{inner:g}×{cord:g}", f"{inner:g} × {cord:g} mm", 1 + inner * cord * cord / 180)
    for cord, inners in (
        (1.0, (*range(2, 21), 22, 25, 28, 30)),
        (1.5, (*range(3, 31), 32, 34, 35, 38, 40, 45, 50)),
        (1.78, (2.9, 3.68, 4.47, 5.28, 6.07, 7.65, 9.25, 10.82, 12.42, 14, 15.6, 17.17, 18.77)),
        (2.0, (*range(4, 41), 42, 44, 45, 48, 50, 52, 55, 58, 60, 65, 70, 75, 80)),
        (2.5, (*range(6, 31, 2), 32, 35, 38, 40, 42, 45, 48, 50, 55, 60, 65, 70, 80, 90, 100)),
        (2.62, (9.13, 9.92, 10.77, 12.37, 13.94, 15.54, 17.12, 18.72, 20.29, 21.89, 23.47, 25.07)),
        (3.0, (*range(10, 51, 2), 52, 55, 58, 60, 65, 70, 75, 80, 85, 90, 95, 100, 110, 120, 150)),
        (3.53, (18.64, 20.22, 21.82, 23.4, 24.99, 26.57, 28.17, 29.74, 31.34, 32.92, 34.52, 37.69)),
        (4.0, (*range(20, 61, 4), 65, 70, 75, 80, 90, 100, 110, 120, 140, 160, 180, 200)),
        (5.0, (*range(30, 101, 5), 110, 120, 130, 140, 150, 160, 180, 200, 220, 250, 300)),
    )
    for inner in inners
]

O_RINGS = Shelf(
    "O-rings and seals",
    (
        Family(
            "O-ring %s %s",
            "O-ring to ISO 3601, inner diameter × cord %s, %s.",
            0.06,
            400,
            (
                _ORINGS,
                table(
                    """
                    NBR 70  | nitrile rubber, 70 Shore A, −30 to +100 °C
                    FKM 75  | fluororubber, 75 Shore A, −20 to +200 °C      | 4.2
                    EPDM 70 | EPDM, 70 Shore A, for water and steam         | 1.5
                    VMQ 70  | silicone, 70 Shore A, −55 to +200 °C          | 2.3
                    NBR 90  | nitrile rubber, 90 Shore A, for high pressure | 1.4
                    """
                ),
            ),
        ),
        Family(
            "Shaft seal %s %s %s",
            "Rotary shaft seal to DIN 3760, %s, shaft × housing × width %s, %s.",
            1.9,
            60,
            (
                table(
                    """
                    AS | with dust lip | 1.15
                    A  | without dust lip
                    """
                ),
                [
                    Part(f"{d}×{outer}×7", f"{d} × {outer} × 7 mm", 0.6 + outer / 60)
                    for d in (8, 10, 12, 14, 15, 16, 17, 18, 20, 22, 24, 25, 28, 30, 32, 35, 40, 45)
                    for outer in (d + 8, d + 10, d + 12, d + 15, d + 17, d + 20)
                ],
                table(
                    """
                    NBR | nitrile rubber
                    FKM | fluororubber | 2.8
                    """
                ),
            ),
        ),
    ),
    makers("Freudenberg, Parker, Trelleborg, Kastas, Simrit, Eriks, COG, Hutchinson"),
    packs(5, 10, 25, 50, 100, 250, 500),
)

BELTS = Shelf(
    "Drive belts",
    (
        Family(
            "Timing belt %s %s",
            "Toothed belt, endless, %s, %s.",
            2.2,
            40,
            (
                [
                    Part(
                        f"{teeth * pitch:g}-{profile}",
                        f"{profile} profile, {teeth} teeth, {teeth * pitch:g} mm long",
                        0.6 + teeth * pitch / 700,
                    )
                    for profile, pitch in (
                        ("2GT", 2),
                        ("3M", 3),
                        ("5M", 5),
                        ("8M", 8),
                        ("T5", 5),
                        ("T10", 10),
                    )
                    for teeth in (
                        *range(50, 130, 5),
                        135,
                        140,
                        150,
                        160,
                        175,
                        180,
                        200,
                        225,
                        240,
                        280,
                    )
                ],
                [
                    Part(f"{width} mm", f"{width} mm wide", width / 12)
                    for width in (6, 9, 10, 12, 15, 16, 20, 25, 30, 50)
                ],
            ),
        ),
        Family(
            "V-belt %s %s",
            "V-belt, %s, reference length %s.",
            5.4,
            35,
            (
                table(
                    """
                    SPZ     | narrow section SPZ, 9.7 mm wide
                    SPA     | narrow section SPA, 12.7 mm wide    | 1.25
                    SPB     | narrow section SPB, 16.3 mm wide    | 1.7
                    XPZ     | raw edge, moulded cogs, section XPZ | 1.5
                    XPA     | raw edge, moulded cogs, section XPA | 1.8
                    13×8 A  | classic section A, 13 mm wide
                    17×11 B | classic section B, 17 mm wide       | 1.4
                    """
                ),
                [
                    Part(f"{length}", f"{length:,} mm", length / 1200)
                    for length in (
                        *(
                            630,
                            670,
                            710,
                            750,
                            800,
                            850,
                            900,
                            950,
                            1000,
                            1060,
                            1120,
                            1180,
                            1250,
                            1320,
                        ),
                        *(
                            1400,
                            1500,
                            1600,
                            1700,
                            1800,
                            1900,
                            2000,
                            2120,
                            2240,
                            2360,
                            2500,
                            2650,
                            2800,
                        ),
                    )
                ],
            ),
        ),
    ),
    makers("Gates, Optibelt, ContiTech, Megadyne, Bando, Mitsuboshi, SKF, Dunlop, Fenner"),
    packs(2, 3, 5, 10, 20),
)


SHELVES = (BEARINGS, O_RINGS, BELTS)
