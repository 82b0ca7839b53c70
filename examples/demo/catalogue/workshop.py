"""Hoses, drills and bits."""

from examples.demo.catalogue.family import Family, Part, Shelf, makers, one_of, packs, table

COLOURS = ("black", "blue", "clear", "red", "green", "yellow", "white", "orange", "grey")

HOSES = Shelf(
    "Tubes and hoses",
    (
        Family(
            "%s %s %s %s",
            "%s, outer × inner diameter %s, %s, %s.",
            0.42,
            45,
            (
                table(
                    """
                    PU tube | Polyurethane tube for compressed air, 98 Shore A, to 10 bar
                    PA tube | Polyamide 12 tube for air and oil, to 20 bar   | 1.2
                    PE tube | Polyethylene tube for air and water, to 10 bar | 0.6
                    """
                ),
                [
                    Part(f"{outer}×{inner:g} mm", f"{outer} × {inner:g} mm", outer * outer / 36)
                    for outer, inner in (
                        (4, 2.5),
                        (4, 2),
                        (6, 4),
                        (8, 6),
                        (8, 5.5),
                        (10, 8),
                        (12, 9),
                        (16, 12),
                    )
                ],
                one_of(COLOURS),
                [
                    Part(f"{metres} m", f"coil of {metres} m", metres)
                    for metres in (5, 10, 25, 50, 100)
                ],
            ),
        ),
        Family(
            "Heat-shrink tube %s %s %s %s",
            "Polyolefin heat-shrink tube, shrinks %s, from %s, %s, %s.",
            0.35,
            80,
            (
                table(
                    """
                    2:1 | to one half
                    3:1 | to one third, with glue | 2.2
                    """
                ),
                [
                    Part(f"{size:g} mm", f"{size:g} mm", 0.6 + size / 8)
                    for size in (1.2, 1.6, 2.4, 3.2, 4.8, 6.4, 9.5, 12.7, 19.1, 25.4, 38.1, 50.8)
                ],
                one_of(COLOURS[:7]),
                [Part(f"{metres} m", f"{metres} m", metres) for metres in (1, 5, 10, 30)],
            ),
        ),
    ),
    makers("Festo, SMC, Legris, Eisele, Norgren, Camozzi, Nitto, Raychem, Hellermann"),
    packs(2, 5, 10, 20),
)

_DRILLS = [
    Part(f"{tenth / 10:.1f} mm", f"{tenth / 10:.1f} mm", 0.8 + (tenth / 30) ** 2)
    for tenth in (*range(10, 131), 135, 140, 145, 150, 155, 160)
]

DRILLS = Shelf(
    "Drills and bits",
    (
        Family(
            "Twist drill %s %s %s",
            "Twist drill to %s, %s, %s.",
            0.9,
            70,
            (
                table(
                    """
                    DIN 338 | DIN 338, jobber length
                    DIN 340 | DIN 340, long | 1.9
                    """
                ),
                _DRILLS,
                table(
                    """
                    HSS-G     | ground high-speed steel
                    HSS-E Co5 | cobalt steel for stainless | 2.1
                    HSS-TiN   | titanium nitride coated    | 1.7
                    """
                ),
            ),
        ),
        Family(
            "Hammer drill SDS-plus %s %s",
            "Carbide hammer drill with SDS-plus shank for concrete, %s, %s.",
            2.4,
            40,
            (
                [
                    Part(f"{d:g}×{total}", f"{d:g} mm × {total} mm", 0.4 + d * total / 1400)
                    for d in (4, 5, 5.5, 6, 6.5, 7, 8, 10, 12, 14, 16, 18, 20)
                    for total in (110, 160, 210, 260, 310, 450)
                ],
                table(
                    """
                    2-cutter | two cutting edges
                    4-cutter | four cutting edges | 1.6
                    """
                ),
            ),
        ),
        Family(
            "Screwdriver bit %s %s %s",
            "Screwdriver bit for 1/4 inch holders, %s, %s, %s.",
            0.7,
            160,
            (
                one_of(
                    [
                        *("PH0", "PH1", "PH2", "PH3", "PZ0", "PZ1", "PZ2", "PZ3"),
                        *("TX6", "TX8", "TX10", "TX15", "TX20", "TX25", "TX27", "TX30", "TX40"),
                        *("HEX 2", "HEX 2.5", "HEX 3", "HEX 4", "HEX 5", "HEX 6", "HEX 8"),
                        *("SL 4", "SL 5.5", "SL 6.5"),
                    ],
                    "tip %s",
                ),
                [Part(f"{mm} mm", f"{mm} mm long", mm / 30) for mm in (25, 50, 70, 90, 150)],
                table(
                    """
                    standard | tool steel
                    torsion  | torsion zone for impact drivers | 1.8
                    TiN      | titanium nitride coated         | 1.6
                    """
                ),
            ),
        ),
        Family(
            "Machine tap %s %s %s",
            "Machine tap to %s, %s, %s.",
            7.5,
            25,
            (
                table(
                    """
                    DIN 371 | DIN 371, reinforced shank
                    DIN 376 | DIN 376, slim shank
                    """
                ),
                [
                    Part(f"M{d:g}", f"thread M{d:g}", 0.8 + d / 12)
                    for d in (3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 22, 24)
                ],
                table(
                    """
                    form B  | spiral point for through holes
                    form C  | 35° spiral flutes for blind holes | 1.15
                    forming | forms the thread without chips    | 1.4
                    """
                ),
            ),
        ),
    ),
    makers("Gühring, Bosch, Ruko, Heller, Alpen, Wera, Wiha, Dormer, Hartner"),
    packs(2, 5, 10, 25, 50),
)


SHELVES = (HOSES, DRILLS)
