"""The whole walk: its chapters in order, each in its own file or together with its neighbours."""

import http.client
from collections import deque
from collections.abc import Callable, Sequence

from bench.pages import lists, people, records, saved, signing_in
from bench.pages.forms import NotThere
from bench.pages.masking import masked
from bench.pages.stage import Stage
from bench.pages.visitor import Record

Chapter = Callable[[Stage], None]

MOST_LINKS = 300
"""Pages that the last chapter opens."""


def all_links(stage: Stage) -> None:
    """Every page that can be reached from the overview, the nearest first."""
    ada = stage.ada
    waiting, seen = deque(["/admin/"]), {"/admin/"}
    while waiting and len(seen) - len(waiting) < MOST_LINKS:
        for address in ada.get(waiting.popleft()).read.addresses("/admin/"):
            # A time in an address makes the address different in each run.
            path = address.partition("#")[0]
            if path not in seen and masked(path) == path:
                seen.add(path)
                waiting.append(path)


CHAPTERS: tuple[Chapter, ...] = (
    signing_in.before_signing_in,
    signing_in.signing_in,
    lists.lists,
    lists.pages_of_lists,
    lists.lookups,
    lists.columns,
    records.reading,
    records.adding,
    records.changing,
    records.conflicts,
    records.conflicts_with_deletes,
    records.deleting,
    records.history_of_records,
    people.roles_and_accounts,
    saved.saved_views,
    people.temporary_passwords,
    people.what_each_may,
    people.editing_people,
    saved.others_views,
    records.undoing,
    lists.searches,
    signing_in.own_password,
    signing_in.colours,
    signing_in.errors,
    all_links,
    signing_in.static_files,
    signing_in.signing_out,
)


def chapters_of(word: str) -> tuple[Chapter, ...]:
    """The chapters with ``word`` in their names, after the sign-in, which the others need."""
    needed = signing_in.signing_in
    return tuple(one for one in CHAPTERS if word in one.__name__ or one is needed)


def walk(port: int, record: Record, chapters: Sequence[Chapter]) -> None:
    """Run the chapters in order. If one cannot go on, this is recorded and the next one runs."""
    stage = Stage(port, record)
    for place, chapter in enumerate(chapters, start=1):
        record.begin(f"{place:02}-{chapter.__name__.replace('_', '-')}")
        try:
            chapter(stage)
        except (NotThere, LookupError, ValueError, OSError, http.client.HTTPException) as error:
            record.write("ended early", [f"{type(error).__name__}: {masked(str(error))}"])
