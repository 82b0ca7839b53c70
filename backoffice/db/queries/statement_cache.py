"""One cache for statements and what they are built of.

Building a statement in Python takes longer than running it. A view has one cache of this kind, and
each module that builds statements for the view names its own keys:

    terms = view.cache.get(("sort terms", sort), lambda: _sort_terms(view, sort))

A statement that the database shall plan only once is built as a ``PreparedSelect``
(``db.queries.prepared``) and cached here in the same way.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST_ENTRIES = 1000
"""Entries of one cache. People sort and arrange lists in more ways than a process can remember."""


class StatementCache:
    """Keeps each value that ``get`` builds. Threads may share it.

    It forgets nothing: an alias must be the same object in each statement that names it.
    ``most``: from this number of entries on, ``get`` builds without keeping.
    """

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self._most = most
        self._entries: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(
        self,
        key: Hashable,
        build: Callable[[], T],
        *,
        always: bool = False,
        fits: Callable[[T], bool] | None = None,
    ) -> T:
        """The value for ``key``; ``build`` makes it if there is none.

        ``key``: begin it with a word of the module's own. ``always``: keep it in a full cache too,
        for keys whose number the view's declaration limits. ``fits``: whether the cached value can
        still be used; where not, a new one takes its place. Without it, two threads that build one
        value at the same time both get the first one.
        """
        if key in self._entries:
            cached: T = self._entries[key]
            if fits is None or fits(cached):
                return cached
        built = build()
        if fits is not None and key in self._entries:
            self._entries[key] = built
            return built
        if not always and len(self._entries) >= self._most:
            return built
        # One step, so that no thread replaces what another one has used already.
        first: T = self._entries.setdefault(key, built)
        return first
