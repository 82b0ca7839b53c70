"""LEDs, diodes and connectors."""

from examples.demo.catalogue.family import Family, Part, Shelf, makers, one_of, packs, table
from examples.demo.catalogue.passives import E24


def _zener(volts: float) -> str:
    """As makers write it: 5V1 for 5.1 V, 12 for 12 V."""
    return f"{volts:.1f}".replace(".", "V") if volts < 10 else f"{volts:g}"


_GLOW = table(
    """
    red        | red, 625 nm
    green      | green, 525 nm       | 1.4
    blue       | blue, 470 nm        | 1.4
    yellow     | yellow, 590 nm      | 1.1
    warm white | warm white, 2,700 K | 1.7
    cool white | cool white, 6,000 K | 1.6
    amber      | amber, 605 nm       | 1.2
    infrared   | infrared, 940 nm    | 1.5
    """
)

DIODES = Shelf(
    "LEDs and diodes",
    (
        Family(
            "LED %s %s %s",
            "Light-emitting diode, %s, %s, %s.",
            0.08,
            900,
            (
                table(
                    """
                    5 mm   | 5 mm round, with leads
                    3 mm   | 3 mm round, with leads    | 0.95
                    0603   | SMD package 0603
                    0805   | SMD package 0805
                    1206   | SMD package 1206          | 1.1
                    PLCC-2 | SMD package PLCC-2 (3528) | 1.3
                    8 mm   | 8 mm round, with leads    | 2.4
                    """
                ),
                _GLOW,
                table(
                    """
                    clear       | clear lens, narrow beam
                    diffused    | diffused lens, wide beam
                    low current | bright at 2 mA | 1.4
                    """
                ),
            ),
        ),
        Family(
            "Zener diode %s%s",
            "Zener diode, %s, %s.",
            0.05,
            700,
            (
                table(
                    """
                    BZX84-C | SOT-23, 0.25 W, ±5 %
                    BZX55-C | DO-35, 0.5 W, ±5 %
                    BZV55-C | MiniMELF, 0.5 W, ±5 % | 1.1
                    BZX85-C | DO-41, 1.3 W, ±5 %    | 1.6
                    BZT52-C | SOD-123, 0.5 W, ±5 %  | 1.2
                    """
                ),
                [
                    Part(_zener(volts), f"{volts:g} V")
                    for volts in (*E24, *(round(10 * value) for value in E24))
                    if 2.4 <= volts <= 75
                ],
            ),
        ),
        Family(
            "TVS diode %s%s%s",
            "Transient voltage suppressor, %s, stand-off %s, %s.",
            0.28,
            350,
            (
                table(
                    """
                    SMAJ | 400 W, package SMA
                    SMBJ | 600 W, package SMB   | 1.3
                    SMCJ | 1,500 W, package SMC | 2.2
                    P6KE | 600 W, with leads    | 1.4
                    """
                ),
                one_of(
                    [
                        str(volts)
                        for volts in (
                            5,
                            6,
                            7,
                            8,
                            9,
                            10,
                            11,
                            12,
                            13,
                            14,
                            15,
                            16,
                            17,
                            18,
                            20,
                            22,
                            24,
                            26,
                            28,
                            30,
                            33,
                            36,
                            40,
                            43,
                            48,
                            51,
                            54,
                            58,
                        )
                    ],
                    "%s V",
                ),
                table(
                    """
                    A  | unidirectional
                    CA | bidirectional | 1.1
                    """
                ),
            ),
        ),
        Family(
            "Rectifier %s %s",
            "Rectifier diode %s, %s.",
            0.06,
            800,
            (
                [
                    Part(name, f"{name}, {amps} A, {volts} V, {kind}", 0.7 + amps / 2)
                    for name, amps, volts, kind in (
                        *(
                            (f"1N400{n}", 1, v, "standard")
                            for n, v in enumerate((50, 100, 200, 400, 600, 800, 1000), 1)
                        ),
                        *(
                            (f"1N540{n}", 3, v, "standard")
                            for n, v in (
                                (0, 50),
                                (1, 100),
                                (2, 200),
                                (4, 400),
                                (6, 600),
                                (7, 800),
                                (8, 1000),
                            )
                        ),
                        *(
                            (f"UF400{n}", 1, v, "ultrafast")
                            for n, v in enumerate((50, 100, 200, 400, 600, 800, 1000), 1)
                        ),
                        *((f"1N581{n}", 1, v, "Schottky") for n, v in ((7, 20), (8, 30), (9, 40))),
                        *((f"1N582{n}", 3, v, "Schottky") for n, v in ((0, 20), (1, 30), (2, 40))),
                    )
                ],
                table(
                    """
                    bulk      | loose in a bag
                    ammo pack | taped for machines | 0.95
                    """
                ),
            ),
        ),
    ),
    makers("Vishay, Nexperia, Diodes Inc., onsemi, Kingbright, Osram, Littelfuse, ROHM"),
    packs(10, 25, 100, 500, 1000, 3000),
)

_WAYS = [Part(f"{ways}-way", f"{ways} ways", 0.4 + ways / 8) for ways in range(2, 17)]

CONNECTORS = Shelf(
    "Connectors",
    (
        Family(
            "Pin header %s %s %s %s",
            "Pin header, pitch %s, %s, %s, %s.",
            0.12,
            350,
            (
                table(
                    """
                    2.54 mm | 2.54 mm
                    2.00 mm | 2.00 mm | 1.3
                    1.27 mm | 1.27 mm | 1.6
                    """
                ),
                [
                    Part(f"{rows}×{ways}", f"{rows} × {ways} pins", rows * ways / 10)
                    for rows in (1, 2)
                    for ways in (2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 15, 16, 20, 25, 32, 36, 40)
                ],
                table(
                    """
                    male   | male
                    female | female | 1.8
                    """
                ),
                table(
                    """
                    straight    | straight
                    right-angle | right-angled | 1.2
                    """
                ),
            ),
        ),
        Family(
            "%s %s %s",
            "%s, %s, %s.",
            0.16,
            300,
            (
                table(
                    """
                    JST XH       | JST XH connector, pitch 2.5 mm
                    JST PH       | JST PH connector, pitch 2.0 mm
                    JST GH       | JST GH connector, pitch 1.25 mm, locking | 1.6
                    JST SH       | JST SH connector, pitch 1.0 mm           | 1.4
                    JST VH       | JST VH connector, pitch 3.96 mm, 10 A    | 1.5
                    Molex KK 254 | Molex KK connector, pitch 2.54 mm        | 1.3
                    """
                ),
                _WAYS,
                table(
                    """
                    housing     | housing for crimp contacts
                    header      | header, straight     | 1.2
                    header 90°  | header, right-angled | 1.3
                    lead 150 mm | with leads of 150 mm | 6
                    """
                ),
            ),
        ),
        Family(
            "D-sub %s %s %s",
            "D-sub connector, %s, %s, %s.",
            0.95,
            90,
            (
                one_of(
                    [
                        ("DE-9", 0.8),
                        ("DA-15", 1.0),
                        ("DB-25", 1.4),
                        ("DC-37", 2.1),
                        ("DD-50", 3.2),
                        ("HD-15", 1.1),
                        ("HD-26", 1.9),
                    ]
                ),
                table(
                    """
                    plug   | plug (pins)
                    socket | socket (contacts) | 1.05
                    """
                ),
                table(
                    """
                    solder cup | solder cups
                    PCB 90°    | right-angled for boards | 1.3
                    IDC        | for ribbon cable        | 1.6
                    crimp      | for crimp contacts      | 0.9
                    """
                ),
            ),
        ),
        Family(
            "M12 connector %s %s %s",
            "Round M12 connector, IP67, %s, %s, %s.",
            5.2,
            60,
            (
                [
                    Part(f"{coding} {pins}-pin", f"{coding}-coded, {pins} pins", 0.7 + pins / 10)
                    for coding, counts in (
                        ("A", (3, 4, 5, 8, 12)),
                        ("B", (5,)),
                        ("D", (4,)),
                        ("X", (8,)),
                    )
                    for pins in counts
                ],
                table(
                    """
                    male straight   | male, straight
                    female straight | female, straight
                    male angled     | male, angled   | 1.1
                    female angled   | female, angled | 1.1
                    """
                ),
                table(
                    """
                    screw   | screw terminals
                    1 m PUR | moulded cable 1 m | 1.7
                    2 m PUR | moulded cable 2 m | 2
                    5 m PUR | moulded cable 5 m | 2.9
                    """
                ),
            ),
        ),
    ),
    makers(
        "JST, Molex, TE Connectivity, Harting, Würth Elektronik, Amphenol, Phoenix Contact, Samtec"
    ),
    packs(5, 10, 25, 50, 100, 500),
)


SHELVES = (DIODES, CONNECTORS)
