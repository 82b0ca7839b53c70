"""Metric threads, lengths and materials, as fasteners share them."""

from examples.demo.catalogue.family import Part, makers, packs, table

LENGTHS = (
    *(4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90),
    *(100, 110, 120, 130, 140, 150, 160, 180, 200),
)

THREADS = {
    # nominal: the shortest and the longest usual screw, all in mm
    2: (4, 20),
    2.5: (4, 25),
    3: (5, 40),
    4: (6, 60),
    5: (8, 80),
    6: (8, 120),
    8: (10, 160),
    10: (16, 180),
    12: (20, 200),
    14: (25, 160),
    16: (30, 200),
    20: (40, 200),
    24: (50, 200),
}


def weight(diameter: float, length: float) -> float:
    """What steel costs: by volume, beside the same work for every piece."""
    return 1 + diameter * diameter * (length + 2 * diameter) / 400


def threads(smallest: float = 2, largest: float = 24) -> list[Part]:
    return [
        Part(f"M{diameter:g}", f"M{diameter:g}", weight(diameter, diameter / 2))
        for diameter in THREADS
        if smallest <= diameter <= largest
    ]


STEELS = table(
    """
    A2              | stainless steel A2-70         | 2.6
    8.8 zinc        | steel 8.8, zinc plated        | 1.15
    A4              | stainless steel A4-80         | 3.7
    8.8             | steel 8.8, plain
    10.9            | steel 10.9, plain             | 1.35
    10.9 zinc flake | steel 10.9, zinc flake coated | 1.7
    8.8 HDG         | steel 8.8, hot-dip galvanised | 1.55
    12.9            | steel 12.9, plain             | 1.6
    """
)

PLAIN_STEELS = table(
    """
    A2     | stainless steel A2        | 2.6
    zinc   | steel, zinc plated        | 1.1
    A4     | stainless steel A4        | 3.7
    plain  | steel, plain
    HDG    | steel, hot-dip galvanised | 1.5
    brass  | brass                     | 3.2
    PA 6.6 | polyamide 6.6             | 0.8
    """
)

SPRING_STEELS = table(
    """
    spring steel | spring steel, phosphated
    1.4310       | stainless spring steel 1.4310   | 3.1
    zinc flake   | spring steel, zinc flake coated | 1.3
    """
)

MAKERS = makers(
    "Fabory, Reyher, Bossard, Würth, Böllhoff, Keller & Kalmbach, Wegertseder, "
    "Ferdinand Gross, Hilti"
)

PACKS = packs(10, 25, 50, 100, 200, 500, 1000)
