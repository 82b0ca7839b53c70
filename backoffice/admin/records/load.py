"""Loading the record that an address names."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from starlette.exceptions import HTTPException

from backoffice.admin.records.keys import has_bound_key, key_parameters, parse_key
from backoffice.admin.records.seen import note_seen
from backoffice.admin.view import Context, RecordView


def load_record(context: Context, view: RecordView, *, for_update: bool = False) -> Any:
    """The record that the address names, with its to-one relations; one statement.

    Raises:
        HTTPException: 404, there is no such record, or the person may not see it.
    """
    key = parse_key(view, context.request.path_params["pk"])
    record = None
    if key is not None:
        statement = view.cache.get(
            ("load_record", for_update),
            lambda: _statement(view, for_update=for_update),
            always=True,
        )
        if not context.sees_all(view):
            statement = statement.where(context.visible(view))
        found = context.session.scalars(statement, key_parameters(view, key))
        record = found.unique().one_or_none()
    if record is None:
        raise HTTPException(404, f"This {view.label} does not exist. It may have been deleted.")
    note_seen(context, view, [record])
    return record


def _statement(view: RecordView, *, for_update: bool) -> Select[Any]:
    statement: Select[Any] = select(view.model).where(has_bound_key(view))
    if for_update:
        return statement.with_for_update()
    for relation in view.mapper.relationships:
        if not relation.uselist and not relation.viewonly:
            statement = statement.options(joinedload(getattr(view.model, relation.key)))
    return statement.options(*view.details_options)
