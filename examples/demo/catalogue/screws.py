"""Bolts and screws, by the standards and sizes they are made in."""

from examples.demo.catalogue.family import Family, Part, Shelf, one_of, table
from examples.demo.catalogue.metric import (
    LENGTHS,
    MAKERS,
    PACKS,
    PLAIN_STEELS,
    STEELS,
    THREADS,
    weight,
)


def _screws(pitch: str = "", *, smallest: float = 2, from_length: int = 0) -> list[Part]:
    return [
        Part(
            f"M{diameter:g}{pitch}×{length}",
            f"M{diameter:g}{pitch} × {length} mm",
            weight(diameter, length),
        )
        for diameter, (shortest, longest) in THREADS.items()
        for length in LENGTHS
        if diameter >= smallest and max(shortest, from_length) <= length <= longest
    ]


HEX_BOLTS = Shelf(
    "Hex bolts",
    (
        Family(
            "Hex bolt %s %s %s",
            "Hexagon head bolt with thread up to the head to %s, %s, %s.",
            0.04,
            300,
            (one_of(["DIN 933", "ISO 4017"]), _screws(), STEELS),
        ),
        Family(
            "Hex bolt %s %s %s",
            "Hexagon head bolt with partial thread and shank to %s, %s, %s.",
            0.05,
            180,
            (one_of(["DIN 931", "ISO 4014"]), _screws(smallest=5, from_length=35), STEELS),
        ),
        Family(
            "Flange bolt %s %s %s",
            "Hexagon bolt with flange to %s, %s, %s. Needs no washer.",
            0.07,
            150,
            (one_of(["DIN 6921", "EN 1665"]), _screws(smallest=5), STEELS[:6]),
        ),
    ),
    MAKERS,
    PACKS,
)

SOCKET_SCREWS = Shelf(
    "Socket screws",
    (
        Family(
            "Cap screw %s %s %s",
            "Socket head cap screw with hexagon socket to %s, %s, %s.",
            0.05,
            320,
            (
                one_of(["DIN 912", "ISO 4762", ("DIN 7984", 1.2), ("DIN 6912", 1.3)]),
                _screws(),
                STEELS,
            ),
        ),
        Family(
            "Button head screw ISO 7380-%s %s %s",
            "Button head screw with hexagon socket to ISO 7380-%s, %s, %s.",
            0.06,
            220,
            (one_of(["1", ("2", 1.3)]), _screws(smallest=3), STEELS),
        ),
        Family(
            "Countersunk screw %s %s %s",
            "Countersunk screw, 90°, with hexagon socket to %s, %s, %s.",
            0.06,
            220,
            (one_of(["DIN 7991", "ISO 10642"]), _screws(smallest=3), STEELS),
        ),
        Family(
            "Set screw %s %s %s",
            "Headless set screw with hexagon socket and %s, %s, %s.",
            0.04,
            260,
            (
                table(
                    """
                    DIN 913 | flat point to DIN 913
                    DIN 914 | cone point to DIN 914
                    DIN 915 | dog point to DIN 915 | 1.2
                    DIN 916 | cup point to DIN 916
                    """
                ),
                _screws(),
                table(
                    """
                    A2  | stainless steel A2 | 2.4
                    45H | steel 45H, plain
                    """
                ),
            ),
        ),
    ),
    MAKERS,
    PACKS,
)

_WOOD = [
    Part(f"{diameter:.1f}×{length}", f"{diameter:.1f} × {length} mm", weight(diameter, length))
    for diameter, shortest, longest in (
        *(
            (3.0, 12, 45),
            (3.5, 16, 50),
            (4.0, 16, 70),
            (4.5, 20, 80),
            (5.0, 20, 120),
            (6.0, 40, 200),
        ),
        *((8.0, 80, 200), (10.0, 100, 200)),
    )
    for length in LENGTHS
    if shortest <= length <= longest
]

_TAPPING = [
    Part(f"ST{diameter}×{length:g}", f"ST{diameter} × {length:g} mm", weight(diameter, length))
    for diameter in (2.2, 2.9, 3.5, 3.9, 4.2, 4.8, 5.5, 6.3)
    for length in (6.5, 9.5, 13, 16, 19, 22, 25, 32, 38, 45, 50)
    if 2.5 * diameter <= length <= 11 * diameter
]

WOOD_SCREWS = Shelf(
    "Wood and tapping screws",
    (
        Family(
            "Chipboard screw %s %s %s",
            "Chipboard screw with countersunk head and cutting ribs, %s, %s, %s.",
            0.03,
            500,
            (
                _WOOD,
                one_of(["TX", "PZ"], "%s drive"),
                table(
                    """
                    zinc   | blue zinc plated
                    yellow | yellow zinc plated | 1.05
                    A2     | stainless steel A2 | 2.8
                    """
                ),
            ),
        ),
        Family(
            "Tapping screw %s %s %s",
            "Self-tapping sheet metal screw with %s, %s, %s.",
            0.03,
            350,
            (
                table(
                    """
                    DIN 7981 C-H | pan head and Phillips drive to DIN 7981
                    DIN 7981 C-Z | pan head and Pozidriv to DIN 7981
                    DIN 7982 C-H | countersunk head and Phillips drive to DIN 7982
                    ISO 14585    | pan head and hexalobular drive to ISO 14585         | 1.2
                    ISO 14586    | countersunk head and hexalobular drive to ISO 14586 | 1.2
                    DIN 7976     | hexagon head to DIN 7976                            | 1.1
                    """
                ),
                _TAPPING,
                PLAIN_STEELS[:3],
            ),
        ),
        Family(
            "Drilling screw %s %s %s",
            "Self-drilling screw for sheet metal with %s, %s, %s.",
            0.05,
            280,
            (
                table(
                    """
                    DIN 7504-K | hexagon head and collar to DIN 7504
                    DIN 7504-N | pan head to DIN 7504
                    DIN 7504-P | countersunk head to DIN 7504
                    """
                ),
                _TAPPING,
                table(
                    """
                    zinc | zinc plated
                    A2   | bi-metal stainless steel A2 | 4
                    """
                ),
            ),
        ),
    ),
    MAKERS,
    PACKS,
)


SHELVES = (HEX_BOLTS, SOCKET_SCREWS, WOOD_SCREWS)
