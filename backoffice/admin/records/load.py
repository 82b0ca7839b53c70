"""Loading the record that an address names, or several by their keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from starlette.exceptions import HTTPException

from backoffice.admin.pages.parts import Link
from backoffice.admin.records.keys import (
    has_bound_key,
    has_key_in,
    key_attributes,
    key_parameters,
    parse_key,
)
from backoffice.admin.records.seen import note_seen
from backoffice.admin.view import Context, RecordView
from backoffice.language import _


class NoRecord(HTTPException):
    """404: there is no such record, or the person may not see it.

    ``heading``: of the page that says so; "" for that of every missing page. ``link``: where to go
    first; None for the list.
    """

    def __init__(self, detail: str, *, heading: str = "", link: Link | None = None) -> None:
        super().__init__(404, detail)
        self.heading = heading
        self.link = link


def load_record(context: Context, view: RecordView, *, for_update: bool = False) -> Any:
    """The record that the address names, with its to-one relations; one statement.

    Raises:
        NoRecord: 404, there is no such record, or the person may not see it.
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
        raise NoRecord(_("This {label} doesn't exist. It may have been deleted.", label=view.label))
    note_seen(context, view, [record])
    return record


def load_records(
    context: Context, view: RecordView, keys: Sequence[Any], *, for_update: bool
) -> list[Any]:
    """The records with these keys that the person may see, in the order of their keys; one
    statement. ``for_update``: whether to lock them."""
    statement: Select[Any] = select(view.model).where(has_key_in(view, keys))
    if not context.sees_all(view):
        statement = statement.where(context.visible(view))
    statement = statement.order_by(*key_attributes(view))
    if for_update:
        statement = statement.with_for_update()
    records = list(context.session.scalars(statement))
    note_seen(context, view, records)
    return records


def _statement(view: RecordView, *, for_update: bool) -> Select[Any]:
    statement: Select[Any] = select(view.model).where(has_bound_key(view))
    if for_update:
        return statement.with_for_update()
    for relation in view.mapper.relationships:
        if not relation.uselist and not relation.viewonly:
            statement = statement.options(joinedload(getattr(view.model, relation.key)))
    return statement.options(*view.details_options)
