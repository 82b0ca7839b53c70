"""The overview: a search, what needs attention, the latest changes, and the kinds of records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.responses import Response

from backoffice.admin.changes.describe import feed_entries
from backoffice.admin.forms.build import may_add
from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.filters import filters_of
from backoffice.admin.lists.filters.base import FilterContext
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.index import Attention, IndexEntry, IndexPage, SearchedList
from backoffice.admin.pages.parts import Link
from backoffice.admin.records.counting import bounded_count
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.language import _
from backoffice.models import Changeset

LATEST = 8
"""Changesets on the overview."""

SEARCH, IN = "search", "in"
"""The parameters of the search: its words, and the identity of the list."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice of a view's filter that the overview counts."""

    view: RecordView
    text: str
    name: str
    value: str
    query: ListQuery


def index_screen(context: Context) -> Response:
    """The kinds of records that the person may list, the pages that they may open, and the latest
    changes that they may see. A search redirects to the list that is searched."""
    views = [view for view in context.site.record_views if context.may("list", view)]
    parameters = context.request.query_params
    if SEARCH in parameters:
        for view in views:
            if view.identity == parameters.get(IN):
                words = urlencode({SEARCH: parameters[SEARCH]})
                return context.redirect(f"{context.site.href(view.identity, 'list')}?{words}")
    feed = next((view for view in views if view.model is Changeset), None)
    listed = [view for view in views if view is not feed]
    entries, attention = _counted(context, listed)
    page = IndexPage(
        heading=_("Welcome, {name}", name=context.person.name),
        entries=(*entries, *_pages(context)),
        searched=tuple(SearchedList(view.identity, view.title_plural) for view in views),
        attention=attention,
        latest=_latest_changes(context, feed) if feed is not None else (),
        feed_href=context.site.href(feed.identity, "list") if feed is not None else None,
        own_changes=_own_changes(context, feed) if feed is not None else None,
    )
    return page_response(context, "index.html", _("Overview"), page)


def _counted(
    context: Context, views: list[RecordView]
) -> tuple[tuple[IndexEntry, ...], tuple[Attention, ...]]:
    """An entry for each view, and the choices that have records, all counted in one statement."""
    if not views:
        return (), ()
    choices = [choice for view in views for choice in _choices(context, view)]
    queries = [ListQuery(view).seen_by(context) for view in views]
    queries += [choice.query for choice in choices]
    columns = [query.bounded_count().label(f"count_{place}") for place, query in enumerate(queries)]
    counts = [bounded_count(found) for found in context.session.execute(select(*columns)).one()]
    entries = tuple(
        IndexEntry(
            name_plural=view.title_plural,
            href=context.site.href(view.identity, "list"),
            count=str(count),
            create_href=(
                context.site.href(view.identity, "create") if may_add(context, view) else None
            ),
            label=view.label,
            icon=view.icon,
        )
        for view, count in zip(views, counts, strict=False)
    )
    attention = tuple(
        Attention(
            text=_(
                "{records}: {choice}",
                records=choice.view.label_of(count.number),
                choice=choice.text,
            ),
            count=str(count),
            href=f"{context.site.href(choice.view.identity, 'list')}?"
            f"{urlencode({choice.name: choice.value})}",
        )
        for choice, count in zip(choices, counts[len(views) :], strict=True)
        if count.number
    )
    return entries, attention


def _choices(context: Context, view: RecordView) -> Iterator[_Choice]:
    """The choices of a view's filters that the overview counts, without those that use a field
    that the person may not see."""
    for option_filter in view.option_filters:
        if not option_filter.on_overview:
            continue
        found = filters_of(view)[option_filter.name]
        query = ListQuery(view).seen_by(context)
        for value, text in option_filter.options(context):
            given = {option_filter.name: [value]}
            try:
                applied = found.read(given, FilterContext(query.now, context))
            except InvalidCondition:
                continue
            if applied is not None:
                yield _Choice(
                    view,
                    text,
                    option_filter.name,
                    value,
                    replace(query, applied_filters=(applied,)),
                )


def _pages(context: Context) -> tuple[IndexEntry, ...]:
    """An entry for each custom page that the person may open."""
    site = context.site
    return tuple(
        IndexEntry(name_plural=_(page.name), href=site.page_href(page), count="", icon=page.icon)
        for page in site.pages
        if page.is_open_to(context.request, site.permissions)
    )


def _latest_changes(context: Context, feed: RecordView) -> tuple[Entry, ...]:
    statement = select(Changeset).where(context.visible(feed)).order_by(Changeset.id.desc())
    return tuple(feed_entries(context, list(context.session.scalars(statement.limit(LATEST)))))


def _own_changes(context: Context, feed: RecordView) -> Link:
    query = urlencode({"person": context.person.user_id})
    return Link(_("Your changes"), f"{context.site.href(feed.identity, 'list')}?{query}")
