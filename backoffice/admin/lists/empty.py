"""What a list shows in place of rows, where there are none or they took too long."""

from backoffice.admin.lists.fetch import ListResult
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import is_index_backed
from backoffice.admin.lists.time_limit import seconds_text
from backoffice.admin.pages.list import EmptyState
from backoffice.admin.pages.parts import Link
from backoffice.admin.view import Context
from backoffice.language import _


def empty_state(
    context: Context, result: ListResult, list_href: str, all_href: str, *, may_add: bool
) -> EmptyState:
    """Why there are no rows, and where to go.

    ``all_href``: the list without search and filters. ``may_add``: whether the person may add a
    record.
    """
    query, view = result.query, result.query.view
    all_link = Link(_("Show all {records}", records=view.label_plural), all_href)
    if result.too_slow:
        return _too_slow(context, query, list_href, all_link)
    if query.filtered:
        return EmptyState(
            _("No {records} match", records=view.label_plural),
            _("Try other words, or remove a filter."),
            (all_link,),
        )
    create: tuple[Link, ...] = ()
    if may_add:
        text = _("Add {record}", record=view.label)
        create = (Link(text, context.site.href(view.identity, "create")),)
    title = _("No {records} yet", records=view.label_plural)
    if not may_add:
        return EmptyState(title, "")
    added = view.title_plural
    return EmptyState(title, _("{records} you add appear here.", records=added), create)


def _too_slow(context: Context, query: ListQuery, list_href: str, all_link: Link) -> EmptyState:
    view = query.view
    reasons = [
        _("“{word}” is shorter than three characters, so every record is read.", word=word)
        for word in query.short_words
    ]
    links = []
    for name, _descending in query.sort[:1]:
        if not is_index_backed(view, name):
            reasons.append(
                _(
                    "There is no index to sort {records} by {column}.",
                    records=view.label_plural,
                    column=view.label_for(name),
                )
            )
            links.append(
                Link(_("Use the default order"), list_href + query.query_string(sort=None))
            )
    if not reasons and query.clauses:
        reasons.append(
            _(
                "The search “{text}” had to read too many {records}.",
                text=query.search,
                records=view.label_plural,
            )
        )
    if not reasons:
        reasons.append(_("The database is slow, or an index is missing. Tell an administrator."))
    if query.search:
        links.append(Link(_("Clear the search"), list_href + query.query_string(search=None)))
    return EmptyState(
        _("This list took longer than {time}", time=seconds_text(context.settings.list_time_limit)),
        _("It was stopped so that it slows nobody down. Search for something more specific."),
        (*links, all_link),
        tuple(reasons),
    )
