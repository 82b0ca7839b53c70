"""The overview: the kinds of records, how many there are, and the latest changes."""

from sqlalchemy import select
from starlette.responses import Response

from backoffice.admin.changes.describe import feed_entries
from backoffice.admin.forms.build import may_add
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.index import IndexEntry, IndexPage
from backoffice.admin.records.counting import bounded_count
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.language import _
from backoffice.models import Changeset

LATEST = 8
"""Changesets on the overview."""


def index_screen(context: Context) -> Response:
    """The kinds of records that the person may list, the pages that they may open, and the latest
    changes that they may see."""
    views = [view for view in context.site.record_views if context.may("list", view)]
    feed = next((view for view in views if view.model is Changeset), None)
    page = IndexPage(
        heading=_("Welcome, {name}", name=context.person.name),
        entries=(
            *_entries(context, [view for view in views if view is not feed]),
            *_pages(context),
        ),
        latest=_latest_changes(context, feed) if feed is not None else (),
        feed_href=context.site.href(feed.identity, "list") if feed is not None else None,
    )
    return page_response(context, "index.html", _("Overview"), page)


def _entries(context: Context, views: list[RecordView]) -> tuple[IndexEntry, ...]:
    """An entry for each view, all counted in one statement."""
    if not views:
        return ()
    columns = [
        ListQuery(view).seen_by(context).bounded_count().label(view.identity) for view in views
    ]
    numbers = context.session.execute(select(*columns)).one()
    return tuple(
        IndexEntry(
            name_plural=view.title_plural,
            href=context.site.href(view.identity, "list"),
            count=str(bounded_count(number)),
            create_href=(
                context.site.href(view.identity, "create") if may_add(context, view) else None
            ),
            label=view.label,
            icon=view.icon,
        )
        for view, number in zip(views, numbers, strict=True)
    )


def _pages(context: Context) -> tuple[IndexEntry, ...]:
    """An entry for each page of one's own that the person may open."""
    site = context.site
    return tuple(
        IndexEntry(name_plural=_(page.name), href=site.page_href(page), count="", icon=page.icon)
        for page in site.pages
        if page.is_open_to(context.request, site.permissions)
    )


def _latest_changes(context: Context, feed: RecordView) -> tuple[Entry, ...]:
    statement = select(Changeset).where(context.visible(feed)).order_by(Changeset.id.desc())
    return tuple(feed_entries(context, list(context.session.scalars(statement.limit(LATEST)))))
