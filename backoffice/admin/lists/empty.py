"""What a list shows in place of rows, where there are none or they took too long."""

from backoffice.admin.lists.fetch import ListResult
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import is_index_backed
from backoffice.admin.lists.time_limit import seconds_text
from backoffice.admin.pages.list import EmptyState
from backoffice.admin.pages.parts import Link
from backoffice.admin.view import Context


def empty_state(
    context: Context, result: ListResult, list_href: str, all_href: str, *, may_add: bool
) -> EmptyState:
    """Why there are no rows, and where to go.

    ``all_href``: the list without search and filters. ``may_add``: whether the person may add a
    record.
    """
    query, view = result.query, result.query.view
    all_link = Link(f"Show all {view.label_plural}", all_href)
    if result.too_slow:
        return _too_slow(context, query, list_href, all_link)
    if query.filtered:
        return EmptyState(
            f"No {view.label_plural} match",
            "Try other words, or take a filter away.",
            (all_link,),
        )
    create: tuple[Link, ...] = ()
    if may_add:
        create = (Link(f"Add {view.label}", context.site.href(view.identity, "create")),)
    return EmptyState(f"No {view.label_plural} yet", "What you add is listed here.", create)


def _too_slow(context: Context, query: ListQuery, list_href: str, all_link: Link) -> EmptyState:
    view = query.view
    reasons = [
        f"“{word}” is shorter than three characters, which no index finds. Add a longer word."
        for word in query.short_words
    ]
    links = []
    for name, _descending in query.sort[:1]:
        if not is_index_backed(view, name):
            reasons.append(
                f"No index holds {view.label_plural} in the order of {view.label_for(name)}."
            )
            links.append(Link("Use the usual order", list_href + query.query_string(sort=None)))
    if not reasons and query.clauses:
        reasons.append(f"The search “{query.search}” had to look at too many {view.label_plural}.")
    if not reasons:
        reasons.append("The database is slow at present, or lacks an index (see “doctor”).")
    if query.search:
        links.append(Link("Without the search", list_href + query.query_string(search=None)))
    return EmptyState(
        f"This list took longer than {seconds_text(context.settings.list_time_limit)}",
        "It was stopped, so that nobody else waits for it. Narrow it, or ask for less.",
        (*links, all_link),
        tuple(reasons),
    )
