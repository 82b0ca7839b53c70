"""Relays, fuses and switches."""

from examples.demo.catalogue.family import Family, Part, Shelf, makers, one_of, packs, table

COILS = ("24 V DC", "12 V DC", "5 V DC", "48 V DC", "110 V DC", "24 V AC", "115 V AC", "230 V AC")

RELAYS = Shelf(
    "Relays and contactors",
    (
        Family(
            "Relay %s %s %s %s",
            "Electromechanical relay, %s, coil %s, %s, %s.",
            2.4,
            80,
            (
                table(
                    """
                    PCB         | for boards, 15.7 mm high
                    plug-in     | plug-in, with test button         | 2.1
                    slim 6.2 mm | 6.2 mm slim, with DIN rail socket | 3
                    """
                ),
                one_of(COILS),
                table(
                    """
                    1 CO 16 A | one changeover contact, 16 A
                    2 CO 8 A  | two changeover contacts, 8 A  | 1.1
                    1 CO 6 A  | one changeover contact, 6 A   | 0.9
                    4 CO 5 A  | four changeover contacts, 5 A | 1.7
                    """
                ),
                table(
                    """
                    AgNi    | contacts of silver nickel
                    AgNi+Au | gold-plated contacts for small signals  | 1.4
                    AgSnO2  | tin oxide contacts for lamps and motors | 1.2
                    """
                ),
            ),
        ),
        Family(
            "Solid-state relay %s %s %s",
            "Solid-state relay, %s, input %s, %s.",
            11.0,
            25,
            (
                [
                    Part(f"{a} A", f"{a} A", 0.6 + a / 40)
                    for a in (2, 3, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100)
                ],
                one_of(["3–32 V DC", "4–15 V DC", "15–32 V DC", "90–280 V AC"]),
                table(
                    """
                    zero-cross 280 V | switches at zero crossing, to 280 V AC
                    random 280 V     | switches at once, to 280 V AC          | 1.1
                    zero-cross 600 V | switches at zero crossing, to 600 V AC | 1.4
                    DC 60 V          | switches DC to 60 V                    | 1.5
                    """
                ),
            ),
        ),
        Family(
            "Contactor %s %s %s",
            "Three-pole contactor, %s, coil %s, %s.",
            17.5,
            20,
            (
                [
                    Part(f"{kw:g} kW {a} A", f"{kw:g} kW at 400 V, {a} A (AC-3)", 0.7 + a / 20)
                    for kw, a in (
                        (2.2, 6),
                        (4, 9),
                        (5.5, 12),
                        (7.5, 16),
                        (11, 25),
                        (15, 32),
                        (18.5, 40),
                        (22, 50),
                        (30, 65),
                        (37, 80),
                        (45, 95),
                    )
                ],
                one_of(COILS),
                table(
                    """
                    1 NO        | one auxiliary contact, normally open
                    1 NC        | one auxiliary contact, normally closed
                    1 NO + 1 NC | two auxiliary contacts | 1.1
                    """
                ),
            ),
        ),
    ),
    makers(
        "Finder, Omron, Schneider Electric, Siemens, ABB, Eaton, Phoenix Contact, "
        "Panasonic, Weidmüller"
    ),
    packs(2, 5, 10, 20, 50),
)

_CURRENTS = (
    *(
        "32 mA",
        "50 mA",
        "63 mA",
        "80 mA",
        "100 mA",
        "125 mA",
        "160 mA",
        "200 mA",
        "250 mA",
        "315 mA",
    ),
    *("400 mA", "500 mA", "630 mA", "800 mA", "1 A", "1.25 A", "1.6 A", "2 A", "2.5 A", "3.15 A"),
    *("4 A", "5 A", "6.3 A", "8 A", "10 A", "12.5 A", "16 A"),
)

FUSES = Shelf(
    "Fuses and circuit breakers",
    (
        Family(
            "Fuse %s %s %s %s",
            "Cartridge fuse %s, %s, %s, %s.",
            0.18,
            600,
            (
                table(
                    """
                    5×20 mm   | 5 × 20 mm, 250 V
                    6.3×32 mm | 6.3 × 32 mm, 250 V | 1.4
                    """
                ),
                table(
                    """
                    T  | time-lag
                    F  | quick-acting
                    FF | very quick-acting | 1.9
                    """
                ),
                one_of(_CURRENTS),
                table(
                    """
                    glass   | glass body
                    ceramic | ceramic body, 1,500 A breaking capacity | 1.5
                    """
                ),
            ),
        ),
        Family(
            "Circuit breaker %s%s %s %s",
            "Miniature circuit breaker, characteristic %s, %s A, %s, %s.",
            4.2,
            60,
            (
                table(
                    """
                    B | B
                    C | C | 1.1
                    D | D | 1.4
                    K | K | 1.5
                    """
                ),
                one_of(["16", "10", "6", "13", "20", "25", "32", "40", "50", "63", "2", "4"]),
                table(
                    """
                    1P   | one pole
                    3P   | three poles          | 3.1
                    2P   | two poles            | 2.1
                    1P+N | one pole and neutral | 1.9
                    """
                ),
                table(
                    """
                    6 kA  | 6 kA
                    10 kA | 10 kA | 1.5
                    """
                ),
            ),
        ),
        Family(
            "Blade fuse %s %s %s",
            "Blade fuse for vehicles, %s, %s, %s.",
            0.14,
            500,
            (
                table(
                    """
                    standard | standard size (ATO)
                    mini     | mini size
                    maxi     | maxi size    | 3.5
                    micro 2  | micro 2 size | 1.4
                    """
                ),
                one_of(["5 A", "7.5 A", "10 A", "15 A", "20 A", "25 A", "30 A"]),
                table(
                    """
                    32 V | to 32 V DC
                    58 V | to 58 V DC | 1.8
                    """
                ),
            ),
        ),
        Family(
            "NH fuse %s %s %s",
            "Knife-blade fuse link, %s, %s, %s.",
            3.8,
            40,
            (
                one_of(
                    [("NH000", 0.8), "NH00", ("NH1", 1.6), ("NH2", 2.3), ("NH3", 3.4)],
                    "size %s, 500 V",
                ),
                table(
                    """
                    gG | for cables and lines (gG)
                    aM | for motors (aM)         | 1.2
                    gR | for semiconductors (gR) | 3
                    """
                ),
                one_of(
                    [
                        f"{amps} A"
                        for amps in (16, 20, 25, 32, 35, 40, 50, 63, 80, 100, 125, 160, 200, 250)
                    ]
                ),
            ),
        ),
    ),
    makers("Littelfuse, Siba, Schurter, ESKA, Eaton, Siemens, ABB, Hager, Mersen"),
    packs(5, 10, 20, 50, 100, 500),
)

_CAPS = ("red", "green", "blue", "yellow", "white", "black", "orange")

SWITCHES = Shelf(
    "Switches and buttons",
    (
        Family(
            "Push button %s %s %s %s",
            "Push button for panels, %s, %s, %s, %s.",
            3.6,
            60,
            (
                table(
                    """
                    22 mm       | 22 mm hole, IP65
                    16 mm       | 16 mm hole, IP65                  | 0.9
                    19 mm steel | 19 mm hole, stainless steel, IP67 | 1.8
                    """
                ),
                one_of(_CAPS),
                table(
                    """
                    unlit     | not illuminated
                    LED 24 V  | LED ring 24 V  | 1.6
                    LED 12 V  | LED ring 12 V  | 1.6
                    LED 230 V | LED ring 230 V | 1.9
                    """
                ),
                table(
                    """
                    momentary | momentary
                    latching  | latching | 1.15
                    """
                ),
            ),
        ),
        Family(
            "Toggle switch %s %s %s",
            "Toggle switch, %s, %s, %s.",
            1.7,
            90,
            (
                table(
                    """
                    SPDT | one changeover contact
                    DPDT | two changeover contacts   | 1.4
                    SPST | one contact               | 0.8
                    3PDT | three changeover contacts | 2.2
                    """
                ),
                table(
                    """
                    ON-ON         | two positions
                    ON-OFF-ON     | three positions            | 1.1
                    (ON)-OFF-(ON) | springs back to the middle | 1.3
                    ON-(ON)       | springs back from one side | 1.2
                    OFF-(ON)      | springs back to off        | 1.1
                    """
                ),
                table(
                    """
                    solder  | solder lugs, 6.35 mm bush
                    PCB     | for boards
                    PCB 90° | for boards, right-angled | 1.1
                    IP67    | sealed, IP67             | 2.4
                    """
                ),
            ),
        ),
        Family(
            "Tact switch %s %s %s",
            "Tactile switch, %s, %s, %s.",
            0.08,
            900,
            (
                table(
                    """
                    6×6 mm     | 6 × 6 mm
                    12×12 mm   | 12 × 12 mm   | 1.6
                    4.5×4.5 mm | 4.5 × 4.5 mm | 1.1
                    """
                ),
                [
                    Part(f"h {mm:g} mm", f"{mm:g} mm high", 0.9 + mm / 30)
                    for mm in (4.3, 5, 6, 7, 8.5, 9.5, 11, 13, 15, 17)
                ],
                table(
                    """
                    THT 160 gf | through-hole, 160 gf
                    THT 260 gf | through-hole, 260 gf
                    SMD 160 gf | surface mount, 160 gf | 1.3
                    SMD 260 gf | surface mount, 260 gf | 1.3
                    """
                ),
            ),
        ),
        Family(
            "Rocker switch %s %s %s %s",
            "Rocker switch, %s, %s, %s, %s.",
            0.95,
            120,
            (
                table(
                    """
                    19×13 mm    | 19 × 13 mm cut-out, 6 A
                    30×22 mm    | 30 × 22 mm cut-out, 16 A | 1.6
                    round 20 mm | 20 mm hole, 6 A          | 0.9
                    """
                ),
                table(
                    """
                    1-pole | one pole
                    2-pole | two poles | 1.4
                    """
                ),
                table(
                    """
                    I-0       | on and off
                    I-0-II    | two ways and off | 1.2
                    momentary | momentary        | 1.1
                    """
                ),
                one_of(["black", ("red lit", 1.5), ("green lit", 1.5), "white", ("blue lit", 1.6)]),
            ),
        ),
    ),
    makers("Schurter, Marquardt, APEM, C&K, Omron, Eaton, Schneider Electric, Siemens, NKK"),
    packs(2, 5, 10, 25, 50, 100),
)


SHELVES = (RELAYS, FUSES, SWITCHES)
