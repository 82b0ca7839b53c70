"""Terminal blocks and cable."""

from examples.demo.catalogue.family import Family, Part, Shelf, makers, one_of, packs, table

SQUARES = (0.14, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 4, 6, 10, 16, 25, 35)

TERMINALS = Shelf(
    "Terminal blocks",
    (
        Family(
            "PCB terminal block %s %s %s %s",
            "Terminal block for boards, %s, pitch %s, %s, %s.",
            0.22,
            250,
            (
                [Part(f"{ways}-way", f"{ways} ways", ways / 2) for ways in range(2, 17)],
                one_of(["5.08 mm", "3.5 mm", "3.81 mm", "5.0 mm", ("7.5 mm", 1.4)]),
                table(
                    """
                    screw     | screw clamps
                    spring    | push-in springs     | 1.5
                    pluggable | two-part, pluggable | 2.3
                    """
                ),
                one_of(["green", "grey", "black"]),
            ),
        ),
        Family(
            "DIN rail terminal %s %s %s",
            "Terminal for 35 mm DIN rail, %s, %s, %s.",
            0.85,
            200,
            (
                [Part(f"{mm2:g} mm²", f"to {mm2:g} mm²", 0.7 + mm2 / 8) for mm2 in SQUARES[4:]],
                table(
                    """
                    feed-through | feed-through
                    earth        | green-yellow, earths to the rail | 2.6
                    double       | two levels                       | 1.9
                    disconnect   | with knife disconnect            | 3.1
                    fuse         | for 5×20 mm fuses                | 3.8
                    """
                ),
                one_of(["grey", "blue", "beige", "red", "black", ("orange", 1.05)]),
            ),
        ),
        Family(
            "Wire ferrule %s %s %s",
            "Wire-end ferrule, %s, %s, %s.",
            0.02,
            3000,
            (
                [Part(f"{mm2:g} mm²", f"for {mm2:g} mm²", 0.6 + mm2 / 3) for mm2 in SQUARES],
                table(
                    """
                    8 mm  | 8 mm long
                    10 mm | 10 mm long | 1.1
                    12 mm | 12 mm long | 1.2
                    18 mm | 18 mm long | 1.5
                    """
                ),
                table(
                    """
                    insulated | with plastic collar (DIN 46228-4)
                    bare      | without collar (DIN 46228-1) | 0.6
                    twin      | for two wires                | 1.6
                    """
                ),
            ),
        ),
    ),
    makers(
        "Phoenix Contact, WAGO, Weidmüller, Entrelec, Wieland, Klemsan, Würth Elektronik, Degson"
    ),
    packs(5, 10, 25, 50, 100, 500),
)

COLOURS = (
    *(
        "black",
        "blue",
        "brown",
        "red",
        "green-yellow",
        "grey",
        "white",
        "orange",
        "yellow",
        "violet",
    ),
    *("dark blue", "green", "pink"),
)

LENGTHS = [Part(f"{m} m", f"{m} m", m) for m in (10, 25, 50, 100, 500)]

CABLE = Shelf(
    "Wire and cable",
    (
        Family(
            "Wire %s %s %s, %s",
            "Single-core wire %s, %s, %s, %s.",
            0.09,
            40,
            (
                table(
                    """
                    H07V-K | H07V-K, fine-stranded, 450/750 V
                    H05V-K | H05V-K, fine-stranded, 300/500 V     | 0.9
                    H07Z-K | H07Z-K, fine-stranded, halogen-free  | 1.3
                    LiFY   | LiFY, extra flexible, for test leads | 2.4
                    """
                ),
                [Part(f"{mm2:g} mm²", f"{mm2:g} mm²", 0.5 + mm2) for mm2 in SQUARES[2:11]],
                one_of(COLOURS),
                LENGTHS,
            ),
        ),
        Family(
            "Cable %s %s, %s",
            "Cable %s, %s, %s.",
            0.28,
            30,
            (
                table(
                    """
                    YSLY-JZ    | YSLY-JZ, PVC control cable, numbered cores
                    Ölflex 110 | Ölflex Classic 110, PVC control cable | 1.3
                    LiYY       | LiYY, PVC data cable, coloured cores  | 0.8
                    LiYCY      | LiYCY, PVC data cable, screened       | 1.4
                    H07RN-F    | H07RN-F, rubber cable for outdoors    | 1.8
                    H05VV-F    | H05VV-F, PVC flexible cable           | 0.7
                    chain PUR  | PUR cable for drag chains             | 2.6
                    """
                ),
                [
                    Part(f"{cores}×{mm2:g}", f"{cores} × {mm2:g} mm²", cores * (0.3 + mm2))
                    for cores in (2, 3, 4, 5, 7, 12, 18, 25)
                    for mm2 in (0.5, 0.75, 1, 1.5, 2.5, 4, 6)
                    if cores * mm2 <= 45
                ],
                LENGTHS,
            ),
        ),
        Family(
            "Patch cable %s %s %s",
            "Network patch cable with two RJ45 plugs, %s, %s, %s.",
            2.2,
            90,
            (
                table(
                    """
                    Cat.6A S/FTP  | category 6A, S/FTP, halogen-free
                    Cat.6 U/UTP   | category 6, unscreened | 0.6
                    Cat.5e SF/UTP | category 5e, screened  | 0.55
                    """
                ),
                [
                    Part(f"{m:g} m", f"{m:g} m", 0.7 + m / 3)
                    for m in (0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20)
                ],
                one_of(["grey", "blue", "yellow", "red", "green", "black", "white"]),
            ),
        ),
    ),
    makers("Lapp, Helukabel, Nexans, Prysmian, igus, Belden, Faber, Draka"),
    packs(2, 3, 5, 10),
)


SHELVES = (TERMINALS, CABLE)
