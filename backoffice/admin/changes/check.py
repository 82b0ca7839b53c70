"""The views' rules about changes, checked on the changeset before the commit.

Forms, deletes and undos write records in different ways, but all of them write a changeset. So a
rule that is checked there holds for each of them.
"""

from sqlalchemy import select

from backoffice.admin.changes.record_rules import check_written
from backoffice.admin.view import Context
from backoffice.history.audited import history_name
from backoffice.models import Change


def check_changes(context: Context) -> None:
    """Check the changes of this unit of work by the rules of the views: about single records
    (``record_rules``), and about changes.

    For the latter one statement if there are views with such rules and something was written, none
    otherwise. Superusers may make every change, as far as the rules about records let them.

    Raises:
        InvalidValue: the person may not make one of these changes.
    """
    check_written(context)
    changeset_id = context.session.changeset
    guards = {
        history_name(view.mapper): view for view in context.site.record_views if view.guards_changes
    }
    if changeset_id is None or not guards or context.person.is_superuser:
        return
    statement = (
        select(Change)
        .where(Change.changeset_id == changeset_id, Change.model.in_(guards))
        .order_by(Change.id)
    )
    written: dict[str, list[Change]] = {}
    for change in context.session.scalars(statement):
        written.setdefault(change.model, []).append(change)
    for model in written:
        guards[model].check_changes(context, written)
