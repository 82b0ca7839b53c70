"""Items made by rule for measurements, unlike the demo's: any number of them, always the same.

What is next to each other in the order by name or by id is in different categories, of very
different sizes; names are long; words are as common or rare as ``SHARES`` says, and know nothing of
each other, of the category, or of the order of names. The letters j, q and x are in the short
tokens alone, so that these are found nowhere else.
"""

from collections.abc import Iterator
from itertools import product
from random import Random

from bench.shelves import MARK, MARKED
from examples.demo.bulk import Row

CATEGORIES = 209
"""As many as the real parts have."""

LONELY = 5
"""The last so many categories hold one item each."""

LARGEST = 0.1
"""The share of the first category; the others' are ever smaller."""

NAME_WORDS = {"walnut": 0.1, "cobalt": 0.01, "peridot": 0.001}
DESCRIPTION_WORDS = {"velvet": 0.1, "granite": 0.01, "saffron": 0.001}
"""Words that some names or descriptions hold, with the share of all rows that do."""

LAST_WORD, LAST_SHARE = "hindmost", 0.01
"""A word of descriptions. Its rows are the last in the order by name: their names begin with Z."""

SHARES = {**NAME_WORDS, **DESCRIPTION_WORDS, LAST_WORD: LAST_SHARE}

PREFIX_TOKEN, PREFIX_EVERY = "zq", 30_011
"""Two letters that begin a word in the names of one row of so many: 333 of ten million."""

INSIDE_TOKEN, INSIDE_WORD, INSIDE_SHARE = "xk", "Brixkel", 0.01
"""Two letters that are only in the middle of a word, which some names hold."""

ABSENT_TOKEN = "jx"
"""Two letters that are nowhere."""

LETTER, LETTER_SHARE = "z", 0.005
"""A letter that is a word of its own in some names."""

_SEED = 20_261_127
_PLACES = 20_000
"""The smallest share of a category, apart from the lonely ones, is one in so many."""


def categories() -> list[str]:
    """The names of all categories: the largest first, the lonely ones last."""
    return [f"{kind} parts" for kind in _words(CATEGORIES)[:CATEGORIES]]


def rows(items: int, ids: list[int]) -> Iterator[Row]:
    """``items`` rows; ``ids`` are those of the categories, in the order of ``categories``.

    Raises:
        ValueError: there are fewer than ``MARKED`` rows to mark.
    """
    if items < MARKED:
        raise ValueError(f"{items} items, of which {MARKED} are to be found by {MARK!r}")
    draw = Random(_SEED).random
    places = [ids[place] for place in _shares_of_categories()]
    lonely = {items * place // (LONELY + 1): ids[-place] for place in range(1, LONELY + 1)}
    leads = _words(_SEED)
    middles, openings, closings = _phrases(2, 15), _phrases(3, 10), _phrases(3, 11)
    in_name, in_description = list(NAME_WORDS.items()), list(DESCRIPTION_WORDS.items())
    step = items // MARKED
    for number in range(items):
        lead = leads[int(draw() * len(leads))]
        name = middles[int(draw() * len(middles))]
        for word, share in in_name:
            if draw() < share:
                name = f"{name} {word}"
        description = openings[int(draw() * len(openings))]
        for word, share in in_description:
            if draw() < share:
                description = f"{description}, {word}"
        if draw() < LAST_SHARE:
            lead = "Zyrelle"
            description = f"{description}, {LAST_WORD}"
        if draw() < INSIDE_SHARE:
            name = f"{name} {INSIDE_WORD}"
        token = _TOKENS[int(draw() * len(_TOKENS))]
        if draw() < LETTER_SHARE:
            token = f"{token} {LETTER}"
        if number % PREFIX_EVERY == 0:
            token = f"{PREFIX_TOKEN}{token}"
        # Odd, so that each number up to 2³² becomes another one.
        code = number * 2_654_435_761 & 0xFFFFFFFF
        mark = f" {MARK} grade." if number % step == 0 and number < step * MARKED else ""
        yield (
            lonely.get(number, places[int(draw() * _PLACES)]),
            f"{lead} {name} {token} {code:08X}",
            f"{description}. {closings[int(draw() * len(closings))].capitalize()}.{mark}",
            50 + int(draw() * 500_000),
            int(draw() * 5_000),
        )


def _shares_of_categories() -> list[int]:
    """Places of categories; each is there as often as its share of ``_PLACES`` says."""
    weights = [1 / (place + 1) for place in range(1, CATEGORIES - LONELY)]
    rest = _PLACES * (1 - LARGEST) - len(weights)
    drawn = [0] * int(_PLACES * LARGEST)
    for place, weight in enumerate(weights, start=1):
        drawn += [place] * (1 + int(rest * weight / sum(weights)))
    return (drawn + [1] * _PLACES)[:_PLACES]


def _words(seed: int) -> list[str]:
    """Some thousand invented names, each with a capital, none with Z."""
    starts = (
        "Ba Bre Ca Cor Da Dri El Fa Fro Ga Gri Ha Hol In Ka Kle La Lu Ma Mo Na Ol Pa Pre Ra Ro "
    )
    starts += "Sa Ste Ta Tri Ul Va Wen Wi Ya"
    middles = "bi da fe go la li mo na no ra ri ru sa so ta ti tu va ve vo"
    ends = "bel dan fen gor lin mar nor pel ros sel ton vik"
    made = ["".join(parts) for parts in product(starts.split(), middles.split(), ends.split())]
    Random(seed).shuffle(made)
    return made


def _phrases(least: int, most: int) -> list[str]:
    """Phrases of so many words, more short ones than long ones."""
    draw, words = Random(most), _VOCABULARY.split()
    lengths = (min(draw.randint(least, most), draw.randint(least, most)) for _turn in range(700))
    return [" ".join(draw.sample(words, length)) for length in lengths]


_VOCABULARY = """
adapter anchor angle arm bar base bracket brush bush cap carrier case chain clamp clip  collar
cover cradle crank cup damper deck dial disc door drum edge elbow end fan filter finger  flange
foot fork frame gasket gear grille grip guide handle head hinge holder hook hose hub  insert key
knob latch leg lever lid lining link lock loop mast mount needle nest nut pad panel  pedal pin
pipe plate plug pole post pulley rack rail ring rod roller runner saddle scale screen  seal seat
shaft shell shelf shield shim shoe sleeve slide socket spacer spindle spring stand  stem stop
strap strip strut support tank tip track tray trim tube valve vane washer wheel wing  amber black
blue broad bright brown coarse dark deep dull fine flat folded grey green hard  heavy high hollow
large left light long low matt moulded narrow open outer pale plain pressed  red ribbed right
rolled round sealed short single slim small smooth soft solid split stiff  straight tall tapered
thick thin turned upper white wide woven
"""

_TOKENS = (
    [f"M{size}" for size in (2, 3, 4, 5, 6, 8, 10, 12, 16, 20)]
    + [f"{a}{unit}{b}" for a in (1, 2, 3, 4, 6, 8) for unit in "kRnup" for b in (0, 2, 5, 7)]
    + [f"{letter}{digit}" for letter in "ABCDEFGHKLPRSTUVW" for digit in range(1, 6)]
)
