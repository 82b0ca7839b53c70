"""The first page: what there is, and how much of it."""

from sqlalchemy import select
from starlette.responses import Response

from backoffice.admin.changes.describe import feed_entries
from backoffice.admin.forms.build import may_add
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.index import IndexEntry, IndexPage
from backoffice.admin.records.counting import bounded_count
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context
from backoffice.models import Changeset

LATEST = 8
"""Changes on the first page."""


def index_screen(context: Context) -> Response:
    """The kinds of records that the person may list, all counted in one statement."""
    views = [view for view in context.site.record_views if context.may("list", view)]
    counted = [view for view in views if view.model is not Changeset]
    counts: tuple[int, ...] = ()
    if counted:
        columns = [
            ListQuery(view, visible=view.visible(context)).bounded_count().label(view.identity)
            for view in counted
        ]
        counts = tuple(context.session.execute(select(*columns)).one())
    entries = tuple(
        IndexEntry(
            name_plural=view.name_plural,
            href=context.site.href(view.identity, "list"),
            count=str(bounded_count(number)),
            create_href=(
                context.site.href(view.identity, "create") if may_add(context, view) else None
            ),
            label=view.label,
            icon=view.icon,
        )
        for view, number in zip(counted, counts, strict=True)
    )
    heading = f"Welcome, {context.person.name}"
    feed = next((view for view in views if view.model is Changeset), None)
    latest: tuple[Entry, ...] = ()
    if feed is not None:
        statement = select(Changeset).where(feed.visible(context)).order_by(Changeset.id.desc())
        latest = tuple(
            feed_entries(context, list(context.session.scalars(statement.limit(LATEST))))
        )
    page = IndexPage(
        heading,
        entries,
        latest=latest,
        feed_href=context.site.href(feed.identity, "list") if feed is not None else None,
    )
    return page_response(context, "index.html", "Overview", page)
