"""The people of a walk, each with their own browser, and the back office that they use."""

import re
from dataclasses import dataclass, field

from bench.pages.forms import NotThere
from bench.pages.visitor import Page, Record, Visitor

PASSWORD = "correct horse battery staple"
ADA = "ada@example.com"
"""The superuser who is in the data from the beginning."""


@dataclass
class Stage:
    """One back office, and the people who are signed in there: ``ada`` is a superuser."""

    port: int
    record: Record
    people: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, name: str) -> Visitor:
        """The browser of the person with that name, signed in if they were before."""
        if name not in self.people:
            self.people[name] = self.stranger(name)
        return self.people[name]

    def stranger(self, name: str) -> Visitor:
        """A browser without a cookie."""
        return Visitor(name, self.port, self.record)

    @property
    def ada(self) -> Visitor:
        return self.visitor("ada")


def first_key(page: Page, identity: str) -> str:
    """The key of the first record on a list's page.

    Raises:
        NotThere: there is none.
    """
    found = re.search(rf'href="/admin/{identity}/(?:details|edit)/(\d+)["?]', page.body)
    if found is None:
        raise NotThere(f"no {identity} on the page")
    return found[1]
