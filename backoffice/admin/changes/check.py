"""Rules about what somebody may write, asked of the changeset itself: no way round them.

Forms, deletes and undos write differently, and all write a changeset; so a view's rules about a
change are asked of the changes in it, before the commit.
"""

from sqlalchemy import select

from backoffice.admin.view import Context
from backoffice.history.audited import history_name
from backoffice.models import Change


def check_changes(context: Context) -> None:
    """Ask the views that guard their changes about those of this unit of work.

    One statement if any view is concerned, none otherwise.

    Raises:
        InvalidValue: the person may not make one of these changes.
    """
    number = context.session.changeset
    guards = {
        history_name(view.mapper): view for view in context.site.record_views if view.guards_changes
    }
    if number is None or not guards or context.person.is_superuser:
        return
    statement = (
        select(Change)
        .where(Change.changeset_id == number, Change.model.in_(guards))
        .order_by(Change.id)
    )
    written: dict[str, list[Change]] = {}
    for change in context.session.scalars(statement):
        written.setdefault(change.model, []).append(change)
    for model in written:
        guards[model].check_changes(context, written)
