"""The first page: what there is, and how much of it."""

from sqlalchemy import select
from starlette.responses import Response

from backoffice.admin.listing import COUNT_LIMIT, Count, ListQuery
from backoffice.admin.pages import IndexEntry, IndexPage
from backoffice.admin.visit import Visit


def index_screen(visit: Visit) -> Response:
    """The kinds of records that the person may list, all counted in one statement."""
    views = [view for view in visit.site.record_views if visit.may("list", view)]
    counts: tuple[int, ...] = ()
    if views:
        columns = [ListQuery(view).bounded_count().label(view.identity) for view in views]
        counts = tuple(visit.session.execute(select(*columns)).one())
    entries = tuple(
        IndexEntry(
            label=view.name_plural,
            href=visit.site.href(view.identity, "list"),
            count=str(Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT)),
            create_href=(
                visit.site.href(view.identity, "create") if visit.may("create", view) else None
            ),
            noun=view.noun,
            icon=view.icon,
        )
        for view, number in zip(views, counts, strict=True)
    )
    heading = f"Welcome, {visit.person.name}"
    return visit.page("index.html", "Overview", IndexPage(heading, entries))
