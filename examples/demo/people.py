"""People made by rule, for demo records."""

from collections.abc import Iterator
from math import gcd

FIRST = (
    *("Ada", "Bruno", "Clara", "Dario", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katja"),
    *("Liam", "Mira", "Nils", "Olga", "Pavel", "Quirin", "Rosa", "Selim", "Tilda", "Umberto"),
    *("Vera", "Wanda", "Xenia", "Yusuf", "Zoé"),
)
LAST = (
    *("Albers", "Brandt", "Conti", "Dvořák", "Engström", "Fischer", "Goldberg", "Hoffmann"),
    *("Ivanova", "Jansen", "Kaya", "Lindqvist", "Moreau", "Novak", "O'Brien", "Petrov", "Quist"),
    *("Rossi", "Schäfer", "Tanaka", "Ulrich", "Vargas", "Weber", "Yıldız", "Zimmermann"),
)
PEOPLE = len(FIRST) * len(LAST)

ASCII = str.maketrans({"é": "e", "ř": "r", "á": "a", "ö": "oe", "ä": "ae", "ı": "i", "'": ""})


def people(count: int) -> Iterator[tuple[str, str, str, bool]]:
    """``count`` people, at most ``PEOPLE``: first name, last name, e-mail, whether active."""
    step = next(step for step in range(27, PEOPLE) if gcd(step, PEOPLE) == 1)
    for number in range(count):
        row, column = divmod(number * step % PEOPLE, len(FIRST))
        first, last = FIRST[column], LAST[row]
        email = f"{first}.{last}@example.com".lower().translate(ASCII)
        yield first, last, email, number % 5 != 4
